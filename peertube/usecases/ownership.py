"""Handing a video over to somebody else of this pod: offered by its owner, accepted into a channel, or refused."""

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.model import topics
from peertube.model.accounts import LOCAL
from peertube.model.ownership_changes import ACCEPTED, REFUSED, WAITING, OwnershipChange
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.policy.authority import may_give_video
from peertube.policy.quota import DAY_MS, require_room
from peertube.storage import accounts, channels, ownership_changes, videos
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock, Publisher
from peertube.usecases.video_changes import tell_of_change
from peertube.usecases.videos import by_identifier, video_not_found


class Ownership:
    """Who gives which video to whom."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher, handles: Handles) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._handles = handles

    async def give(self, viewer: Viewer, id_or_uuid: str, username: str) -> None:
        """Offer a video to somebody of this pod.

        :raises Conflict: when it is on offer already.
        """
        try:
            await self._database.write(self._give, viewer, id_or_uuid, username)
        except UniqueViolation as error:
            raise Conflict("This video is offered to somebody already") from error

    async def offers(self, viewer: Viewer, window: Window) -> Listing[OwnershipChange]:
        """What was offered to the viewer, answered or not."""
        if window.sort not in ownership_changes.SORTS:
            raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
        return await self._database.read(ownership_changes.to_account, viewer.user.account_id, window)

    async def accept(self, viewer: Viewer, change_id: int, channel_id: int) -> None:
        """Take a video into one's channel; friends are told.

        :raises TooLarge: code ``quota_reached``, when it does not fit what the viewer may store.
        """
        await self._database.write(self._accept, viewer, change_id, channel_id)

    async def refuse(self, viewer: Viewer, change_id: int) -> None:
        """Do not take a video."""

        async def refuse(tx: Transaction) -> None:
            await ownership_changes.end(tx, (await self._waiting(tx, viewer, change_id)).id, REFUSED)

        await self._database.write(refuse)

    async def _give(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, username: str) -> None:
        found = await by_identifier(tx, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may_give_video(viewer, found.video):
            raise Forbidden("Cannot change the owner of a video of another user")
        host, name = self._handles.split(username)
        next_owner = await accounts.by_name(tx, host, name) if host == LOCAL else None
        if next_owner is None or next_owner.user_id is None:
            raise _wrong_name("Changing video ownership to a remote account is not supported yet")
        if next_owner.id == found.video.account.id:
            raise _wrong_name("Owns the video already")
        await ownership_changes.add(tx, found.video.id, found.video.account.id, next_owner.id, self._clock.now_ms())

    async def _accept(self, tx: Transaction, viewer: Viewer, change_id: int, channel_id: int) -> None:
        change = await self._waiting(tx, viewer, change_id)
        channel = await channels.by_id(tx, channel_id)
        if channel is None or channel.account_id != viewer.user.account_id:
            raise Invalid(
                "Incorrect request parameters: channelId", fields={"channelId": "Should be a channel of yours"}
            )
        found = await videos.details_by_id(tx, change.video.id)
        if found is None or found.video.account.id != change.initiator.id:
            raise NotFound("Video ownership change not found")
        now_ms, user = self._clock.now_ms(), viewer.user
        require_room(
            user,
            sum(file.size for file in found.files),
            used=await videos.bytes_used(tx, user.id),
            used_today=await videos.bytes_used(tx, user.id, now_ms - DAY_MS),
        )
        await ownership_changes.end(tx, change.id, ACCEPTED)
        await videos.update(tx, found.video.id, found.video.fields, channel_id=channel.id, updated_ms=now_ms)
        if await tell_of_change(tx, found.video, found.video, now_ms):
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))

    async def _waiting(self, tx: Transaction, viewer: Viewer, change_id: int) -> OwnershipChange:
        change = await ownership_changes.by_id(tx, change_id)
        if change is None:
            raise NotFound("Video ownership change not found")
        if change.next_owner.id != viewer.user.account_id:
            raise Forbidden("Cannot terminate an ownership change of another user")
        if change.state != WAITING:
            raise Forbidden("Ownership already accepted or refused")
        return change


def _wrong_name(text: str) -> Invalid:
    return Invalid(f"Incorrect request parameters: username. {text}", fields={"username": text})
