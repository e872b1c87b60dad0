"""What this server looks like: its pictures, and the text of the admin's own on the first page."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid
from peertube.model.actor_images import ActorImage, ImageKind
from peertube.model.users import Right, Viewer
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.usecases.home_page import MAXIMUM_LENGTH


class OwnText(Protocol):
    """The text on the first page."""

    @property
    def content(self) -> str:
        """The text, in markdown; empty when there is none."""
        ...

    async def change(self, viewer: Viewer, content: str) -> None:
        """Set it."""
        ...


class OwnPictures(Protocol):
    """The pictures of this server."""

    @property
    def present(self) -> Mapping[ImageKind, ActorImage]:
        """Those that there are."""
        ...


@frozen
class AppearancePages:
    """`/admin/appearance`."""

    home_page: OwnText
    pictures: OwnPictures

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/admin/appearance", Right.MANAGE_CONFIGURATION, self.form),
            PageRoute("POST", "/admin/appearance", Right.MANAGE_INSTANCE_CUSTOM_PAGE, self.save),
        ]

    async def form(self, visit: Visit) -> Shown:
        """Show pictures and text, to be changed."""
        return self._form(self.home_page.content)

    async def save(self, visit: Visit) -> Shown | Redirect:
        """Set the text."""
        typed = visit.given("content")
        try:
            await self.home_page.change(visit.user(), typed)
        except Invalid:
            text = visit.gettext("The text is too long: it may have %(most)s characters.", most=MAXIMUM_LENGTH)
            return self._form(typed, {"content": text}, 400)
        return Redirect("/admin/appearance", done="home-page-saved")

    def _form(self, content: str, errors: dict[str, str] | None = None, status: int = 200) -> Shown:
        context = {
            "content": content,
            "errors": errors or {},
            "avatar_image": self.pictures.present.get(ImageKind.AVATAR),
            "banner_image": self.pictures.present.get(ImageKind.BANNER),
        }
        return Shown("appearance.html", context, status=status, section="appearance")
