"""``peertubectl keys rotate``, ``update-host`` and ``federation restore``."""

from peertube.model.deliveries import DeliveryKind
from peertube.model.jobs import JobFilter
from peertube.model.pages import Window
from peertube.storage import deliveries, jobs, pods, settings
from peertube.usecases.friend_health import RENEW
from peertube.usecases.own_identity import HOST
from tests.cli.offline import OfflineCase


class IdentityTests(OfflineCase):
    """What friends know a pod by."""

    async def friend(self, host: str, protocol: int = 4) -> int:
        return await self.database.write(
            pods.add, host=host, email="", public_key="", protocol=protocol, score=20, now_ms=1
        )  # fmt: skip

    async def test_a_new_key(self) -> None:
        """`keys show` shows it; without a key there is nothing to rotate."""
        self.assertEqual((await self.ctl("keys", "rotate", status=1))["error"], "no_key")
        await self.certs.start()
        made = await self.ctl("keys", "rotate")
        self.assertNotEqual(made["fingerprint"], self.certs.fingerprint)
        self.assertEqual((await self.ctl("keys", "show"))["fingerprint"], made["fingerprint"])
        await self.certs.start()
        self.assertEqual(len(self.certs.all_private), 2)

    async def test_a_new_host(self) -> None:
        """Every friend has a row that says so, before all else."""
        self.assertEqual((await self.ctl("update-host", status=1))["error"], "same_host")
        await self.database.write(settings.put, HOST, "old.example")
        friend = await self.friend("friend.example")
        answer = await self.ctl("update-host")
        self.assertEqual(answer, {"from": "old.example", "to": "pod.example", "friends": 1, "videos": 0})
        rows = await self.database.read(deliveries.head, friend, 10)
        self.assertEqual([row.kind for row in rows], [DeliveryKind.MOVE, DeliveryKind.RESYNC])
        self.assertEqual(rows[0].body, {"from": "old.example"})
        self.assertEqual((await self.ctl("update-host", status=1))["error"], "same_host")

    async def test_friends_that_cannot_be_told(self) -> None:
        """Are named, and nothing has changed."""
        await self.database.write(settings.put, HOST, "old.example")
        await self.friend("deaf.example", protocol=3)
        refused = await self.ctl("update-host", status=1)
        self.assertIn("deaf.example", refused["detail"])
        self.assertEqual(await self.database.read(settings.get, HOST), "old.example")

    async def test_a_friendship_made_anew(self) -> None:
        """A job that the pod does; a stranger has none."""
        await self.friend("deaf.example", protocol=3)
        self.assertTrue((await self.ctl("federation", "renew", "deaf.example"))["renewing"])
        (job,) = await self.database.read(jobs.listing, Window(count=9), JobFilter(kind=RENEW))
        self.assertEqual(job.payload, {"host": "deaf.example"})
        self.assertEqual((await self.ctl("federation", "renew", "nobody.example", status=1))["error"], "not_found")

    async def test_taking_an_ejection_back(self) -> None:
        """One command; of a friend there is nothing to take back."""
        friend = await self.friend("away.example")
        self.assertEqual((await self.ctl("federation", "restore", "away.example", status=1))["error"], "not_ejected")
        await self.database.write(
            pods.failed,
            friend,
            state=pods.PodState.EJECTED,
            failing_since_ms=1,
            score=0,
            next_try_ms=1,
            now_ms=1,
            error="dead",
        )
        self.assertTrue((await self.ctl("federation", "restore", "away.example"))["restored"])
        restored = await self.database.read(pods.by_id, friend)
        assert restored is not None
        self.assertIs(restored.state, pods.PodState.FRIEND)
        self.assertEqual((await self.ctl("federation", "restore", "nobody.example", status=1))["error"], "not_found")
