"""Reports over the REST API, and what waits to be told to friends."""

from typing import Any

from peertube.api.abuses import AbusesApi
from peertube.api.request_schedulers import RequestSchedulersApi
from peertube.model.users import Role
from peertube.storage import deliveries, pods
from peertube.usecases.abuses import Abuses
from peertube.usecases.request_stats import RequestStats
from tests.api.video_api import VideoApiCase
from tests.http.serving import Client, gate, resource
from tests.pods.surroundings import Counting


class AbusesTests(VideoApiCase):
    """alice and bob are users, maud moderates, root is the admin."""

    async def more(self) -> None:
        await super().more()
        self.root = await self.person("root", role=Role.ADMINISTRATOR)
        abuses = Abuses(database=self.database, clock=self.clock, randomness=Counting(9), publisher=self.publisher)
        stats = RequestStats(database=self.database, clock=self.clock)
        more = [
            *AbusesApi(abuses=abuses, host="pod.example").routes(),
            *RequestSchedulersApi(stats=stats).routes(),
        ]
        people = {"alice": self.alice, "bob": self.bob, "maud": self.maud, "root": self.root}
        viewers = {name: person.viewer for name, person in people.items()}
        self.client = Client(resource([*self.routes, *more], gate(viewers)))
        self.uuid = await self.publish(name="Bad")

    async def report(self, **changes: Any) -> int:
        body = {"reason": "It is bad", "video": {"id": self.uuid, "startAt": 1}, **changes}
        answer = await self.ask("POST", "/abuses", token="bob", json=body)
        self.assertEqual(answer.status, 200, answer.body)
        number: int = answer.json["abuse"]["id"]
        return number

    async def test_a_report_from_beginning_to_end(self) -> None:
        """Made, seen by its maker and the moderators, decided, forgotten."""
        number = await self.report(predefinedReasons=["privacy", "rights"])
        (mine,) = (await self.get("/users/me/abuses", "bob"))["data"]
        (seen,) = (await self.get("/abuses?state=1&filter=video", "maud"))["data"]
        self.assertEqual({**mine, "moderationComment": None}, seen)
        self.assertEqual((seen["id"], seen["reason"]), (number, "It is bad"))
        self.assertEqual(seen["predefinedReasons"], ["privacy", "rights"])
        self.assertEqual((seen["reporterAccount"]["name"], seen["reporterAccount"]["host"]), ("bob", "pod.example"))
        self.assertEqual(seen["state"], {"id": 1, "label": "Pending"})
        self.assertEqual((seen["video"]["uuid"], seen["video"]["startAt"], seen["video"]["deleted"]),
                         (self.uuid, 1, False))  # fmt: skip
        decided = await self.ask(
            "PUT", f"/abuses/{number}", token="maud", json={"state": 3, "moderationComment": "removed"}
        )
        self.assertEqual(decided.status, 204)
        (after,) = (await self.get(f"/abuses?id={number}", "maud"))["data"]
        self.assertEqual((after["state"]["id"], after["moderationComment"]), (3, "removed"))
        self.assertEqual((await self.get("/abuses?state=1", "maud"))["total"], 0)
        self.assertEqual((await self.get("/abuses?filter=comment", "maud"))["total"], 0)
        self.assertEqual((await self.ask("DELETE", f"/abuses/{number}", token="maud")).status, 204)
        self.assertEqual((await self.ask("DELETE", f"/abuses/{number}", token="maud")).status, 404)

    async def test_messages_and_filters(self) -> None:
        """As PeerTube has them; what moderators note for themselves is not shown to the reporter."""
        number = await self.report(predefinedReasons=["privacy"])
        path = f"/abuses/{number}/messages"
        answer = await self.ask("POST", path, token="maud", json={"message": "What do you mean?"})
        first = answer.json["abuseMessage"]["id"]
        self.assertEqual((await self.ask("POST", path, token="bob", json={"message": "That."})).status, 200)
        found = await self.get(path, "bob")
        self.assertEqual(found["total"], 2)
        self.assertEqual([one["byModerator"] for one in found["data"]], [True, False])
        self.assertEqual(found["data"][1]["account"]["name"], "bob")
        await self.get(path, "alice", 404)
        self.assertEqual((await self.ask("POST", path, token="bob", json={"message": "x"})).status, 400)
        self.assertEqual((await self.ask("DELETE", f"{path}/{first}", token="bob")).status, 403)
        self.assertEqual((await self.ask("DELETE", f"{path}/{first}", token="maud")).status, 204)
        self.assertEqual((await self.ask("DELETE", f"{path}/{first}", token="maud")).status, 404)
        await self.ask("PUT", f"/abuses/{number}", token="maud", json={"moderationComment": "between us"})
        (mine,) = (await self.get("/users/me/abuses", "bob"))["data"]
        self.assertEqual((mine["countMessages"], "moderationComment" in mine), (1, False))
        for query, total in (
            ("search=BAD", 1),
            ("searchReporter=bo", 1),
            ("searchReporter=alice", 0),
            ("searchReportee=alice", 1),
            ("searchVideo=good", 0),
            ("searchVideoChannel=nothing", 0),
            ("predefinedReason=privacy", 1),
            ("predefinedReason=rights", 0),
            ("videoIs=deleted", 0),
            ("videoIs=blacklisted", 0),
        ):
            self.assertEqual((await self.get(f"/abuses?{query}", "maud"))["total"], total, query)

    async def test_as_in_2017(self) -> None:
        """204, and the list of that time."""
        answer = await self.ask("POST", f"/videos/{self.uuid}/abuse", token="bob", json={"reason": "It is bad"})
        self.assertEqual(answer.status, 204)
        (seen,) = (await self.get("/videos/abuse", "maud"))["data"]
        self.assertEqual(
            (seen["reporterUsername"], seen["reporterPodHost"], seen["videoUUID"]), ("bob", "pod.example", self.uuid)
        )

    async def test_what_is_refused(self) -> None:
        """Strangers, users who are no moderators, missing and endless reasons, unknown videos and reports."""
        good = {"reason": "It is bad", "video": {"id": self.uuid}}
        for token, body, status in (
            (None, good, 401),
            ("bob", {**good, "reason": "x"}, 400),
            ("bob", {**good, "reason": "x" * 3001}, 400),
            ("bob", {**good, "predefinedReasons": ["boredom"]}, 400),
            ("bob", {**good, "video": {"id": "00000000-0000-4000-8000-000000000000"}}, 404),
            ("bob", {"reason": "It is bad"}, 400),
        ):
            self.assertEqual((await self.ask("POST", "/abuses", token=token, json=body)).status, status, body)
        for path in ("/abuses", "/videos/abuse", "/request-schedulers/stats"):
            await self.get(path, None, 401)
            await self.get(path, "bob", 403)
        await self.get("/abuses?state=4", "maud", 400)
        self.assertEqual((await self.ask("PUT", "/abuses/99", token="maud", json={"state": 3})).status, 404)
        self.assertEqual((await self.ask("PUT", "/abuses/x", token="maud", json={"state": 3})).status, 404)
        self.assertEqual((await self.ask("PUT", "/abuses/1", token="maud", json={})).status, 400)

    async def test_what_waits(self) -> None:
        """An upload makes the totals rise; the timers are what they say."""
        before = await self.get("/request-schedulers/stats", "root")
        self.assertEqual(set(before), {"requestScheduler", "requestVideoQaduScheduler", "requestVideoEventScheduler"})
        await self.database.write(pods.add, host="a.example", email="", public_key="", protocol=4, score=20, now_ms=1)
        await self.publish(name="New")
        await self.database.write(deliveries.add_counters, self.uuid, 1)
        after = await self.get("/request-schedulers/stats", "root")
        self.assertGreater(after["requestScheduler"]["totalRequests"], before["requestScheduler"]["totalRequests"])
        self.assertGreater(after["requestVideoQaduScheduler"]["totalRequests"], 0)
        self.assertEqual(after["requestVideoEventScheduler"]["totalRequests"], 0)
        for one in after.values():
            self.assertTrue(0 <= one["remainingMilliSeconds"] <= one["milliSecondsInterval"])
