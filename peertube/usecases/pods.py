"""Our friends: the list, quitting, removing one."""

from collections.abc import Mapping, Sequence

from twisted.logger import Logger

from peertube.errors import Invalid, NotFound, Refused
from peertube.model import topics
from peertube.model.friend_proposals import Direction
from peertube.model.jobs import Job
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod
from peertube.pods import envelope
from peertube.storage import deliveries, friend_proposals, pods, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases import friendships
from peertube.usecases.friend_attempts import ATTEMPT
from peertube.usecases.ports import Clock, PodClient, Progress, Publisher

_UNKNOWN_THERE = frozenset({400, 401, 403, 404})


class Pods:
    """What the admin and the public do with our friends."""

    _log = Logger()

    def __init__(self, *, database: Database, client: PodClient, clock: Clock, publisher: Publisher) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._publisher = publisher

    async def listing(self, window: Window, *, ejected: bool = True) -> Listing[Pod]:
        """Some of our pods, sorted by id, host, score or createdAt; without those that were ejected on request."""
        if window.sort not in pods.SORTS:
            raise Invalid("This list cannot be sorted so", fields={"sort": "must be one of id, host, score, createdAt"})
        return await self._database.read(pods.listing, window, ejected=ejected)

    async def friends(self) -> Sequence[Pod]:
        """Every friend."""
        return await self._database.read(pods.friends)

    async def waiting(self) -> Mapping[int, int]:
        """How many things each friend (by id) has not been told yet; those who know all are left out."""
        return await self._database.read(deliveries.waiting_by_pod)

    async def quit(self) -> None:
        """End every friendship. What came from friends is gone when this returns; they are told by jobs."""
        await self._database.write(self._quit)

    async def remove(self, pod_id: int) -> None:
        """End one friendship. `NotFound` when there is no such pod."""
        await self._database.write(self._remove, pod_id)

    async def say_farewell(self, job: Job, progress: Progress) -> None:
        """Job `friendships.FAREWELL`: tell a pod that it is no friend any more, unless it has become one again."""
        host = str(job.payload["host"])
        if await self._database.read(pods.by_host, host) is not None:
            return
        try:
            protocol = int(job.payload.get("protocol", envelope.VERSION))
            await self._client.remove(host, protocol, job.payload.get("ourKey"))
        except Refused as refusal:
            if refusal.status not in _UNKNOWN_THERE:
                raise
            self._log.info("{host} did not count us as a friend", host=host)

    async def _quit(self, tx: Transaction) -> None:
        for pod in await pods.friends(tx):
            await self._end(tx, pod)
        await friend_proposals.clear(tx, Direction.OUT)
        await settings.put(tx, ATTEMPT, "")

    async def _remove(self, tx: Transaction, pod_id: int) -> None:
        pod = await pods.by_id(tx, pod_id)
        if pod is None:
            raise NotFound("There is no such pod")
        await self._end(tx, pod)

    async def _end(self, tx: Transaction, pod: Pod) -> None:
        now_ms = self._clock.now_ms()
        await friendships.end(tx, pod, now_ms)
        await friendships.say_farewell(tx, pod.host, pod.protocol, pod.our_key, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
