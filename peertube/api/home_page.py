"""``/custom-pages/homepage/instance``: the text of the admin's own on the first page."""

from pydantic import BaseModel

from peertube.errors import NotFound
from peertube.http.routing import Access, Call, Route
from peertube.model.users import Right
from peertube.usecases.home_page import HomePage


class HomePageBody(BaseModel):
    """The text, in markdown."""

    content: str


class HomePageApi:
    """Routes of the home page."""

    def __init__(self, *, home_page: HomePage) -> None:
        self._home_page = home_page

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        change = Right.MANAGE_INSTANCE_CUSTOM_PAGE
        return [
            Route("GET", "/custom-pages/homepage/instance", Access.ANYONE, self.show),
            Route("PUT", "/custom-pages/homepage/instance", change, self.change, body=HomePageBody),
        ]

    async def show(self, call: Call) -> object:
        """The text of the home page, in markdown."""
        if not self._home_page.content:
            raise NotFound("There is no home page")
        return {"content": self._home_page.content}

    async def change(self, call: Call) -> None:
        """Set the text of the home page."""
        await self._home_page.change(call.known_viewer, (await call.body(HomePageBody)).content)
