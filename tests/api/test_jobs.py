"""``/jobs`` and ``/server/federation`` as programs see them."""

from twisted.trial.unittest import TestCase

from peertube.api.federation import FederationApi
from peertube.api.jobs import JobsApi
from peertube.errors import Invalid
from peertube.model.users import Role
from tests.http.serving import Answer, Client, gate, resource, viewer
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.work_world import WorkOnTest

SAMPLE_KEYS = {"id", "state", "type", "data", "progress", "error", "createdAt", "finishedOn", "processedOn"}
"""Of every job in an answer of PeerTube 6.3 (``parent`` is there only sometimes)."""


class WorkApiCase(TestCase):
    """A pod with an administrator, a moderator and a user."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.on = WorkOnTest(self.database)
        known = {role.name.lower(): viewer(int(role) + 1, role) for role in Role}
        routes = [
            *JobsApi(jobs=self.on.jobs, work=self.on.work).routes(),
            *FederationApi(health=self.on.health, now_ms=self.on.clock.now_ms).routes(),
        ]
        self.client = Client(resource(routes, gate(known)))

    async def ask(self, method: str, path: str, who: str | None = "administrator") -> Answer:
        """Ask as somebody."""
        return await self.client.ask(method, f"/api/v1{path}", token=who)


class JobsApiTests(WorkApiCase):
    """Jobs."""

    async def test_the_shape_of_a_job(self) -> None:
        """As PeerTube's, with ours beside."""
        await self.on.add("publish-video", payload={"video": "x"})
        [claimed] = await self.on.jobs.claim(1)
        self.on.reactor.advance(1)
        await self.on.jobs.fail(claimed, Invalid("Not a video."))
        answer = (await self.ask("GET", "/jobs/failed")).json
        [job] = answer["data"]
        self.assertEqual(SAMPLE_KEYS | {"priority", "attempts"}, set(job))
        self.assertEqual(
            (1, "failed", "publish-video", {"video": "x"}, "Not a video."),
            (answer["total"], job["state"], job["type"], job["data"], job["error"]),
        )
        self.assertEqual(
            ("1970-01-12T13:46:40.000Z", "1970-01-12T13:46:40.000Z", "1970-01-12T13:46:41.000Z"),
            (job["createdAt"], job["processedOn"], job["finishedOn"]),
        )

    async def test_with_and_without_a_state(self) -> None:
        """All of PeerTube's states are known, and an empty one."""
        await self.on.add()
        await self.on.tell(await self.on.befriend("one.example"))
        expected = {"": 2, "/": 2, "/waiting": 2, "/active": 0, "/delayed": 0, "/completed": 0, "/failed": 0}
        expected.update({"/paused": 0, "/waiting-children": 0, "/prioritized": 0, "/cancelled": 0})
        for path, total in expected.items():
            answer = await self.ask("GET", f"/jobs{path}")
            self.assertEqual((200, total), (answer.status, answer.json["total"]), path)
        answer = await self.ask("GET", "/jobs/waiting?jobType=pod-delivery&start=0&count=1&sort=createdAt")
        self.assertEqual(["one.example"], [job["data"]["host"] for job in answer.json["data"]])

    async def test_wrong_parameters(self) -> None:
        """Named, not guessed."""
        for path, field in (
            ("/jobs/lazy", "state"),
            ("/jobs?sort=name", "sort"),
            ("/jobs?count=-1", "count"),
            ("/jobs?start=x", "start"),
        ):
            answer = await self.ask("GET", path)
            self.assertEqual(400, answer.status, path)
            self.assertIn(field, answer.json["invalid-params"], path)

    async def test_pause_and_resume(self) -> None:
        """Nothing begins in between."""
        await self.on.add()
        self.assertEqual(204, (await self.ask("POST", "/jobs/pause")).status)
        self.assertEqual([], await self.on.jobs.claim(1))
        self.assertEqual(204, (await self.ask("POST", "/jobs/resume")).status)
        self.assertEqual(1, len(await self.on.jobs.claim(1)))

    async def test_retry_and_cancel(self) -> None:
        """By id; what cannot be done is a conflict, what is not there is not found."""
        job_id = await self.on.add()
        for action, status in (("cancel", 204), ("cancel", 409), ("retry", 204), ("retry", 409)):
            self.assertEqual(status, (await self.ask("POST", f"/jobs/{job_id}/{action}")).status, action)
        self.assertEqual(404, (await self.ask("POST", "/jobs/999/retry")).status)
        self.assertEqual(404, (await self.ask("POST", "/jobs/pod-9/cancel")).status)

    async def test_only_for_the_administrator(self) -> None:
        """Jobs tell what users do."""
        for method, path in (
            ("GET", "/jobs"),
            ("GET", "/jobs/waiting"),
            ("POST", "/jobs/pause"),
            ("POST", "/jobs/1/cancel"),
            ("GET", "/server/federation"),
            ("POST", "/server/federation/one.example/drop"),
        ):
            for who, status in ((None, 401), ("nobody", 401), ("user", 403), ("moderator", 403)):
                self.assertEqual(status, (await self.ask(method, path, who)).status, (method, path, who))


class FederationApiTests(WorkApiCase):
    """Health of friends."""

    async def test_health(self) -> None:
        """Everything an admin asks first."""
        pod_id = await self.on.befriend("one.example:9000")
        await self.on.tell(pod_id, 2)
        self.on.reactor.advance(90)
        await self.on.fail(pod_id, 60)
        listing = (await self.ask("GET", "/server/federation")).json
        one = (await self.ask("GET", "/server/federation/one.example:9000")).json
        self.assertEqual({"total": 1, "data": [one]}, listing)
        self.assertEqual(
            {
                "id": pod_id,
                "host": "one.example:9000",
                "state": "friend",
                "waiting": 2,
                "oldestWaitingAt": "1970-01-12T13:46:40.000Z",
                "queueAge": 90,
                "failures": 1,
                "nextTryAt": "1970-01-12T13:49:10.000Z",
                "lastSuccessAt": None,
                "lastErrorAt": "1970-01-12T13:48:10.000Z",
                "lastError": "no answer",
            },
            one,
        )

    async def test_retry_and_drop(self) -> None:
        """At once, and for good."""
        pod_id = await self.on.befriend("one.example")
        await self.on.tell(pod_id, 2)
        await self.on.fail(pod_id, 60)
        self.assertIsNone((await self.ask("POST", "/server/federation/one.example/retry")).json["nextTryAt"])
        self.assertEqual({"dropped": 2}, (await self.ask("POST", "/server/federation/one.example/drop")).json)
        self.assertEqual(404, (await self.ask("POST", "/server/federation/two.example/retry")).status)
