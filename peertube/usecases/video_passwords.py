"""Passwords of videos: listed, given and taken by those who may change the video.

PeerTube's API shows an owner the passwords again, so that they cannot be hashed. They are stored sealed with the pod's
vault key, which is not in the database, and found by a keyed digest (`docs/decisions`).
"""

from collections.abc import Sequence

from attrs import frozen

from peertube.errors import Forbidden, Invalid
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.video_access import VideoPassword
from peertube.model.videos import VideoDetails
from peertube.policy import visibility
from peertube.policy.authority import may_update_video
from peertube.policy.video_fields import MAXIMUM_PASSWORDS
from peertube.storage import video_passwords
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Vault
from peertube.usecases.sealed_passwords import require_passwords, sealed
from peertube.usecases.videos import by_identifier, video_not_found

SORTS = frozenset({"createdAt"})


@frozen
class ShownPassword:
    """A password as its owner reads it; None when the key that it was sealed with is lost."""

    stored: VideoPassword
    password: str | None


class VideoPasswords:
    """What an owner does with the passwords of a video."""

    def __init__(self, *, database: Database, clock: Clock, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault

    async def listing(self, viewer: Viewer, id_or_uuid: str, window: Window) -> Listing[ShownPassword]:
        """The passwords of a video that is protected by some."""
        found = await self._database.read(self._listing, viewer, id_or_uuid, window)
        shown = [ShownPassword(stored, self._vault.unseal(stored.sealed)) for stored in found.items]
        return Listing(total=found.total, items=shown)

    async def replace(self, viewer: Viewer, id_or_uuid: str, passwords: Sequence[str]) -> None:
        """Let a protected video have these passwords and no others; what the old ones opened is closed."""
        await self._database.write(self._replace, viewer, id_or_uuid, passwords)

    async def add(self, viewer: Viewer, id_or_uuid: str, password: str) -> None:
        """Give a protected video one more password."""
        await self._database.write(self._add, viewer, id_or_uuid, password)

    async def remove(self, viewer: Viewer, id_or_uuid: str, password_id: int) -> None:
        """Take one password of a protected video, but not its last."""
        await self._database.write(self._remove, viewer, id_or_uuid, password_id)

    async def _listing(
        self, tx: Transaction, viewer: Viewer, id_or_uuid: str, window: Window
    ) -> Listing[VideoPassword]:
        if window.column not in SORTS:
            raise Invalid("There is no such order", fields={"sort": "Should have a sortable column"})
        return await video_passwords.listing(tx, (await self._protected(tx, viewer, id_or_uuid)).video.id, window)

    async def _replace(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, passwords: Sequence[str]) -> None:
        video = (await self._protected(tx, viewer, id_or_uuid)).video
        require_passwords(passwords, "passwords")
        await video_passwords.replace(tx, video.id, sealed(self._vault, video.uuid, passwords), self._clock.now_ms())

    async def _add(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, password: str) -> None:
        video = (await self._protected(tx, viewer, id_or_uuid)).video
        require_passwords([password], "password")
        if await video_passwords.count(tx, video.id) >= MAXIMUM_PASSWORDS:
            raise Invalid(f"A video has at most {MAXIMUM_PASSWORDS} passwords", fields={"password": "Is one too many"})
        await video_passwords.add(tx, video.id, sealed(self._vault, video.uuid, [password]), self._clock.now_ms())

    async def _remove(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, password_id: int) -> None:
        video = (await self._protected(tx, viewer, id_or_uuid)).video
        if not await video_passwords.exists(tx, video.id, password_id):
            raise video_not_found("Video password not found")
        if await video_passwords.count(tx, video.id) == 1:
            raise Forbidden("Cannot delete the last password of the protected video")
        await video_passwords.remove(tx, video.id, password_id)

    async def _protected(self, tx: Transaction, viewer: Viewer, id_or_uuid: str) -> VideoDetails:
        found = await by_identifier(tx, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may_update_video(viewer, found.video):
            raise Forbidden("Cannot manage passwords of another user's video")
        if not visibility.needs_password(found.video):
            raise Invalid("This video is not password protected", fields={"id": "Should be a password protected video"})
        return found
