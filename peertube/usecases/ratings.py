"""Likes and dislikes."""

from peertube.errors import Forbidden, Invalid, NotFound
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.videos import Rating, Video
from peertube.policy.authority import may_see_own_lists
from peertube.storage import accounts, ratings
from peertube.storage.database import Database, Transaction
from peertube.usecases import friend_counts
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock
from peertube.usecases.videos import by_identifier, require_visible


class Ratings:
    """What users think of videos."""

    def __init__(self, *, database: Database, clock: Clock, handles: Handles) -> None:
        self._database = database
        self._handles = handles
        self._clock = clock

    async def rate(self, viewer: Viewer, id_or_uuid: str, rating: Rating, *, opened: bool = False) -> None:
        """Like or dislike a video, or take that back; the video's counters change with it.

        :param opened: what opens the video was shown.
        """
        await self._database.write(self._rate, viewer, id_or_uuid, rating, opened)

    async def of(self, viewer: Viewer, id_or_uuid: str, *, opened: bool = False) -> tuple[int, Rating]:
        """The number of a video, and what the viewer thinks of it."""
        return await self._database.read(self._of, viewer, id_or_uuid, opened)

    async def of_account(
        self, viewer: Viewer, handle: str, only: Rating | None, window: Window
    ) -> Listing[tuple[Video, Rating]]:
        """What an account rated; for the account itself."""
        if window.sort not in ratings.SORTS:
            raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
        return await self._database.read(self._of_account, viewer, handle, only, window)

    async def _of_account(
        self, tx: Transaction, viewer: Viewer, handle: str, only: Rating | None, window: Window
    ) -> Listing[tuple[Video, Rating]]:
        host, name = self._handles.split(handle)
        account = await accounts.by_name(tx, host, name)
        if account is None:
            raise NotFound("Account not found")
        if not may_see_own_lists(viewer, account.id):
            raise Forbidden("This account is not yours")
        return await ratings.listing(tx, viewer.user.id, only, window)

    async def _rate(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, rating: Rating, opened: bool) -> None:
        found = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid, opened=opened)
        now_ms = self._clock.now_ms()
        likes, dislikes = await ratings.put(tx, viewer.user.id, found.video.id, rating, now_ms)
        if likes or dislikes:
            await friend_counts.tell(tx, found.video, now_ms, likes=likes, dislikes=dislikes)

    async def _of(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, opened: bool) -> tuple[int, Rating]:
        found = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid, opened=opened)
        return found.video.id, await ratings.of(tx, viewer.user.id, found.video.id)
