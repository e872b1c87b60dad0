"""Pictures that people send: ``/users/me/avatar``, avatars and banners of channels, those of the pod itself."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import unquote

from peertube.api.representations.actor_images import sizes
from peertube.config.schema import WebServer
from peertube.errors import Invalid, TooLarge, UnsupportedMedia
from peertube.http.routing import Access, Call, Route
from peertube.http.sinks import ReceivedFile, ReceivedForm, SinkRoute
from peertube.model.actor_images import ActorImage, ImageKind
from peertube.model.users import Right
from peertube.policy.video_fields import IMAGE_EXTENSIONS, MAXIMUM_IMAGE_SIZE, extension
from peertube.usecases.actor_images import ActorImages
from peertube.usecases.instance_pictures import InstancePictures

FORM_LIMIT = MAXIMUM_IMAGE_SIZE + 2**16
"""Bytes of a form with one picture."""

FIELDS = {ImageKind.AVATAR: "avatarfile", ImageKind.BANNER: "bannerfile"}
"""The field that holds the picture."""


class PicturesApi:
    """Routes that take and remove pictures."""

    def __init__(self, *, images: ActorImages, instance: InstancePictures, web: WebServer) -> None:
        self._images = images
        self._instance = instance
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        configure = Right.MANAGE_CONFIGURATION
        return [
            Route("DELETE", "/users/me/avatar", Access.USER, self.remove_mine),
            Route("DELETE", "/video-channels/<handle>/avatar", Access.USER, self.remove_avatar),
            Route("DELETE", "/video-channels/<handle>/banner", Access.USER, self.remove_banner),
            Route("DELETE", "/config/instance-avatar", configure, self.remove_instance_avatar),
            Route("DELETE", "/config/instance-banner", configure, self.remove_instance_banner),
        ]

    def sinks(self) -> list[SinkRoute]:
        """The routes that take pictures, with their whole paths."""
        configure = Right.MANAGE_CONFIGURATION
        channel = r"/api/v1/video-channels/(?P<handle>[^/]{1,400})/"
        return [
            _sink(r"/api/v1/users/me/avatar/pick", Access.USER, self.pick_mine, ImageKind.AVATAR),
            _sink(channel + "avatar/pick", Access.USER, self.pick_avatar, ImageKind.AVATAR),
            _sink(channel + "banner/pick", Access.USER, self.pick_banner, ImageKind.BANNER),
            _sink(r"/api/v1/config/instance-avatar/pick", configure, self.pick_instance_avatar, ImageKind.AVATAR),
            _sink(r"/api/v1/config/instance-banner/pick", configure, self.pick_instance_banner, ImageKind.BANNER),
        ]

    async def pick_mine(self, call: Call, form: ReceivedForm) -> object:
        """Give the caller's account another avatar."""
        return self._shown(
            ImageKind.AVATAR, await self._images.set_mine(call.known_viewer, sent_picture(form.files, "avatarfile"))
        )

    async def remove_mine(self, call: Call) -> None:
        """Let the caller's account have no avatar."""
        await self._images.remove_mine(call.known_viewer)

    async def pick_avatar(self, call: Call, form: ReceivedForm, handle: str) -> object:
        """Give a channel another avatar."""
        return await self._pick(call, form, handle, ImageKind.AVATAR)

    async def pick_banner(self, call: Call, form: ReceivedForm, handle: str) -> object:
        """Give a channel another banner."""
        return await self._pick(call, form, handle, ImageKind.BANNER)

    async def remove_avatar(self, call: Call, handle: str) -> None:
        """Let a channel have no avatar."""
        await self._images.remove_of_channel(call.known_viewer, handle, ImageKind.AVATAR)

    async def remove_banner(self, call: Call, handle: str) -> None:
        """Let a channel have no banner."""
        await self._images.remove_of_channel(call.known_viewer, handle, ImageKind.BANNER)

    async def pick_instance_avatar(self, call: Call, form: ReceivedForm) -> None:
        """Give the pod another avatar."""
        await self._instance.change(ImageKind.AVATAR, sent_picture(form.files, "avatarfile"))

    async def pick_instance_banner(self, call: Call, form: ReceivedForm) -> None:
        """Give the pod another banner."""
        await self._instance.change(ImageKind.BANNER, sent_picture(form.files, "bannerfile"))

    async def remove_instance_avatar(self, call: Call) -> None:
        """Let the pod have no avatar."""
        await self._instance.remove(ImageKind.AVATAR)

    async def remove_instance_banner(self, call: Call) -> None:
        """Let the pod have no banner."""
        await self._instance.remove(ImageKind.BANNER)

    async def _pick(self, call: Call, form: ReceivedForm, handle: str, kind: ImageKind) -> object:
        sent = sent_picture(form.files, FIELDS[kind])
        return self._shown(kind, await self._images.set_of_channel(call.known_viewer, unquote(handle), kind, sent))

    def _shown(self, kind: ImageKind, image: ActorImage) -> object:
        made = sizes(image, kind, self._web)
        return {kind.value: made[0], f"{kind.value}s": made}


def sent_picture(files: Mapping[str, ReceivedFile], field: str) -> Path:
    """The picture of a form; refuses what is too large or, by its name, none."""
    picture = files.get(field)
    if picture is None or picture.size == 0:
        raise Invalid(f"Incorrect request parameters: {field}", fields={field: "Should be a file"})
    if extension(picture.filename, IMAGE_EXTENSIONS) is None:
        raise UnsupportedMedia("This picture is not supported. Its type must be one of " + ", ".join(IMAGE_EXTENSIONS))
    if picture.size > MAXIMUM_IMAGE_SIZE:
        raise TooLarge("This picture is too large", code="max_file_size_reached")
    return picture.path


async def _room_for_one(call: Call, content_length: int | None, **path: str) -> int:
    return FORM_LIMIT


def _sink(path: str, access: Access | Right, handler: Callable[..., Awaitable[object]], kind: ImageKind) -> SinkRoute:
    return SinkRoute(
        method="POST",
        path=path,
        access=access,
        check=_room_for_one,
        handler=handler,
        file_fields=frozenset({FIELDS[kind]}),
        max_files=1,
    )
