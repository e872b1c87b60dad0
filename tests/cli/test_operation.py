"""``peertubectl jobs``, ``federation``, ``keys`` and ``migrate``."""

import hashlib
import sqlite3
from contextlib import closing
from importlib import resources

from peertube.errors import Invalid
from peertube.files.certs import PUBLIC_NAME
from peertube.model.jobs import JobState
from peertube.model.pods import PodState
from tests.cli.offline import OfflineCase
from tests.usecases.work_world import WorkOnTest


class OperationCase(OfflineCase):
    """Jobs and friends in the database of a pod."""

    async def setUp(self) -> None:
        await super().setUp()
        self.on = WorkOnTest(self.database)

    async def failed_job(self, kind: str = "k") -> int:
        """A job that failed."""
        await self.on.add(kind, priority=-1)
        [job] = await self.on.jobs.claim(1)
        await self.on.jobs.fail(job, Invalid("Not a video."))
        return job.id


class JobsTests(OperationCase):
    """Work under way."""

    async def test_list(self) -> None:
        """As the REST API shows it; for people as a table."""
        failed = await self.failed_job("publish-video")
        await self.on.add()
        await self.on.tell(await self.on.befriend("one.example"))
        answer = await self.ctl("jobs", "list")
        self.assertEqual((3, False, 3), (answer["total"], answer["paused"], len(answer["data"])))
        answer = await self.ctl("jobs", "list", "--state", "failed", "--type", "publish-video")
        self.assertEqual([(str(failed), "Not a video.")], [(job["id"], job["error"]) for job in answer["data"]])
        self.assertEqual([], (await self.ctl("jobs", "list", "--start", 3))["data"])
        result = await self.run_command("jobs", "list", "--count", 2)
        self.assertIn("TYPE", result.stdout)
        self.assertIn("2 of 3", result.stdout)

    async def test_retry_and_cancel(self) -> None:
        """Named ones, or all that failed; an unknown one is a refusal, no name is wrong usage."""
        first, second, third = [await self.failed_job(kind) for kind in ("a", "b", "b")]
        self.assertEqual({"retried": 1}, await self.ctl("jobs", "retry", first))
        self.assertIs(JobState.WAITING, (await self.on.job(first)).state)
        self.assertEqual({"retried": 2}, await self.ctl("jobs", "retry", "--failed", "--type", "b"))
        self.assertEqual({"cancelled": 2}, await self.ctl("jobs", "cancel", second, third))
        self.assertIs(JobState.CANCELLED, (await self.on.job(third)).state)
        self.assertEqual("not_found", (await self.ctl("jobs", "retry", 999, status=1))["error"])
        self.assertEqual("wrong_job_state", (await self.ctl("jobs", "cancel", third, status=1))["error"])
        for wrong in (["retry"], ["retry", "--failed", "1"], ["cancel"], ["list", "--state", "lazy"]):
            self.assertEqual(2, (await self.run_command("jobs", *wrong)).exit_code, wrong)

    async def test_pause_and_resume(self) -> None:
        """A worker that runs finds it at its next claim."""
        await self.on.add()
        self.assertEqual({"paused": True}, await self.ctl("jobs", "pause"))
        self.assertEqual([], await self.on.jobs.claim(1))
        self.assertIn("paused", (await self.run_command("jobs", "list")).stdout)
        self.assertEqual({"paused": False}, await self.ctl("jobs", "resume"))
        self.assertEqual(1, len(await self.on.jobs.claim(1)))


