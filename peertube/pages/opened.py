"""Videos behind a password: the page that asks for it, and the cookie that remembers that it was right.

The cookie holds tokens for the files of the videos that were opened last; each is worth nothing any more when its
password, or the privacy of its video, is changed.
"""

from typing import Protocol

from attrs import frozen

from peertube.errors import Forbidden, TooManyRequests
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.users import Viewer
from peertube.model.video_access import Proof
from peertube.pages.visits import Cookie, PageRoute, Redirect, Shown, Visit
from peertube.policy.short_uuid import identify_uuid, shorten
from peertube.policy.visibility import INCORRECT_PASSWORD

OPENED_COOKIE = "opened"
MOST_OPENED = 5
"""So many videos stay open: a cookie has room for 4,096 bytes."""

_BETWEEN = "~"
_LIFE_SECONDS = 8 * 3600


class GivesTokens(Protocol):
    """Gives tokens for the files of a video."""

    async def token(self, viewer: Viewer | None, id_or_uuid: str, proof: Proof) -> tuple[str, int]:
        """A token to those who may see the video, or show its password; and when it ends."""
        ...


def opened_videos(visit: Visit) -> dict[str, str]:
    """The tokens of a visitor by the UUIDs of their videos, the newest first."""
    pairs = [one.partition(":") for one in visit.remembered.get(OPENED_COOKIE, "").split(_BETWEEN)[:MOST_OPENED]]
    return {uuid: token for uuid, _, token in pairs if token and identify_uuid(uuid) == uuid}


def proof_of(visit: Visit, uuid: str) -> Proof:
    """What a visitor shows for a video."""
    return Proof(token=opened_videos(visit).get(uuid), address=visit.address)


def asks_for_password(uuid: str, problem: str = "", status: int = 403) -> Shown:
    """The page instead of the video."""
    return Shown("watch_password.html", {"uuid": shorten(uuid), "problem_text": problem}, status=status)


@frozen
class OpenedPages:
    """`/w/<id>/password`."""

    tokens: GivesTokens

    def routes(self) -> list[PageRoute]:
        """The one form."""
        return [PageRoute("POST", "/w/<identifier>/password", Access.ANYONE, self.open)]

    async def open(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Take the password of a video."""
        uuid = identify_uuid(identifier) or identifier
        try:
            shown = Proof(password=visit.given("password"), address=visit.address)
            token, _ = await self.tokens.token(visit.viewer, uuid, shown)
        except TooManyRequests as error:
            problem = visit.gettext("There were too many wrong passwords. Try again later.")
            return asks_for_password(uuid, problem, status_of(error))
        except Forbidden as error:
            if error.code != INCORRECT_PASSWORD:
                raise
            return asks_for_password(uuid, visit.gettext("This is not the password of the video."))
        others = {other: one for other, one in opened_videos(visit).items() if other != uuid}
        kept = [f"{one}:{word}" for one, word in {uuid: token, **others}.items()]
        cookie = Cookie(OPENED_COOKIE, _BETWEEN.join(kept[:MOST_OPENED]), _LIFE_SECONDS)
        return Redirect(f"/w/{shorten(uuid)}", cookies=(cookie,))
