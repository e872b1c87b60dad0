"""What friends know us by: telling them a new key or a new host of ours."""

from attrs import evolve

from peertube.errors import Conflict, Refused
from peertube.model import topics
from peertube.model.deliveries import Delivery, DeliveryKind
from peertube.model.pods import Pod
from peertube.pods import envelope
from peertube.storage import deliveries, friend_objects, jobs, pods, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases.lane_batches import ITEMS
from peertube.usecases.ports import Clock, PodClient, PodKeys, Publisher
from peertube.usecases.video_changes import REWRITE_TORRENT

HOST = "pod.host"
"""The setting that says by which host friends know us."""

_NOT_KNOWN_SO = 403


class OwnIdentity:
    """Tells friends, each when its turn comes.

    What was told but never acknowledged is found out by an empty batch in the new name.
    """

    def __init__(self, *, database: Database, client: PodClient, own_keys: PodKeys) -> None:
        self._database = database
        self._client = client
        self._keys = own_keys

    def is_known_to(self, pod: Pod) -> bool:
        """Whether the friend has pinned our present key, or cannot be told of it."""
        if pod.protocol < envelope.ACKNOWLEDGING:
            return True
        return self._keys.private_for(pod.our_key) is self._keys.private

    def is_outdated_at(self, pod: Pod) -> bool:
        """Whether the friend has pinned an earlier key of ours and cannot be told of the present one."""
        deaf = pod.protocol < envelope.ACKNOWLEDGING
        return deaf and self._keys.private_for(pod.our_key) is not self._keys.private

    async def tell_key(self, pod: Pod) -> None:
        """Tell a friend our present key. `Unreachable` when that did not work."""
        present = self._keys.fingerprint
        try:
            await self._client.change_key(pod)
        except Refused as error:
            if error.status != _NOT_KNOWN_SO:
                raise
            await self._client.deliver(evolve(pod, our_key=present), ITEMS, b"[]")
        await self._database.write(pods.set_our_key, pod.id, present)

    async def tell_host(self, pod: Pod, row: Delivery) -> None:
        """Tell a friend our present host, as a row of its lane says. `Unreachable` when that did not work."""
        try:
            await self._client.move(pod, str((row.body or {})["from"]))
        except Refused as error:
            if error.status != _NOT_KNOWN_SO:
                raise
            await self._client.deliver(pod, ITEMS, b"[]")


class HostChange:
    """``peertubectl update-host``: friends learn where we are now, and torrents are made again.

    :param host: our host as the configuration says now.
    """

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher, host: str) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._host = host

    async def remembered(self) -> str:
        """The host by which friends know us; the present one at the first start."""
        return await self._database.write(settings.put_once, HOST, self._host)

    async def update(self) -> tuple[str, int, int]:
        """Have everybody told; the old host, how many friends are told, how many videos get new torrents.

        :raises Conflict: a friend speaks only version 3 of the protocol and cannot be told, or nothing has changed.
        """
        return await self._database.write(self._update)

    async def _update(self, tx: Transaction) -> tuple[str, int, int]:
        old = await settings.put_once(tx, HOST, self._host)
        if old == self._host:
            raise Conflict(f"Friends know this pod as {old} already", code="same_host")
        friends = await pods.friends(tx)
        deaf = [pod.host for pod in friends if pod.protocol < envelope.ACKNOWLEDGING]
        if deaf:
            raise Conflict(f"These friends cannot be told, end the friendship first: {', '.join(deaf)}")
        await settings.put(tx, HOST, self._host)
        now_ms = self._clock.now_ms()
        for pod in friends:
            await deliveries.drop_lane(tx, pod.id)
            await deliveries.add(tx, DeliveryKind.MOVE, "", 1, now_ms, body={"from": old}, pod_ids=[pod.id])
            await deliveries.add_resync(tx, pod.id, now_ms)
        uuids = await friend_objects.our_uuids(tx, "video", "", 2**31 - 1)
        for uuid in uuids:
            await jobs.add(tx, REWRITE_TORRENT, {"video": uuid}, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))
        return old, len(friends), len(uuids)
