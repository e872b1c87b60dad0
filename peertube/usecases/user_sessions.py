"""Where a user is logged in, and the token of the user's feeds."""

from peertube.errors import Forbidden, NotFound
from peertube.model import topics
from peertube.model.pages import Listing, Window
from peertube.model.users import Session, Viewer
from peertube.policy.authority import may_manage_user
from peertube.storage import sessions, users
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Publisher
from peertube.usecases.secret_box import SecretBox

_FEEDS = "feed token"


class UserSessions:
    """Lists and ends sessions of the viewer, or of those whom the viewer manages."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher, box: SecretBox) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._box = box

    async def listing(self, viewer: Viewer, user_id: int, window: Window) -> Listing[Session]:
        """A window of sessions, the newest first."""
        return await self._database.read(self._listing, viewer, user_id, window)

    async def end(self, viewer: Viewer, user_id: int, session_id: int) -> None:
        """End one session, and every token of it."""
        await self._database.write(self._end, viewer, user_id, session_id)

    async def end_others(self, viewer: Viewer) -> None:
        """End every session of the viewer but this one."""
        await self._database.write(self._end_others, viewer)

    async def feed_token(self, viewer: Viewer) -> str:
        """The word with which programs read the viewer's own feeds, and nothing else."""
        user = await self._database.read(users.by_id, viewer.user.id)
        return self._feed_token(viewer.user.id, 0 if user is None else user.feed_generation)

    async def renew_feed_token(self, viewer: Viewer) -> str:
        """Another word; the old one is not good any more."""
        return self._feed_token(viewer.user.id, await self._database.write(users.renew_feeds, viewer.user.id))

    def _feed_token(self, user_id: int, generation: int) -> str:
        return self._box.word(f"{user_id} {generation}", _FEEDS)

    async def _listing(self, tx: Transaction, viewer: Viewer, user_id: int, window: Window) -> Listing[Session]:
        await self._require_authority(tx, viewer, user_id)
        now_ms = self._clock.now_ms()
        total = None if window.skip_count else await sessions.count_of_user(tx, user_id, now_ms)
        return Listing(total, await sessions.listing(tx, user_id, now_ms, window))

    async def _end(self, tx: Transaction, viewer: Viewer, user_id: int, session_id: int) -> None:
        await self._require_authority(tx, viewer, user_id)
        session = await sessions.by_id(tx, session_id)
        if session is None or session.user_id != user_id:
            raise NotFound("Token session not found")
        await sessions.remove(tx, session_id)
        tx.after_commit(lambda: self._publisher.publish(topics.SESSIONS, {"ended": [session_id]}))

    async def _end_others(self, tx: Transaction, viewer: Viewer) -> None:
        ended = await sessions.remove_others(tx, viewer.user.id, viewer.session_id)
        if ended:
            tx.after_commit(lambda: self._publisher.publish(topics.SESSIONS, {"ended": ended}))

    async def _require_authority(self, tx: Transaction, viewer: Viewer, user_id: int) -> None:
        user = await users.by_id(tx, user_id)
        if user is None:
            raise NotFound("User not found")
        if user_id != viewer.user.id and not may_manage_user(viewer.user, user):
            raise Forbidden("Sessions of another user cannot be seen.")
