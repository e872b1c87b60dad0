"""Several pods joined in memory: real databases, use cases, envelopes and routes; only the wire is fake."""

from collections.abc import Mapping
from typing import Any

from peertube.config.schema import FriendLimits as Limits
from peertube.config.schema import WebServer
from peertube.delivery.together import Concurrently
from peertube.errors import PodError, Refused, Unreachable
from peertube.model.accounts import LOCAL
from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Window
from peertube.model.videos import NewVideo, NewVideoFile, Privacy, VideoDetails, VideoFields, VideoState
from peertube.pods import envelope
from peertube.pods.client import HttpPodClient, Web
from peertube.pods.items import Here
from peertube.pods.resource import PodsResource
from peertube.shared.memory import MemoryCounters
from peertube.storage import accounts, channels, deliveries, jobs, videos
from peertube.storage.sqlite import SqliteDatabase
from peertube.usecases import friendships
from peertube.usecases.abuses import Abuses
from peertube.usecases.deliveries import Deliveries
from peertube.usecases.friend_attempts import ADD_FRIEND, MAKE_FRIENDS, FriendAttempts
from peertube.usecases.friend_counts import FriendCounts
from peertube.usecases.friend_health import MOST_ROWS, RENEW, RESTORE, FriendHealth
from peertube.usecases.friend_identity import FriendIdentity
from peertube.usecases.friend_items import FriendItems
from peertube.usecases.friend_limits import FriendLimits
from peertube.usecases.friend_proposals import APPROVE, FriendProposals
from peertube.usecases.friend_requests import FriendRequests
from peertube.usecases.handles import Handles
from peertube.usecases.own_identity import OwnIdentity
from peertube.usecases.pods import Pods
from peertube.usecases.previews import Previews
from peertube.usecases.ratings import Ratings
from peertube.usecases.video_changes import REWRITE_TORRENT
from peertube.usecases.views import Views
from tests.pods.surroundings import Counting, MemoryFiles, OwnKeys, Shifted, Time
from tests.pods.wire import Faults, Wire, answered
from tests.shared.memory import memory_locks
from tests.storage.databases import open_memory_database

JPEG = b"\xff\xd8\xff\xe0 a picture \x00\x80\xff"
_ROUNDS = 50


