"""Random actions on pods joined in memory, with the weights of the simulation of 2017, and what must be equal then."""

from random import Random

from peertube.model.pages import Window
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Rating, VideoFields
from peertube.storage import video_files, video_lists
from tests.pods.network import Network, PodOnTest
from tests.storage.publishers import add_publisher

WEIGHTS = {"create": 5, "remove": 4, "update": 4, "view": 4, "like": 4, "dislike": 4}
Listed = dict[str, tuple[object, ...]]


async def listed(pod: PodOnTest) -> Listed:
    """The complete public list of a pod by uuid, without what differs by nature (number, pictures, place)."""
    found: Listed = {}
    start = 0
    while True:
        window = Window(start=start, count=100, sort="publishedAt")
        page = (await pod.database.read(video_lists.listing, VideoFilter(), window, 0)).items
        files = await pod.database.read(video_files.of_videos, [video.id for video in page])
        for video in page:
            hashes = tuple(sorted(file.info_hash or "" for file in files.get(video.id, ())))
            found[video.uuid] = (
                video.host or pod.host,
                video.fields,
                video.duration,
                (video.views, video.likes, video.dislikes),
                (video.channel.uuid, video.account.uuid, video.account.name),
                hashes,
            )
        if len(page) < 100:
            return found
        start += 100


class Actors:
    """People on every pod who do things at random."""

    def __init__(self, network: Network, seed: int) -> None:
        self._network = network
        self._chance = Random(seed)
        self._channels: dict[str, int] = {}
        self._people: dict[str, list[Viewer]] = {}
        self._sessions = 0
        self.done: dict[str, int] = dict.fromkeys(WEIGHTS, 0)

    async def prepare(self) -> None:
        """An author and two viewers on every pod."""
        for host, pod in self._network.pods.items():
            self._channels[host] = await pod.add_author()
            self._people[host] = [
                (await pod.database.write(add_publisher, name)).viewer for name in ("ann", "bob")
            ]  # fmt: skip

    async def act(self) -> None:
        """One action on one pod that runs."""
        running = sorted(set(self._network.pods) - self._network.down)
        pod = self._network.pods[self._chance.choice(running)]
        (action,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        known = await listed(pod)
        if action == "create" or not known:
            self.done["create"] += 1
            await pod.upload(self._channels[pod.host], f"Video {self.done['create']}")
            return
        own = sorted(uuid for uuid, video in known.items() if video[0] == pod.host)
        if action in ("remove", "update"):
            if own:
                self.done[action] += 1
                await self._change(pod, action, self._chance.choice(own))
            return
        self.done[action] += 1
        await self._react(pod, action, self._chance.choice(sorted(known)))

    async def _change(self, pod: PodOnTest, action: str, uuid: str) -> None:
        if action == "remove":
            await pod.remove(uuid)
        else:
            fields = VideoFields(name=f"Renamed {self.done[action]}", tags=(f"tag{self._chance.randrange(9)}",))
            await pod.change(uuid, fields)

    async def _react(self, pod: PodOnTest, action: str, uuid: str) -> None:
        if action == "view":
            self._sessions += 1
            for position in (0, 10):
                await pod.views.watch(
                    None, uuid, address="192.0.2.7", position=position, session=f"session {self._sessions}"
                )
            return
        viewer = self._chance.choice(self._people[pod.host])
        before = (await pod.ratings.of(viewer, uuid))[1]
        wanted = Rating.LIKE if action == "like" else Rating.DISLIKE
        await pod.ratings.rate(viewer, uuid, Rating.NONE if before is wanted else wanted)
