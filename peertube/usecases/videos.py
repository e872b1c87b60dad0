"""Videos: looking at them, listing them, changing and removing one's own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import evolve, frozen

from peertube.errors import Forbidden, Invalid, NotFound, PodError, Unauthorized
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.video_access import NOTHING_SHOWN, Proof
from peertube.model.video_filters import NOTHING_MORE, PRIVILEGED, Sensitive, VideoFilter
from peertube.model.video_sources import VideoSource
from peertube.model.videos import Video, VideoDetails
from peertube.policy import visibility
from peertube.policy.authority import may_remove_video, may_update_channel, may_update_video
from peertube.policy.sensitivity import preference_of
from peertube.policy.short_uuid import identify
from peertube.policy.video_fields import require_valid
from peertube.storage import accounts, channels, jobs, video_files, video_lists, video_sources, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases import unnamed_files, video_changes
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock, InForce, Publisher, Storage, Vault
from peertube.usecases.sealed_passwords import follow_privacy
from peertube.usecases.totals import Totals
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.video_changes import tell_of_removal, tell_tracker
from peertube.usecases.video_pictures import SentPictures, VideoPictures

EVERYTHING = VideoFilter()
"""A filter that lets all videos through."""


@frozen
class VideoChanges:
    """What its owner changes of a video.

    :param fields: new values by the names of `VideoFields`; what is not there stays.
    :param channel_id: the channel to move the video to.
    :param thumbnail: a picture that the owner sent, as a temporary file; the same for `preview`.
    :param passwords: instead of those that the video has; for a video that is protected by them.
    """

    fields: Mapping[str, Any]
    channel_id: int | None = None
    thumbnail: Path | None = None
    preview: Path | None = None
    passwords: tuple[str, ...] | None = None


class Access(Protocol):
    """Decides who sees a video (`usecases.video_access`)."""

    async def require(
        self, viewer: Viewer | None, found: VideoDetails | None, id_or_uuid: str, proof: Proof = NOTHING_SHOWN
    ) -> VideoDetails:
        """The video, when it is there and the viewer may see it, or shows what opens it."""
        ...


class Videos:
    """What can be done with videos that are here, or known from friends."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        storage: Storage,
        pictures: VideoPictures,
        settings: InForce,
        vault: Vault,
        access: Access,
        totals: Totals | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._storage = storage
        self._pictures = pictures
        self._totals = totals
        self._settings = settings
        self._vault = vault
        self._access = access

    async def details(self, viewer: Viewer | None, id_or_uuid: str, proof: Proof = NOTHING_SHOWN) -> VideoDetails:
        """The video of a number, UUID or short UUID. Unlisted ones are not shown by number to strangers.

        :param proof: what else the viewer shows; what a password opens is refused with its codes otherwise.
        """
        found = await self._database.read(by_identifier, id_or_uuid)
        return await self._access.require(viewer, found, id_or_uuid, proof)

    async def listing(self, viewer: Viewer | None, wanted: VideoFilter, window: Window) -> Listing[Video]:
        """The videos that a list or a search finds; only those who see all may ask for more than public ones."""
        if (wanted.privacies or wanted.include & PRIVILEGED) and not visibility.sees_all(viewer):
            raise Unauthorized("You are not allowed to see these videos")
        if window.column not in video_lists.SORTS:
            raise Invalid("There is no such order", fields={"sort": "Should have a sortable column"})
        decided = evolve(self._with_preference(viewer, wanted), owner_id=None, host=self._local_host(wanted.host))
        if self._totals is None or window.skip_count or wanted.followed_by is not None:
            # What somebody follows changes at once.
            return await self._database.read(video_lists.listing, decided, window, self._clock.now_ms())
        known, before = await self._totals.get(decided)
        counting = window if known is None else evolve(window, skip_count=True)
        listed = await self._database.read(video_lists.listing, decided, counting, self._clock.now_ms())
        if known is not None:
            return evolve(listed, total=known)
        if listed.total is not None:
            await self._totals.put(decided, listed.total, before)
        return listed

    async def search(self, viewer: Viewer | None, wanted: VideoFilter, window: Window) -> Listing[Video]:
        """The videos that a search finds, as `listing` does."""
        return await self.listing(viewer, wanted, window)

    async def of_account(
        self, viewer: Viewer | None, handle: str, wanted: VideoFilter, window: Window
    ) -> Listing[Video]:
        """The videos of the account ``name`` or ``name@host``."""
        account = await self._account(handle)
        return await self._of_owner(viewer, account.id, evolve(wanted, account_id=account.id), window)

    async def of_channel(
        self, viewer: Viewer | None, handle: str, wanted: VideoFilter, window: Window
    ) -> Listing[Video]:
        """The videos of the channel ``name`` or ``name@host``."""
        channel = await self._channel(handle)
        decided = evolve(wanted, channel_id=channel.id)
        if viewer is not None and channel.id in viewer.user.collaborates_on:
            decided = evolve(decided, taking_part=frozenset({channel.id}))
        return await self._of_owner(viewer, channel.account_id, decided, window)

    async def mine(
        self, viewer: Viewer, window: Window, search: str | None = None, *, wanted: VideoFilter = EVERYTHING
    ) -> Listing[Video]:
        """The viewer's own videos, whatever their privacy and state."""
        if window.column not in video_lists.SORTS:
            raise Invalid("There is no such order", fields={"sort": "Should have a sortable column"})
        own = evolve(wanted, search=search, owner_id=viewer.user.id, sensitive=Sensitive.BOTH)
        return await self._database.read(video_lists.listing, own, window, self._clock.now_ms())

    async def sources(self, listed: Sequence[Video]) -> Mapping[int, VideoSource]:
        """What each video of a list was made of, read at once; by the number of the video."""
        return await self._database.read(video_sources.of_videos, [video.id for video in listed])

    async def with_files(self, listed: Sequence[Video]) -> list[VideoDetails]:
        """The videos of a list with their files, read at once."""
        files = await self._database.read(video_files.of_videos, [video.id for video in listed])
        return [VideoDetails(video=video, files=files.get(video.id, ())) for video in listed]

    async def update(self, viewer: Viewer, id_or_uuid: str, changes: VideoChanges) -> None:
        """Change a video of this pod; its owner may, and who may update any video."""
        found = await self._require(viewer, id_or_uuid, may=may_update_video)
        require_valid(evolve(found.video.fields, **changes.fields))
        if changes.channel_id is not None:
            await self._database.read(require_channel, viewer, changes.channel_id)
        names = self._pictures.names(changes.thumbnail, changes.preview)
        announcement = None
        if names:
            announcement = await self._database.write(unnamed_files.announce, names.files, self._clock.now_ms())
        try:
            sent = await self._pictures.keep(changes.thumbnail, changes.preview, names)
            reach("update.pictures-kept")
            await self._database.write(self._update, viewer, found.video.id, changes, sent, announcement)
        except BaseException:
            if announcement is not None:
                await unnamed_files.take_back(self._database, self._storage, names.files, announcement)
            raise
        reach("update.committed")

    async def remove(self, viewer: Viewer, id_or_uuid: str) -> None:
        """Remove a video of this pod for good, with its files; friends are told."""
        found = await self._require(viewer, id_or_uuid, may=may_remove_video)
        await self._database.write(self._remove, found.video.id)
        reach("removal.committed")

    async def _require(self, viewer: Viewer, id_or_uuid: str, *, may: Any) -> VideoDetails:
        found = await self._database.read(by_identifier, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may(viewer, found.video):
            raise Forbidden("Cannot manage a video of another user")
        return found

    async def _update(
        self,
        tx: Transaction,
        viewer: Viewer,
        video_id: int,
        changes: VideoChanges,
        sent: SentPictures,
        announcement: int | None,
    ) -> None:
        now_ms = self._clock.now_ms()
        before = await videos.details_by_id(tx, video_id)
        if before is None or not may_update_video(viewer, before.video):
            raise video_not_found()
        fields = evolve(before.video.fields, **changes.fields)
        require_valid(fields)
        if changes.channel_id is not None:
            await require_channel(tx, viewer, changes.channel_id)
        names = (video_id, before.video.uuid)
        await follow_privacy(tx, self._vault, names, fields.privacy, changes.passwords, now_ms)
        await video_changes.apply(tx, before, fields, now_ms, self._publisher, channel_id=changes.channel_id)
        await self._use_pictures(tx, before.video, sent, now_ms)
        if announcement is not None:
            await unnamed_files.named(tx, announcement)
        reach("update.noted")

    async def _use_pictures(self, tx: Transaction, video: Video, sent: SentPictures, now_ms: int) -> None:
        if not sent:
            return
        await videos.set_pictures(
            tx,
            video.id,
            thumbnail_name=sent.thumbnail or video.thumbnail_name,
            preview_name=sent.preview or video.preview_name,
        )
        old: dict[str, list[str]] = {}
        if sent.thumbnail and video.thumbnail_name:
            old["thumbnails"] = [video.thumbnail_name]
        if sent.preview and video.preview_name:
            old["previews"] = [video.preview_name]
        if old:
            await jobs.add(tx, DISCARD_FILES, {"files": old}, now_ms)
            tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _remove(self, tx: Transaction, video_id: int) -> None:
        now_ms = self._clock.now_ms()
        found = await videos.details_by_id(tx, video_id)
        if found is None:
            raise video_not_found()
        names = names_of_files(found) | await video_files.beside(tx, video_id)
        await videos.remove(tx, video_id)
        if names:
            await jobs.add(tx, DISCARD_FILES, {"files": names}, now_ms)
            tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        if visibility.is_shared(found.video):
            await tell_of_removal(tx, found.video, now_ms)
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))
        tell_tracker(tx, found, "removed", self._publisher)
        reach("removal.noted")

    def _with_preference(self, viewer: Viewer | None, wanted: VideoFilter) -> VideoFilter:
        """Decide about sensitive videos where the one who asks left that open; users see what is for users."""
        decided = preference_of(viewer, self._settings.instance.default_nsfw_policy).filtered(wanted)
        return evolve(decided, to_users=viewer is not None and not viewer.user.blocked)

    def _local_host(self, host: str | None) -> str | None:
        return "" if host is not None and host == self._settings.webserver.host else host

    async def _of_owner(
        self, viewer: Viewer | None, account_id: int, wanted: VideoFilter, window: Window
    ) -> Listing[Video]:
        """The public videos of somebody; who asks for more of their own things gets it."""
        of_own = viewer is not None and (viewer.user.account_id == account_id or bool(wanted.taking_part))
        if viewer is not None and of_own and (wanted.privacies or wanted.include):
            own = evolve(wanted, owner_id=viewer.user.id, sensitive=Sensitive.BOTH, include=NOTHING_MORE)
            return await self._database.read(video_lists.listing, own, window, self._clock.now_ms())
        return await self.listing(viewer, wanted, window)

    async def _account(self, handle: str) -> Account:
        host, name = Handles(self._settings.webserver).split(handle)
        found = await self._database.read(accounts.by_name, host, name)
        if found is None:
            raise NotFound("Account not found")
        return found

    async def _channel(self, handle: str) -> Channel:
        host, name = Handles(self._settings.webserver).split(handle)
        found = await self._database.read(channels.by_name, host, name)
        if found is None:
            raise NotFound("Video channel not found")
        return found


