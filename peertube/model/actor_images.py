"""Pictures of accounts, channels and the pod itself: an avatar (square) and a banner, each kept in several sizes."""

from enum import Enum

from attrs import frozen

FOLDER = "avatars"
"""The kind (key of `storage.*`) of the files of all these pictures."""


class ImageKind(Enum):
    """What a picture is for."""

    AVATAR = "avatar"
    BANNER = "banner"

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Width and height in pixels of each file, largest first (as PeerTube has them)."""
        return _SIZES[self]


_SIZES = {
    ImageKind.AVATAR: ((1500, 1500), (600, 600), (120, 120), (48, 48)),
    ImageKind.BANNER: ((1920, 317), (600, 100)),
}


@frozen
class ActorImage:
    """One picture: its files are `file_name(stem, width)` for each width of its kind. Time in ms since 1970 UTC."""

    stem: str
    created_ms: int


def file_name(stem: str, width: int) -> str:
    """The name of the file of one size."""
    return f"{stem}-{width}.jpg"


def file_names(stem: str, kind: ImageKind) -> list[str]:
    """The names of all files of a picture."""
    return [file_name(stem, width) for width, _ in kind.sizes]


def stem_of(name: str) -> str:
    """What the name of a file begins with: the picture it belongs to."""
    return name.rpartition("-")[0]