class PodOnTest:
    """One pod."""

    def __init__(
        self,
        network: "Network",
        number: int,
        database: SqliteDatabase,
        *,
        host: str | None = None,
        web: Web | None = None,
        versions: tuple[int, ...] = envelope.VERSIONS,
    ) -> None:
        self.number = number
        self.host = host or f"localhost:{9000 + number}"
        self.database = database
        self.files = MemoryFiles()
        self.keys = OwnKeys(number)
        self.chance = Counting(number)
        self.locks = memory_locks()
        self.news: list[tuple[str, Mapping[str, Any]]] = []
        time = self.clock = Shifted(network.time)
        client = HttpPodClient(
            web=web or Wire(network, self.host),
            own_keys=self.keys,
            clock=time,
            randomness=self.chance,
            host=self.host,
            email=f"admin@pod{number}.example",
            https=False,
            versions=versions,
        )
        self.client = client
        self.pods = Pods(database=database, client=client, clock=time, publisher=self)
        self.attempts = FriendAttempts(
            database=database,
            client=client,
            keys=self.keys,
            clock=time,
            randomness=self.chance,
            publisher=self,
            together=Concurrently(),
            host=self.host,
            https=False,
            own_https=False,
            versions=versions,
        )
        self.counts = FriendCounts(database=database, clock=time)
        self.counters = MemoryCounters(reactor=network.time)  # type: ignore[arg-type]  # it asks for the time only
        self.limits = FriendLimits(database=database, clock=time, counters=self.counters, limits=Limits())
        self.proposals = FriendProposals(database=database, clock=time, publisher=self)
        self.abuses = Abuses(database=database, clock=time, randomness=self.chance, publisher=self)
        self.ratings = Ratings(database=database, clock=time, handles=Handles(WebServer()))
        self.views = Views(database=database, clock=time, counters=self.chance)
        self.items = FriendItems(database=database, storage=self.files, clock=time, https=False)
        self.requests = FriendRequests(
            database=database,
            client=client,
            own_keys=self.keys,
            clock=time,
            publisher=self,
            host=self.host,
            email=f"admin@pod{number}.example",
            https=False,
            versions=versions,
        )
        self.health = FriendHealth(
            database=database,
            clock=time,
            publisher=self,
            eject_after_seconds=14 * 86_400,
            forget_after_seconds=30 * 86_400,
            most_rows=network.most_rows,
        )
        self.identity = FriendIdentity(
            database=database, client=client, own_keys=self.keys, clock=time, host=self.host, https=False
        )
        self.deliveries = Deliveries(
            health=self.health,
            identity=OwnIdentity(database=database, client=client, own_keys=self.keys),
            versions=versions,
            database=database,
            client=client,
            storage=self.files,
            clock=time,
            randomness=self.chance,
            here=Here(
                f"http://{self.host}",
                (f"ws://{self.host}/tracker/socket", f"udp://{self.host.partition(':')[0]}:7000/announce"),
            ),
            retry_seconds=60,
            locks=self.locks,
        )
        self.previews = Previews(
            database=database, client=client, storage=self.files, clock=time, together=Concurrently(), size=2
        )
        self.resource = PodsResource(
            pods=self.pods,
            requests=self.requests,
            items=self.items,
            counts=self.counts,
            identity=self.identity,
            limits=self.limits,
            counters=self.chance,
        )
        self._time = time
        self._runners = {
            MAKE_FRIENDS: self.attempts.run,
            ADD_FRIEND: self.attempts.run_offer,
            friendships.FAREWELL: self.pods.say_farewell,
            RESTORE: self.attempts.restore,
            RENEW: self.attempts.renew,
            APPROVE: self.attempts.approve,
            friendships.DISCARD_FILES: self._discard,
            REWRITE_TORRENT: self._nothing,
        }

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        self.news.append((topic, message))

    async def _discard(self, job: Any, progress: Any) -> None:
        for kind, names in job.payload["files"].items():
            await self.files.discard(kind, names)

    async def _nothing(self, job: Any, progress: Any) -> None:
        """There are no torrents here."""

    async def _progress(self, percent: int) -> None:
        """Nobody looks."""

    async def work(self) -> int:
        """Run the jobs that are due; how many there were. A job that fails waits a minute."""
        now_ms = self._time.now_ms()
        claimed = await self.database.write(jobs.claim, 50, now_ms, now_ms + 60_000)
        for job in claimed:
            try:
                await self._runners[job.kind](job, self._progress)
            except PodError as error:
                await self.database.write(jobs.try_later, job, now_ms, now_ms + 60_000, error.detail)
            else:
                await self.database.write(jobs.complete, job, now_ms)
        return len(claimed)

    async def deliver(self) -> int:
        """Send what is due; how many batches there were."""
        due = [pod_id for pod_id, ms in await self.deliveries.lanes() if ms <= self._time.now_ms()]
        for pod_id in due:
            await self.deliveries.send(pod_id)
        return len(due)

    def speak(self, *versions: int) -> None:
        """As if the pod had been started anew with another software."""
        for part in (self.client, self.attempts, self.requests, self.deliveries):
            part._versions = versions
        self.deliveries._greeted.clear()

    async def friends(self) -> list[str]:
        """The hosts of the friends, sorted."""
        return [pod.host for pod in (await self.pods.listing(Window(0, 100, "host"))).items]

    async def add_author(self) -> int:
        """An account with a channel; the id of the channel."""

        async def add(tx: Any) -> int:
            now = self._time.now_ms()
            account, channel = self.chance.uuid(), self.chance.uuid()
            account_id = await accounts.add(
                tx,
                uuid=account,
                host=LOCAL,
                user_id=None,
                name=f"author{self.number}",
                display_name="An author",
                description=None,
                created_ms=now,
                updated_ms=now,
            )
            channel_id = await channels.add(
                tx,
                uuid=channel,
                host=LOCAL,
                account_id=account_id,
                name=f"channel{self.number}",
                display_name="A channel",
                description=None,
                support=None,
                created_ms=now,
                updated_ms=now,
            )
            await deliveries.add(tx, DeliveryKind.ADD_AUTHOR, account, now, now)
            await deliveries.add(tx, DeliveryKind.ADD_CHANNEL, channel, now, now)
            return channel_id

        return await self.database.write(add)

    async def upload(self, channel_id: int, name: str = "A video", privacy: Privacy = Privacy.PUBLIC) -> str:
        """A published video; its uuid."""
        uuid = self.chance.uuid()
        now = self._time.now_ms()
        new = NewVideo(
            uuid=uuid,
            host=LOCAL,
            channel_id=channel_id,
            fields=VideoFields(name=name, description="Words\nof two lines", tags=("one", "two"), privacy=privacy),
            state=VideoState.PUBLISHED,
            duration=10,
            aspect_ratio=1.7778,
            created_ms=now,
            updated_ms=now,
            published_ms=now,
            thumbnail_name=f"{uuid}.jpg",
            preview_name=f"{uuid}.jpg",
        )
        file = NewVideoFile(
            resolution=360,
            width=640,
            height=360,
            fps=25,
            extname=".mp4",
            size=1000,
            has_audio=True,
            has_video=True,
            info_hash=f"{self.number:02x}" * 20,
            file_name=f"{uuid}-360.mp4",
            torrent_name=f"{uuid}-360.torrent",
        )
        self.files.files["thumbnails", f"{uuid}.jpg"] = JPEG

        async def add(tx: Any) -> None:
            await videos.add(tx, new, [file])
            await deliveries.add(tx, DeliveryKind.ADD_VIDEO, uuid, 1, now)

        await self.database.write(add)
        return uuid

    async def change(self, uuid: str, fields: VideoFields) -> None:
        """Update a video."""

        async def update(tx: Any) -> None:
            details = await videos.details_by_uuid(tx, uuid)
            now = self._time.now_ms()
            await videos.update(tx, details.video.id, fields, updated_ms=now)
            await deliveries.add(tx, DeliveryKind.UPDATE_VIDEO, uuid, details.video.version + 1, now)

        await self.database.write(update)

    async def remove(self, uuid: str) -> None:
        """Remove a video."""

        async def remove(tx: Any) -> None:
            details = await videos.details_by_uuid(tx, uuid)
            await videos.remove(tx, details.video.id)
            await deliveries.add(tx, DeliveryKind.REMOVE_VIDEO, uuid, 99, self._time.now_ms(), body={"uuid": uuid})

        await self.database.write(remove)

    async def details(self, uuid: str) -> VideoDetails | None:
        """The video as this pod knows it."""
        return await self.database.read(videos.details_by_uuid, uuid)