async def by_identifier(tx: Transaction, id_or_uuid: str) -> VideoDetails | None:
    """The video of a number, UUID or short UUID; `Invalid` when the text is none of these."""
    identity = identify(id_or_uuid)
    if identity is None:
        raise Invalid("Incorrect request parameters: id", fields={"id": "Should be a number, a UUID or a short UUID"})
    if isinstance(identity, int):
        return await videos.details_by_id(tx, identity)
    return await videos.details_by_uuid(tx, identity)


def require_visible(
    viewer: Viewer | None, found: VideoDetails | None, id_or_uuid: str, *, opened: bool = False
) -> VideoDetails:
    """The video, when it is there and the viewer may see it.

    :param opened: the viewer has shown what opens this video (`usecases.video_access`).
    """
    if found is None:
        raise video_not_found()
    if not opened and not visibility.can_see(viewer, found.video, by_number=id_or_uuid.isdigit()):
        raise visibility.refusal(viewer, found.video)
    return found


async def require_channel(tx: Transaction, viewer: Viewer, channel_id: int) -> Channel:
    """The channel, when the viewer may publish in it."""
    channel = await channels.by_id(tx, channel_id)
    if channel is None:
        raise Invalid("Unknown video channel on this instance", fields={"channelId": "Unknown video channel"})
    if not may_update_channel(viewer, channel):
        raise Forbidden("This video channel is not yours")
    return channel


def names_of_files(found: VideoDetails) -> dict[str, list[str]]:
    """The names of everything of a video that lies in our folders, by kind."""
    names = {
        "web_videos": [file.file_name for file in found.files if file.file_name is not None],
        "torrents": [file.torrent_name for file in found.files if file.torrent_name is not None],
        "thumbnails": [name for name in (found.video.thumbnail_name,) if name is not None],
        "previews": [name for name in (found.video.preview_name,) if name is not None],
    }
    return {kind: some for kind, some in names.items() if some}


def video_not_found(detail: str = "Video not found") -> PodError:
    """The error for a video, or something of one, that is not there."""
    return NotFound(detail)
