"""Pictures of accounts and channels as JSON (PeerTube's REST API: ActorImage)."""

from typing import Any

from peertube.api.representations.times import iso
from peertube.config.schema import WebServer
from peertube.model.actor_images import ActorImage, ImageKind, file_name
from peertube.usecases.actor_images import ADDRESSES


def sizes(image: ActorImage | None, kind: ImageKind, web: WebServer) -> list[dict[str, Any]]:
    """Each size of a picture, largest first; nothing without one."""
    if image is None:
        return []
    at = iso(image.created_ms)
    return [
        {
            "width": width,
            "height": height,
            "path": ADDRESSES[kind] + file_name(image.stem, width),
            "fileUrl": web.origin + ADDRESSES[kind] + file_name(image.stem, width),
            "createdAt": at,
            "updatedAt": at,
        }
        for width, height in kind.sizes
    ]


def avatars(image: ActorImage | None, web: WebServer) -> dict[str, Any]:
    """The members of an account or channel that show its avatar: that of older programs only where there is one."""
    return _members("avatar", sizes(image, ImageKind.AVATAR, web))


def banners(image: ActorImage | None, web: WebServer) -> dict[str, Any]:
    """The same of a banner."""
    return _members("banner", sizes(image, ImageKind.BANNER, web))


def _members(name: str, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{name}s": shown, name: shown[0]} if shown else {f"{name}s": []}