class Network:
    """Pods 1 to N and the wire between them; hosts in `down` do not answer."""

    def __init__(self) -> None:
        self.time = Time()
        self.pods: dict[str, PodOnTest] = {}
        self.down: set[str] = set()
        self.most_rows = MOST_ROWS
        self.faults = Faults()
        self.requests: list[tuple[str, str, str, bytes]] = []
        self.pictures: dict[str, bytes] = {}

    async def add_pods(self, count: int) -> list[PodOnTest]:
        """That many pods."""
        for number in range(1, count + 1):
            pod = PodOnTest(self, number, await open_memory_database())
            self.pods[pod.host] = pod
        return list(self.pods.values())

    async def stop(self) -> None:
        """End all."""
        for pod in self.pods.values():
            await pod.database.stop()

    async def answer(self, method: str, host: str, path: str, body: bytes) -> bytes:
        """What a pod answers, as its client would see it."""
        pod = self.pods.get(host)
        if pod is None or host in self.down:
            raise Unreachable("No connection to the server")
        if path in self.pictures:
            return self.pictures[path]
        template = path.removeprefix("/api/v1")
        for route in pod.resource.routes():
            if (route.method, route.template) == (method, template):
                return await answered(route.handler, path, body)
        raise Refused("There is nothing here", status=404)

    async def settle(self) -> None:
        """Run jobs and deliveries of all pods until nothing is due."""
        for _ in range(_ROUNDS):
            done = 0
            for host, pod in self.pods.items():
                if host not in self.down:
                    done += await pod.work() + await pod.deliver()
            if not done:
                return
        raise AssertionError("the network does not come to rest")

    async def befriend(self, pod: PodOnTest, *others: PodOnTest) -> None:
        """One pod asks for friends."""
        await pod.attempts.make_friends([other.host for other in others])
        await self.settle()
