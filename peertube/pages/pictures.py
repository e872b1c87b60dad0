"""Forms with one picture: that of the account, those of one's channels, those of this server."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from attrs import frozen

from peertube.errors import Forbidden, Invalid, PodError, TooLarge, UnsupportedMedia
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.http.sinks import ReceivedForm
from peertube.model.actor_images import ImageKind
from peertube.model.users import Right, Viewer
from peertube.pages.upload import OwnProfile
from peertube.pages.visits import PageRoute, PageSink, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.policy.video_fields import IMAGE_EXTENSIONS, MAXIMUM_IMAGE_SIZE, extension

FORM_LIMIT = MAXIMUM_IMAGE_SIZE + 2**16
_FIELD = "picture"


class ChangesImages(Protocol):
    """Changes the pictures of accounts and channels."""

    async def set_mine(self, viewer: Viewer, sent: Path) -> object:
        """Give the viewer's account another avatar."""
        ...

    async def remove_mine(self, viewer: Viewer) -> None:
        """Let the viewer's account have no avatar."""
        ...

    async def set_of_channel(self, viewer: Viewer, handle: str, kind: ImageKind, sent: Path) -> object:
        """Give a channel another picture."""
        ...

    async def remove_of_channel(self, viewer: Viewer, handle: str, kind: ImageKind) -> None:
        """Let a channel have none."""
        ...


class ChangesOwnPictures(Protocol):
    """Changes the pictures of this server."""

    async def change(self, kind: ImageKind, sent: Path) -> None:
        """Give it another one."""
        ...

    async def remove(self, kind: ImageKind) -> None:
        """Let it have none."""
        ...


@frozen
class PicturePages:
    """Takes pictures, and shows what was wrong with one."""

    images: ChangesImages
    instance: ChangesOwnPictures
    account: OwnProfile

    def routes(self) -> list[PageRoute]:
        """Each page."""
        configure = Right.MANAGE_CONFIGURATION
        return [
            PageRoute("GET", "/settings/avatar", Access.USER, self.mine),
            PageRoute("POST", "/settings/avatar/remove", Access.USER, self.remove_mine),
            PageRoute("POST", "/my-channels/<handle>/<kind>/remove", Access.USER, self.remove_of_channel),
            PageRoute("POST", "/admin/appearance/<kind>/remove", configure, self.remove_of_server),
        ]

    def sinks(self) -> list[PageSink]:
        """The forms."""
        return [
            _sink("/settings/avatar", self.take_mine),
            _sink("/my-channels/picture", self.take_for_channel),
            _sink("/admin/appearance/picture", self.take_for_server),
        ]

    async def mine(self, visit: Visit) -> Shown:
        """Show the picture of oneself, to be changed."""
        account = (await self.account.profile(visit.user())).account
        return Shown("avatar.html", {"account": account}, section="settings")

    async def take_mine(self, visit: Visit, received: ReceivedForm) -> Shown | Redirect:
        """Another picture of oneself."""
        return await _take(visit, received, "/settings/avatar", lambda path: self.images.set_mine(visit.user(), path))

    async def take_for_channel(self, visit: Visit, received: ReceivedForm) -> Shown | Redirect:
        """Another picture of a channel."""
        handle, kind = visit.given("channel")[:300], _kind(visit.given("kind"))
        return await _take(
            visit,
            received,
            f"/my-channels/{handle}" if handle.replace("_", "").replace(".", "").isalnum() else "/my-channels",
            lambda path: self.images.set_of_channel(visit.user(), handle, kind, path),
        )

    async def take_for_server(self, visit: Visit, received: ReceivedForm) -> Shown | Redirect:
        """Another picture of this server."""
        if not visit.may(Right.MANAGE_CONFIGURATION):
            raise Forbidden("You may not do this")
        kind = _kind(visit.given("kind"))
        return await _take(visit, received, "/admin/appearance", lambda path: self.instance.change(kind, path))

    async def remove_mine(self, visit: Visit) -> Redirect:
        """No picture of oneself."""
        await self.images.remove_mine(visit.user())
        return Redirect("/settings/avatar", done="picture-removed")

    async def remove_of_channel(self, visit: Visit, handle: str, kind: str) -> Redirect:
        """No picture of a channel."""
        await self.images.remove_of_channel(visit.user(), handle, _kind(kind))
        return Redirect(f"/my-channels/{handle}", done="picture-removed")

    async def remove_of_server(self, visit: Visit, kind: str) -> Redirect:
        """No picture of this server."""
        await self.instance.remove(_kind(kind))
        return Redirect("/admin/appearance", done="picture-removed")


async def _take(
    visit: Visit, received: ReceivedForm, back: str, use: Callable[[Path], Awaitable[object]]
) -> Shown | Redirect:
    try:
        file = received.files.get(_FIELD)
        if file is None or file.size == 0:
            raise Invalid(visit.gettext("Choose a file first."), code="no_file")
        _require_picture(file.filename)
        if file.size > MAXIMUM_IMAGE_SIZE:
            raise TooLarge("This picture is too large", code="max_file_size_reached")
        await use(file.path)
    except PodError as error:
        return _refused(visit, error, back)
    return Redirect(back, done="picture-saved")


def _refused(visit: Visit, error: PodError, back: str) -> Shown:
    status = status_of(error)
    texts = {
        413: visit.gettext("This picture is too large. It may have at most 8 MB."),
        415: visit.gettext("This is not a picture that we know. It should be a JPEG, PNG or WebP file."),
        422: visit.gettext("This is not a picture that we know. It should be a JPEG, PNG or WebP file."),
    }
    if error.code == "no_file":
        text = error.detail
    else:
        text = texts.get(status) or Words(visit.texts).error(error.code, error.detail)
    return Shown("picture_refused.html", {"problem_text": text, "back": back}, status=status)


async def _hear_out(visit: Visit, error: PodError) -> Shown:
    return _refused(visit, error, "/")


async def _room(visit: Visit, content_length: int | None) -> int:
    return FORM_LIMIT


def _require_picture(filename: str) -> str:
    found = extension(filename, IMAGE_EXTENSIONS)
    if found is None:
        raise UnsupportedMedia("This picture is not supported")
    return found


def _kind(text: str) -> ImageKind:
    return ImageKind.BANNER if text == "banner" else ImageKind.AVATAR


def _sink(path: str, handler: Callable[[Visit, ReceivedForm], Awaitable[Shown | Redirect]]) -> PageSink:
    return PageSink(
        path=path,
        check=_room,
        handler=handler,
        check_filename=_require_picture,
        refused=_hear_out,
        file_fields=frozenset({_FIELD}),
    )
