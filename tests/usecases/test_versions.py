"""Two versions of the pods' protocol in one network, and pods that have none in common."""

import re

from peertube.model.admin_events import AdminEventKind
from peertube.model.pages import Window
from peertube.model.videos import VideoFields
from peertube.storage import deliveries
from peertube.storage import pods as stored_pods
from tests.pods.network import PodOnTest
from tests.usecases.test_pods import NetworkTests

ALL = Window(count=100, sort="id")


class VersionsTests(NetworkTests):
    """Pod 1 speaks version 3, pod 2 both, pod 3 both."""

    async def setUp(self) -> None:
        await super().setUp()
        self.old, self.middle, self.new = self.pods
        self.old.speak(3)

    async def protocol(self, of: PodOnTest, other: PodOnTest) -> int:
        pod = await of.database.read(stored_pods.by_host, other.host)
        assert pod is not None
        return pod.protocol

    def spoken(self) -> set[tuple[str, str, int]]:
        """Who has told whom something in which version."""
        found = set()
        for _, receiver, path, body in self.network.requests:
            said = re.search(rb'"host":"([^"]+)","version":(\d+)', body[-2600:])
            if path.startswith("/api/v1/remote/videos") and said:
                found.add((said[1].decode(), receiver, int(said[2])))
        return found

    async def test_each_pair_speaks_the_highest_common_version(self) -> None:
        """And all lists are the same."""
        await self.all_friends()
        uuids = [await pod.upload(await pod.add_author(), f"Of {pod.number}") for pod in self.pods]
        await self.network.settle()
        self.network.requests.clear()
        for pod, uuid in zip(self.pods, uuids, strict=True):
            await pod.change(uuid, VideoFields(name=f"Changed by {pod.number}"))
        await self.network.settle()
        for pod in self.pods:
            for number, uuid in enumerate(uuids, 1):
                self.assertEqual((await pod.details(uuid)).video.fields.name, f"Changed by {number}")
        old, middle, new = (pod.host for pod in self.pods)
        self.assertEqual(
            self.spoken(),
            {(old, middle, 3), (old, new, 3), (middle, old, 3), (new, old, 3), (middle, new, 4), (new, middle, 4)},
        )

    async def test_items_are_acknowledged_one_by_one(self) -> None:
        """In version 4 the sender learns at once which item was not taken; in version 3 nothing."""
        await self.all_friends()
        channel = await self.middle.add_author()
        await self.network.settle()
        uuid = await self.middle.upload(channel)
        await self.network.settle()
        bad = b'[{"type":"explode","data":{}},{"type":"remove-video","data":{"uuid":"' + uuid.encode() + b'"}}]'
        for other, refused in ((self.old, []), (self.new, [0])):
            friend = await self.middle.database.read(stored_pods.by_host, other.host)
            assert friend is not None
            answer = await self.middle.client.deliver(friend, "/videos", bad)
            self.assertEqual([place for place, _ in answer], refused)
            self.assertIsNone(await other.details(uuid))

    async def test_no_version_in_common(self) -> None:
        """A polite refusal on both ways of asking; the admin sees why."""
        self.new.speak(4)
        for asking, asked in ((self.old, self.new), (self.new, self.old)):
            await self.network.befriend(asking, asked)
            self.assertEqual(await asking.friends(), [])
            (result,) = (await self.attempt(asking)).results
            self.assertEqual((result.host, result.result), (asked.host, "incompatible"))
            self.assertIn("No protocol version in common: we speak", result.detail)

    async def test_an_upgrade_is_noticed(self) -> None:
        """By the one that was upgraded when it tells something, by the other when it hears it."""
        await self.network.befriend(self.old, self.middle)
        self.old.speak(3, 4)
        await self.old.upload(await self.old.add_author())
        await self.network.settle()
        self.assertEqual(await self.protocol(self.old, self.middle), 4)
        self.assertEqual(await self.protocol(self.middle, self.old), 4)

    async def test_a_step_back_is_noticed(self) -> None:
        """Who is told 426 asks what is spoken now; nothing is lost."""
        await self.network.befriend(self.middle, self.new)
        self.new.speak(3)
        uuid = await self.middle.upload(await self.middle.add_author())
        await self.network.settle()
        self.assertIsNotNone(await self.new.details(uuid))
        self.assertEqual(await self.protocol(self.middle, self.new), 3)

    async def test_a_friend_that_has_become_incompatible(self) -> None:
        """Its lane waits, and the admin is told, once a day."""
        await self.network.befriend(self.old, self.middle)
        self.middle.speak(4)
        await self.old.upload(await self.old.add_author())
        for _ in range(8):
            await self.network.settle()
            self.network.time.ms += 600_000
        (friend,) = await self.old.pods.friends()
        self.assertEqual(await self.old.database.read(deliveries.waiting, friend.id), 3)
        events = (await self.old.health.events(ALL)).items
        self.assertEqual(
            [(event.kind, event.subject) for event in events], [(AdminEventKind.POD_INCOMPATIBLE, self.middle.host)]
        )
