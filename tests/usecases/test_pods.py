"""Friendship between pods joined in memory: what the tests of 2017 asserted, and the attacks that must fail."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Invalid, NotFound
from peertube.model.videos import Privacy, VideoFields
from peertube.usecases.friend_attempts import Attempt
from tests.pods.network import JPEG, Network, PodOnTest

OTHERS = {1: ["localhost:9002", "localhost:9003"], 2: ["localhost:9001", "localhost:9003"],
          3: ["localhost:9001", "localhost:9002"]}  # fmt: skip


class NetworkTests(TestCase):
    """A network of pods; each test says how many."""

    size = 3

    async def setUp(self) -> None:
        self.network = Network()
        self.addCleanup(self.stop_network)
        self.pods = await self.network.add_pods(self.size)

    def stop_network(self) -> Deferred[None]:
        """End all."""
        return Deferred.fromCoroutine(self.network.stop())

    async def all_friends(self) -> None:
        """Pod 2 asks pod 3, then pod 1 asks both."""
        await self.network.befriend(self.pods[1], self.pods[2])
        await self.network.befriend(self.pods[0], self.pods[1], self.pods[2])

    async def attempt(self, pod: PodOnTest) -> Attempt:
        made = await pod.attempts.attempt()
        assert made is not None
        return made


class FriendsTests(NetworkTests):
    """friends-basic of 2017, and the majority."""

    async def test_three_pods_become_friends(self) -> None:
        """One add makes a friendship on both sides."""
        for pod in self.pods:
            self.assertEqual(await pod.friends(), [])
        await self.all_friends()
        for pod in self.pods:
            self.assertEqual(await pod.friends(), OTHERS[pod.number])

    async def test_a_second_attempt_is_refused_until_we_quit(self) -> None:
        """409, as in 2017; after a quit the others have dropped us, and we can come back."""
        await self.all_friends()
        with self.assertRaises(Conflict):
            await self.pods[1].attempts.make_friends(["localhost:9001"])
        await self.pods[1].pods.quit()
        self.assertEqual(await self.pods[1].friends(), [])
        await self.network.settle()
        self.assertEqual(await self.pods[0].friends(), ["localhost:9003"])
        self.assertEqual(await self.pods[2].friends(), ["localhost:9001"])
        await self.network.befriend(self.pods[1], self.pods[0], self.pods[2])
        for pod in self.pods:
            self.assertEqual(await pod.friends(), OTHERS[pod.number])

    async def test_remove_one(self) -> None:
        """Only the two of them part."""
        await self.all_friends()
        (pod_id,) = [pod.id for pod in await self.pods[0].pods.friends() if pod.host == "localhost:9002"]
        await self.pods[0].pods.remove(pod_id)
        await self.network.settle()
        self.assertEqual(await self.pods[0].friends(), ["localhost:9003"])
        self.assertEqual(await self.pods[1].friends(), ["localhost:9003"])
        self.assertEqual(await self.pods[2].friends(), OTHERS[3])
        with self.assertRaises(NotFound):
            await self.pods[0].pods.remove(pod_id)

    async def test_hosts_are_checked_at_once(self) -> None:
        """Every fault is told, each with its host; nothing is begun."""
        bad = ["LOCALHOST:9001", "http://localhost:9002", "localhost:9003", "LocalHost.:9003"]
        with self.assertRaises(Invalid) as raised:
            await self.pods[0].attempts.make_friends(bad)
        self.assertEqual(sorted(raised.exception.fields), ["hosts[0]", "hosts[1]", "hosts[3]"])
        self.assertIsNone(await self.pods[0].attempts.attempt())

    async def test_one_failing_list_ends_the_attempt(self) -> None:
        """A majority of lists we could not read means nothing."""
        self.network.down.add("localhost:9003")
        await self.network.befriend(self.pods[0], self.pods[1], self.pods[2])
        self.assertEqual(await self.pods[0].friends(), [])
        made = await self.attempt(self.pods[0])
        self.assertIsNotNone(made.error)
        self.assertIn(("localhost:9003", "unreachable"), [(one.host, one.result) for one in made.results])

    async def test_what_both_sides_have_is_exchanged(self) -> None:
        """At friendship each side tells its authors, channels and public videos."""
        ours, theirs = self.pods[0], self.pods[1]
        first = await ours.upload(await ours.add_author())
        secret = await ours.upload((await ours.details(first)).video.channel.id, privacy=Privacy.UNLISTED)
        second = await theirs.upload(await theirs.add_author())
        await self.network.befriend(ours, theirs)
        self.assertIsNotNone(await ours.details(second))
        self.assertIsNotNone(await theirs.details(first))
        self.assertIsNone(await theirs.details(secret))

    async def test_an_upload_is_seen_changed_and_removed_everywhere(self) -> None:
        """With its origin, files and thumbnail."""
        await self.all_friends()
        origin = self.pods[2]
        uuid = await origin.upload(await origin.add_author(), "First name")
        await self.network.settle()
        for pod in self.pods[:2]:
            details = await pod.details(uuid)
            self.assertEqual(details.video.host, "localhost:9003")
            self.assertEqual(details.video.fields.description, "Words\nof two lines")
            self.assertEqual(details.video.account.name, "author3")
            self.assertEqual(details.files[0].file_url, f"http://localhost:9003/static/web-videos/{uuid}-360.mp4")
            self.assertEqual(pod.files.files["thumbnails", details.video.thumbnail_name], JPEG)
            self.assertIn("udp://localhost:7000/announce", details.video.trackers)
        await origin.change(uuid, VideoFields(name="Second name", tags=("three",)))
        await self.network.settle()
        for pod in self.pods[:2]:
            fields = (await pod.details(uuid)).video.fields
            self.assertEqual((fields.name, fields.tags), ("Second name", ("three",)))
        await origin.remove(uuid)
        await self.network.settle()
        for pod in self.pods[:2]:
            self.assertIsNone(await pod.details(uuid))
            self.assertEqual(pod.files.files, {})

    async def test_quitting_clears_what_came_from_friends(self) -> None:
        """And making friends again brings it back."""
        ours, theirs = self.pods[0], self.pods[1]
        uuid = await theirs.upload(await theirs.add_author())
        await self.network.befriend(ours, theirs)
        await ours.pods.quit()
        await self.network.settle()
        self.assertIsNone(await ours.details(uuid))
        self.assertEqual(ours.files.files, {})
        await self.network.befriend(ours, theirs)
        self.assertIsNotNone(await ours.details(uuid))

    async def test_a_friend_that_missed_our_farewell_starts_anew(self) -> None:
        """It still holds what we had then; what we removed meanwhile must not stay."""
        ours, theirs = self.pods[0], self.pods[1]
        uuid = await ours.upload(await ours.add_author())
        await self.network.befriend(ours, theirs)
        self.network.down.add(theirs.host)
        await ours.pods.quit()
        await self.network.settle()
        await ours.remove(uuid)
        self.network.down.clear()
        await ours.attempts.make_friends([theirs.host])
        await self.network.settle()
        self.assertEqual(await theirs.friends(), [ours.host])
        self.assertIsNone(await theirs.details(uuid))


class DeadPodTests(NetworkTests):
    """A friend that does not answer."""

    async def test_a_dead_pod_delays_nobody_and_catches_up(self) -> None:
        """Its lane waits; when it is back it gets the newest state, once."""
        await self.all_friends()
        origin, dead = self.pods[0], self.pods[1]
        self.network.down.add(dead.host)
        uuid = await origin.upload(await origin.add_author())
        await self.network.settle()
        self.assertIsNotNone(await self.pods[2].details(uuid))
        await origin.change(uuid, VideoFields(name="Newest"))
        await self.network.settle()
        (health,) = [pod for pod in await origin.pods.friends() if pod.host == dead.host]
        self.assertEqual((health.failures, health.last_error), (1, "No connection to the server"))
        self.network.down.clear()
        await self.network.settle()
        self.assertIsNone(await dead.details(uuid))
        self.network.time.ms += 60_000
        await self.network.settle()
        self.assertEqual((await dead.details(uuid)).video.fields.name, "Newest")
        (health,) = [pod for pod in await origin.pods.friends() if pod.host == dead.host]
        self.assertEqual(health.failures, 0)


class GroupsTests(NetworkTests):
    """Six pods, as in friends-advanced."""

    size = 6

    async def test_disjoint_groups_give_no_friends(self) -> None:
        """Half of the hosts is not more than half."""
        one, two, three, four, five, _ = self.pods
        await self.network.befriend(one, two)
        await self.network.befriend(three, four)
        await self.network.befriend(five, one, four)
        self.assertEqual(await five.friends(), [])
        made = await self.attempt(five)
        self.assertIsNotNone(made.error)
        self.assertEqual({one.result for one in made.results}, {"no-majority"})

    async def test_a_dead_pod_never_becomes_a_friend(self) -> None:
        """Everybody knows pod 4, and it is dead; it is tried five times more and then never again."""
        one, two, three, four, _, six = self.pods
        await self.network.befriend(one, two)
        await self.network.befriend(three, one, two)
        await self.network.befriend(four, one, two, three)
        self.network.down.add(four.host)
        self.network.requests.clear()
        await self.network.befriend(six, one, two, three)
        friends = [one.host, two.host, three.host]
        self.assertEqual(await six.friends(), friends)
        for _ in range(10):
            self.network.time.ms += 3_600_000
            await self.network.settle()
        self.assertEqual(await six.friends(), friends)
        self.assertEqual(sum(r[1:3] == (four.host, "/api/v1/remote/pods/key") for r in self.network.requests), 6)
