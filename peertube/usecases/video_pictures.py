"""Pictures that users send with their videos: made small, kept under names that nobody can guess."""

from pathlib import Path

from attrs import frozen

from peertube.usecases.ports import Media, Randomness, Storage


@frozen
class SentPictures:
    """Names of kept pictures; None for those that were not sent. False when there is none."""

    thumbnail: str | None = None
    preview: str | None = None

    def __bool__(self) -> bool:
        return self.thumbnail is not None or self.preview is not None

    @property
    def files(self) -> dict[str, list[str]]:
        """The names by the kind of file."""
        names = {"thumbnails": self.thumbnail, "previews": self.preview}
        return {kind: [name] for kind, name in names.items() if name is not None}


class VideoPictures:
    """Turns pictures that users sent into a thumbnail and a preview."""

    def __init__(self, *, media: Media, storage: Storage, randomness: Randomness) -> None:
        self._media = media
        self._storage = storage
        self._randomness = randomness

    def names(self, thumbnail: Path | None, preview: Path | None) -> SentPictures:
        """What the pictures of sent images may be called: names that nobody can guess."""
        return SentPictures(
            thumbnail=None if thumbnail is None else f"{self._randomness.uuid()}.jpg",
            preview=None if preview is None else f"{self._randomness.uuid()}.jpg",
        )

    async def keep(
        self, thumbnail: Path | None, preview: Path | None, names: SentPictures | None = None
    ) -> SentPictures:
        """Keep a thumbnail made of one sent image and a preview made of the other; `Unprocessable` for no image.

        :param names: what they are to be called; random names otherwise.
        """
        names = names or SentPictures()
        kept_thumbnail = None
        try:
            if thumbnail is not None:
                kept_thumbnail = await self._made(thumbnail, "thumbnails", names.thumbnail)
            kept_preview = None if preview is None else await self._made(preview, "previews", names.preview)
        except BaseException:
            await self.discard(SentPictures(thumbnail=kept_thumbnail))
            raise
        return SentPictures(thumbnail=kept_thumbnail, preview=kept_preview)

    async def discard(self, pictures: SentPictures) -> None:
        """Remove kept pictures that are not needed after all."""
        if pictures.thumbnail is not None:
            await self._storage.discard("thumbnails", [pictures.thumbnail])
        if pictures.preview is not None:
            await self._storage.discard("previews", [pictures.preview])

    async def _made(self, image: Path, kind: str, name: str | None) -> str:
        small, large = self._storage.new_temporary(".jpg"), self._storage.new_temporary(".jpg")
        name = name or f"{self._randomness.uuid()}.jpg"
        try:
            await self._media.resize(image, small, large)
            await self._storage.keep(small if kind == "thumbnails" else large, kind, name)
        finally:
            await self._storage.discard_temporary(small)
            await self._storage.discard_temporary(large)
        return name
