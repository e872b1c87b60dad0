"""Avatars and banners of accounts and channels: made of what people send, replaced, removed. They stay on this pod.

The files of a picture are written before its row names them, and removed by a job after another took its place.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from peertube.errors import Forbidden, NotFound
from peertube.model import topics
from peertube.model.actor_images import FOLDER, ActorImage, ImageKind, file_names
from peertube.model.channels import Channel
from peertube.model.users import Viewer
from peertube.policy.authority import may_update_channel
from peertube.storage import accounts, actor_images, channels, jobs
from peertube.storage.database import Database, Transaction
from peertube.usecases import unnamed_files
from peertube.usecases.files import FoundFile
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock, Media, Publisher, Randomness, Storage
from peertube.usecases.unnamed_files import DISCARD_FILES

ADDRESSES = {ImageKind.AVATAR: "/lazy-static/avatars/", ImageKind.BANNER: "/lazy-static/banners/"}
"""Where the files are served."""

_NAME = re.compile(r"[0-9a-f-]{36}-[0-9]{2,4}\.jpg")

Use = Callable[[Transaction, ActorImage], Awaitable[ActorImage | None]]
"""Lets a picture be the present one, in a transaction; the one whose place it takes."""


class ImageFiles:
    """The files of pictures."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        media: Media,
        storage: Storage,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._media = media
        self._storage = storage

    def found(self, name: str) -> FoundFile:
        """Where the file of a picture lies; anybody may see it. `NotFound` for what cannot be one."""
        if not _NAME.fullmatch(name):
            raise NotFound("There is no such file")
        return FoundFile(path=self._storage.path(FOLDER, name), is_open=True)

    async def keep(self, sent: Path, kind: ImageKind, use: Use) -> ActorImage:
        """Make a picture of an image that a user sent, and let it be used.

        :raises Unprocessable: when it is no image.
        """
        image = ActorImage(self._randomness.uuid(), self._clock.now_ms())
        names = file_names(image.stem, kind)
        made = await self._media.actor_images(sent, kind)
        files = {FOLDER: names}
        announcement = await self._database.write(unnamed_files.announce, files, self._clock.now_ms())
        try:
            for name, content in zip(names, made, strict=True):
                await self._storage.write(FOLDER, name, content)
            await self._database.write(self._use, kind, image, use, announcement)
        except BaseException:
            await unnamed_files.take_back(self._database, self._storage, files, announcement)
            raise
        return image

    async def discard(self, tx: Transaction, kind: ImageKind, image: ActorImage | None) -> None:
        """In the transaction that lets a picture go: its files are removed."""
        if image is None:
            return
        files = {"files": {FOLDER: file_names(image.stem, kind)}}
        await jobs.add(tx, DISCARD_FILES, files, self._clock.now_ms())
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _use(self, tx: Transaction, kind: ImageKind, image: ActorImage, use: Use, announcement: int) -> None:
        await self.discard(tx, kind, await use(tx, image))
        await unnamed_files.named(tx, announcement)


class ActorImages:
    """The pictures of accounts and channels of this pod."""

    def __init__(self, *, database: Database, files: ImageFiles, handles: Handles) -> None:
        self._database = database
        self._files = files
        self._handles = handles

    def found(self, name: str) -> FoundFile:
        """As `ImageFiles.found`."""
        return self._files.found(name)

    async def set_mine(self, viewer: Viewer, sent: Path) -> ActorImage:
        """Give the viewer's account another avatar. `Unprocessable` when what was sent is no image."""

        async def use(tx: Transaction, image: ActorImage) -> ActorImage | None:
            return await self._set_of_account(tx, viewer, image)

        return await self._files.keep(sent, ImageKind.AVATAR, use)

    async def remove_mine(self, viewer: Viewer) -> None:
        """Let the viewer's account have no avatar."""

        async def remove(tx: Transaction) -> None:
            await self._files.discard(tx, ImageKind.AVATAR, await self._set_of_account(tx, viewer, None))

        await self._database.write(remove)

    async def set_of_channel(self, viewer: Viewer, handle: str, kind: ImageKind, sent: Path) -> ActorImage:
        """Give a channel another picture; who may change the channel may."""
        await self._database.read(self._manageable, viewer, handle)

        async def use(tx: Transaction, image: ActorImage) -> ActorImage | None:
            return await self._set_of_channel(tx, viewer, handle, kind, image)

        return await self._files.keep(sent, kind, use)

    async def remove_of_channel(self, viewer: Viewer, handle: str, kind: ImageKind) -> None:
        """Let a channel have no avatar or banner."""

        async def remove(tx: Transaction) -> None:
            await self._files.discard(tx, kind, await self._set_of_channel(tx, viewer, handle, kind, None))

        await self._database.write(remove)

    async def _set_of_account(self, tx: Transaction, viewer: Viewer, image: ActorImage | None) -> ActorImage | None:
        account = await accounts.by_id(tx, viewer.user.account_id)
        if account is None:
            raise NotFound("Account not found")
        await actor_images.set_of_account(tx, account.id, image)
        return account.avatar

    async def _set_of_channel(
        self, tx: Transaction, viewer: Viewer, handle: str, kind: ImageKind, image: ActorImage | None
    ) -> ActorImage | None:
        channel = await self._manageable(tx, viewer, handle)
        await actor_images.set_of_channel(tx, channel.id, kind, image)
        return channel.avatar if kind is ImageKind.AVATAR else channel.banner

    async def _manageable(self, tx: Transaction, viewer: Viewer, handle: str) -> Channel:
        host, name = self._handles.split(handle)
        channel = await channels.by_name(tx, host, name)
        if channel is None:
            raise NotFound("Video channel not found")
        if not may_update_channel(viewer, channel):
            raise Forbidden("This video channel is not yours")
        return channel
