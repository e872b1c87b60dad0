"""The sessions that live, as last read: so that a verified token costs no query."""

from collections import OrderedDict
from collections.abc import Iterable

from attrs import frozen

from peertube.model.users import Session, User, Viewer
from peertube.storage import sessions, users
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Message

_TRUSTED_MS = 60_000
"""A row is read again after a minute, should the news of its end have been lost."""


@frozen
class _Living:
    session: Session
    user: User
    read_ms: int


class LivingSessions:
    """A bounded memory of sessions with their users; the least recently used leaves first.

    News of the topics SESSIONS and USERS must be handed to `forget_sessions` and `forget_users`.
    """

    def __init__(self, *, database: Database, clock: Clock, limit: int = 10_000) -> None:
        self._database = database
        self._clock = clock
        self._limit = limit
        self._by_id: OrderedDict[int, _Living] = OrderedDict()
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._news = 0

    async def viewer(self, session_id: int) -> Viewer | None:
        """Whose session this is; None when it has ended, is out of date, or its user is blocked."""
        found = self._remembered(session_id)
        if found is None:
            news = self._news
            found = await self._database.read(self._by_session_id, session_id)
            self._remember(found, news)
        return self._if_good(found)

    async def page_session(self, token_hash: str) -> tuple[Viewer, Session] | None:
        """Whose page session has a cookie with this hash, and the session; None as for `viewer`."""
        session_id = self._ids.get(token_hash)
        found = None if session_id is None else self._remembered(session_id)
        if found is None:
            news = self._news
            found = await self._database.read(self._by_cookie_hash, token_hash)
            self._remember(found, news)
        viewer = self._if_good(found)
        return None if viewer is None or found is None else (viewer, found.session)

    def forget_sessions(self, message: Message) -> None:
        """These ended (topic SESSIONS)."""
        self._forget(message.get("ended", ()))

    def forget_users(self, message: Message) -> None:
        """These changed (topic USERS)."""
        changed = set(message.get("changed", ()))
        self._forget([session_id for session_id, one in self._by_id.items() if one.user.id in changed])

    def forget_all(self) -> None:
        """Any of them may have ended or changed."""
        self._forget(list(self._by_id))

    def _forget(self, session_ids: Iterable[int]) -> None:
        self._news += 1
        for session_id in session_ids:
            gone = self._by_id.pop(session_id, None)
            if gone is not None:
                self._ids.pop(gone.session.token_hash, None)

    def _remembered(self, session_id: int) -> _Living | None:
        found = self._by_id.get(session_id)
        if found is None or self._clock.now_ms() - found.read_ms >= _TRUSTED_MS:
            return None
        self._by_id.move_to_end(session_id)
        return found

    def _remember(self, found: _Living | None, news: int) -> None:
        if found is None or news != self._news:  # what was read may be older than news that came meanwhile
            return
        self._by_id[found.session.id] = found
        self._by_id.move_to_end(found.session.id)
        if found.session.kind == "page":
            self._ids[found.session.token_hash] = found.session.id
        while len(self._by_id) > self._limit:
            _, gone = self._by_id.popitem(last=False)
            self._ids.pop(gone.session.token_hash, None)

    def _if_good(self, found: _Living | None) -> Viewer | None:
        if found is None or found.user.blocked or found.session.expires_ms <= self._clock.now_ms():
            return None
        return Viewer(user=found.user, session_id=found.session.id)

    async def _by_session_id(self, tx: Transaction, session_id: int) -> _Living | None:
        return await self._with_user(tx, await sessions.by_id(tx, session_id))

    async def _by_cookie_hash(self, tx: Transaction, token_hash: str) -> _Living | None:
        return await self._with_user(tx, await sessions.by_token_hash(tx, "page", token_hash))

    async def _with_user(self, tx: Transaction, session: Session | None) -> _Living | None:
        if session is None:
            return None
        user = await users.by_id(tx, session.user_id)
        return None if user is None else _Living(session=session, user=user, read_ms=self._clock.now_ms())