class FederationTests(OperationCase):
    """Friends."""

    async def setUp(self) -> None:
        await super().setUp()
        self.well = await self.on.befriend("well.example")
        self.silent = await self.on.befriend("silent.example")
        await self.on.tell(self.silent, 4)
        await self.on.fail(self.silent, 3600)

    async def test_status(self) -> None:
        """All, those in trouble, one."""
        answer = await self.ctl("federation", "status")
        self.assertEqual(["silent.example", "well.example"], [lane["host"] for lane in answer["data"]])
        troubled = await self.ctl("federation", "status", "--troubled")
        self.assertEqual([("silent.example", 4, "no answer")], [
            (lane["host"], lane["waiting"], lane["lastError"]) for lane in troubled["data"]
        ])  # fmt: skip
        one = await self.ctl("federation", "status", "silent.example")
        self.assertEqual(("silent.example", 4, 1), (one["host"], one["waiting"], one["failures"]))
        shown = (await self.run_command("federation", "status")).stdout
        self.assertIn("silent.example", shown)
        self.assertIn("2 friends, 4 things to be told.", shown)
        self.assertIn("no answer", (await self.run_command("federation", "status", "silent.example")).stdout)
        self.assertEqual("not_found", (await self.ctl("federation", "status", "x.example", status=1))["error"])

    async def test_retry(self) -> None:
        """At once, however long it would have waited."""
        self.assertEqual({"retried": 1}, await self.ctl("federation", "retry", "silent.example"))
        self.assertEqual(0, (await self.on.health.of(self.silent)).next_try_ms)
        await self.on.fail(self.silent, 3600)
        self.assertEqual({"retried": 1}, await self.ctl("federation", "retry", "--all"))
        self.assertEqual(0, (await self.on.health.of(self.silent)).next_try_ms)
        self.assertEqual(2, (await self.run_command("federation", "retry")).exit_code)
        await self.ctl("federation", "retry", "x.example", status=1)

    async def test_restore(self) -> None:
        """Only of one that was ejected, which a retry does not bring back."""
        self.assertEqual("not_ejected", (await self.ctl("federation", "restore", "silent.example", status=1))["error"])
        await self.on.fail(self.silent, 60, PodState.EJECTED)
        self.assertEqual("ejected", (await self.ctl("federation", "retry", "silent.example", status=1))["error"])
        self.assertEqual({"retried": 0}, await self.ctl("federation", "retry", "--all"))
        await self.ctl("federation", "restore", "silent.example")
        self.assertEqual("friend", (await self.ctl("federation", "status", "silent.example"))["state"])

    async def test_drop(self) -> None:
        """Never without being asked for twice."""
        self.assertEqual(2, (await self.run_command("--json", "federation", "drop", "silent.example")).exit_code)
        result = await self.run_command("federation", "drop", "silent.example", given="n\n")
        self.assertEqual((1, 4), (result.exit_code, (await self.on.health.of(self.silent)).waiting))
        answer = await self.ctl("federation", "drop", "silent.example", "--yes")
        self.assertEqual({"host": "silent.example", "dropped": 4}, answer)
        self.assertEqual(0, (await self.on.health.of(self.silent)).waiting)


class KeysTests(OfflineCase):
    """The pod's own key."""

    async def test_show(self) -> None:
        """The fingerprint is that of the file that friends could be sent."""
        self.assertEqual("no_key", (await self.ctl("keys", "show", status=69))["error"])
        await self.certs.start()
        answer = await self.ctl("keys", "show")
        public = (self.folder / "certs" / PUBLIC_NAME).read_bytes()
        self.assertEqual(hashlib.sha256(public).hexdigest(), answer["fingerprint"])
        self.assertEqual((public.decode(), "pod.example", 2048), (answer["publicKey"], answer["host"], answer["bits"]))
        self.assertNotIn("PRIVATE", (await self.run_command("keys", "show")).stdout)
        (self.folder / "certs" / "peertube.key.pem").write_text("broken")
        await self.ctl("keys", "show", status=1)


class MigrateTests(OfflineCase):
    """The schema."""

    async def test_migrate(self) -> None:
        """As often as you like."""
        first = await self.ctl("migrate")
        self.assertEqual(first, await self.ctl("migrate"))
        steps = sorted(file.name for file in (resources.files("peertube.storage") / "migrations").iterdir())
        self.assertEqual(("sqlite", len(steps)), (first["engine"], first["steps"]))
        self.assertTrue(steps[-1].startswith(first["schema"]), first)

    async def test_no_database_and_a_newer_one(self) -> None:
        """A wrong --config makes nothing, and a newer database is left as it is."""
        with closing(sqlite3.connect(self.settings.database.path)) as connection:
            connection.execute(
                "insert into _yoyo_migration (migration_hash, migration_id, applied_at_utc) values ('x', '9999.x', '')"
            )
            connection.commit()
        answer = await self.ctl("migrate", status=69)
        self.assertIn("9999.x", answer["detail"])
        await self.database.stop()
        self.settings.database.path.unlink()
        self.assertEqual("no_database", (await self.ctl("migrate", status=69))["error"])
        self.assertFalse(self.settings.database.path.exists())
