"""Views, likes and dislikes converge on all pods, whatever happens on the way."""

from peertube.errors import Unreachable
from peertube.model.deliveries import DeliveryKind
from peertube.model.users import Viewer
from peertube.model.videos import Privacy, Rating
from peertube.storage import deliveries
from tests.pods.network import PodOnTest
from tests.storage.publishers import add_publisher
from tests.usecases.test_pods import NetworkTests


class CountsTests(NetworkTests):
    """Pod 3 is the origin of a video that is watched and liked everywhere."""

    async def setUp(self) -> None:
        await super().setUp()
        await self.all_friends()
        self.origin = self.pods[2]
        self.channel = await self.origin.add_author()
        self.uuid = await self.origin.upload(self.channel)
        await self.network.settle()

    async def viewer(self, pod: PodOnTest, name: str) -> Viewer:
        return (await pod.database.write(add_publisher, name)).viewer

    async def watch(self, pod: PodOnTest, session: str) -> None:
        """Somebody sees the whole video."""
        for position in (0, 10):
            await pod.views.watch(None, self.uuid, address="192.0.2.9", position=position, session=session)

    async def counters(self, pod: PodOnTest) -> tuple[int, int, int]:
        video = (await pod.details(self.uuid)).video
        return video.views, video.likes, video.dislikes

    async def assert_everywhere(self, views: int, likes: int, dislikes: int) -> None:
        for pod in self.pods:
            self.assertEqual(await self.counters(pod), (views, likes, dislikes), pod.host)

    async def test_counters_converge(self) -> None:
        """What happens anywhere is added up at the origin, and told to all."""
        for pod in self.pods:
            for number in range(pod.number):
                await self.watch(pod, f"session {number}")
            await pod.ratings.rate(await self.viewer(pod, "ann"), self.uuid, Rating.LIKE)
            await pod.ratings.rate(await self.viewer(pod, "bob"), self.uuid, Rating.DISLIKE)
        self.assertEqual(await self.counters(self.pods[0]), (1, 1, 1))
        await self.network.settle()
        await self.assert_everywhere(6, 3, 3)

    async def test_what_is_taken_back_is_taken_back_everywhere(self) -> None:
        """A like that becomes a dislike, before it is told and after."""
        ann = await self.viewer(self.pods[0], "ann")
        await self.pods[0].ratings.rate(ann, self.uuid, Rating.LIKE)
        await self.network.settle()
        await self.assert_everywhere(0, 1, 0)
        await self.pods[0].ratings.rate(ann, self.uuid, Rating.DISLIKE)
        await self.network.settle()
        await self.assert_everywhere(0, 0, 1)
        self.network.requests.clear()
        await self.pods[0].ratings.rate(ann, self.uuid, Rating.NONE)
        await self.pods[0].ratings.rate(ann, self.uuid, Rating.DISLIKE)
        await self.network.settle()
        await self.assert_everywhere(0, 0, 1)
        self.assertEqual(self.network.requests, [])

    async def test_events_are_merged_and_told_once(self) -> None:
        """Many views are one request, with the counts added."""
        self.network.requests.clear()
        for number in range(20):
            await self.watch(self.pods[0], f"session {number}")
        await self.network.settle()
        sent = [r for r in self.network.requests if r[2].endswith("/events")]
        self.assertEqual(len(sent), 1)
        self.assertIn(b'"eventType":"views","count":20', sent[0][3])
        await self.assert_everywhere(20, 0, 0)

    async def test_an_answer_that_was_lost_counts_nothing_twice(self) -> None:
        """The same event comes again with the same id and count; what came since is another event."""
        pod = self.pods[0]
        await self.watch(pod, "a")
        original = pod.client.deliver

        async def losing(*told: object) -> None:
            await original(*told)
            raise Unreachable("The answer broke off")

        pod.client.deliver = losing
        await self.network.settle()
        self.assertEqual((await self.counters(self.origin))[0], 1)
        pod.client.deliver = original
        await self.watch(pod, "b")
        self.network.time.ms += 60_000
        await self.network.settle()
        await self.assert_everywhere(2, 0, 0)

    async def test_no_friend_counts_for_the_videos_of_another(self) -> None:
        """Counters come from the origin alone, and events go to it alone."""
        listener, evil = self.pods[0], self.pods[1]
        (pod,) = [pod for pod in await listener.pods.friends() if pod.host == evil.host]
        counters = {"data": {"uuid": self.uuid, "views": 1000}}
        event = {"data": {"uuid": self.uuid, "eventType": "views", "count": 1000}}
        self.assertEqual([place for place, _ in await listener.counts.receive_counters(pod, [counters])], [0])
        self.assertEqual([place for place, _ in await listener.counts.receive_events(pod, [event])], [0])
        self.assertEqual(await self.counters(listener), (0, 0, 0))

    async def test_bad_events_cost_only_themselves(self) -> None:
        """Rubbish, negative views, counts without end, a video that is not public."""
        secret = await self.origin.upload(self.channel, privacy=Privacy.PRIVATE)
        good = {"uuid": self.uuid, "eventType": "likes", "count": 2}
        bad = [
            None,
            {"data": {**good, "count": 10**7}},
            {"data": {**good, "eventType": "views", "count": -1}},
            {"data": {**good, "eventType": "shares"}},
            {"data": {**good, "uuid": secret}},
            {"data": {**good, "id": "x"}},
        ]
        (pod,) = [pod for pod in await self.origin.pods.friends() if pod.host == self.pods[0].host]
        refused = await self.origin.counts.receive_events(pod, [*bad, {"data": good}])
        self.assertEqual([place for place, _ in refused], [0, 1, 2, 3, 4, 5])
        self.assertEqual(await self.counters(self.origin), (0, 2, 0))
        await self.origin.counts.receive_events(pod, [{"data": {**good, "count": -5}}])
        self.assertEqual(await self.counters(self.origin), (0, 0, 0))

    async def test_counters_of_a_pod_that_is_away_come_to_one_row(self) -> None:
        """However much is watched, a lane does not grow with it."""
        self.network.down.add(self.pods[0].host)
        for number in range(5):
            await self.watch(self.origin, f"session {number}")
            await self.network.settle()
        (away,) = [pod for pod in await self.origin.pods.friends() if pod.host == self.pods[0].host]
        rows = await self.origin.database.read(deliveries.head_of, away.id, deliveries.QADU, 100)
        self.assertEqual([row.kind for row in rows], [DeliveryKind.QADU_VIDEO])
        self.network.down.clear()
        self.network.time.ms += 3_600_000
        await self.network.settle()
        await self.assert_everywhere(5, 0, 0)
