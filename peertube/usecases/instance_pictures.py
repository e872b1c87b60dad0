"""The avatar and the banner of the pod itself: kept in memory, as every look at the configuration shows them."""

from collections.abc import Mapping
from pathlib import Path

from peertube.model import topics
from peertube.model.actor_images import ActorImage, ImageKind
from peertube.storage import actor_images
from peertube.storage.database import Database, Transaction
from peertube.usecases.actor_images import ImageFiles
from peertube.usecases.ports import Publisher


class InstancePictures:
    """What the pod looks like."""

    def __init__(self, *, database: Database, files: ImageFiles, publisher: Publisher) -> None:
        self._database = database
        self._files = files
        self._publisher = publisher
        self._present: Mapping[ImageKind, ActorImage] = {}

    @property
    def present(self) -> Mapping[ImageKind, ActorImage]:
        """The pictures now; another object whenever they changed."""
        return self._present

    async def load(self) -> None:
        """Read them; at the start, and when another process changed them (`topics.INSTANCE_PICTURES`)."""
        self._present = await self._database.read(actor_images.of_instance)

    async def change(self, kind: ImageKind, sent: Path) -> None:
        """Give the pod another picture. `Unprocessable` when what was sent is no image."""

        async def use(tx: Transaction, image: ActorImage) -> ActorImage | None:
            return await self._set(tx, kind, image)

        await self._files.keep(sent, kind, use)
        await self.load()

    async def remove(self, kind: ImageKind) -> None:
        """Let the pod have no avatar or banner."""

        async def remove(tx: Transaction) -> None:
            await self._files.discard(tx, kind, await self._set(tx, kind, None))

        await self._database.write(remove)
        await self.load()

    async def _set(self, tx: Transaction, kind: ImageKind, image: ActorImage | None) -> ActorImage | None:
        before = (await actor_images.of_instance(tx)).get(kind)
        await actor_images.set_of_instance(tx, kind, image)
        tx.after_commit(lambda: self._publisher.publish(topics.INSTANCE_PICTURES, {}))
        return before
