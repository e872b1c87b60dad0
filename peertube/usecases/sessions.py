"""Sessions: logging in, staying in, getting out, for programs (OAuth 2 tokens) and for pages (a cookie)."""

import attrs
from attrs import frozen

from peertube.config.schema import OAuthLifetime
from peertube.errors import Invalid, Unauthorized
from peertube.model import topics
from peertube.model.users import Session, User, Viewer
from peertube.storage import sessions, settings, users
from peertube.storage.database import Database, ForeignKeyViolation, Transaction
from peertube.storage.sessions import NewSession
from peertube.usecases import access_tokens
from peertube.usecases.access_tokens import AccessToken, TokenKey, fingerprint
from peertube.usecases.living_sessions import LivingSessions
from peertube.usecases.logins import Logins, blocked, invalid_grant
from peertube.usecases.ports import Clock, Message, Publisher, Randomness

PAGE_TOKEN_MS = 15 * 60_000
"""How long a token is good that a page hands to its script."""

SESSIONS_PER_USER = 200
"""The oldest sessions of a user end when there are more."""

SWEPT_AT_ONCE = 1000

_EXTEND_AFTER_MS = 24 * 3_600_000
_FAMILY_LENGTH = 32
_USER_AGENT_LENGTH = 300


@frozen
class OAuthClient:
    """What programs show beside a login: says nothing about who they are, since every pod hands it to anyone."""

    id: str
    secret: str


@frozen
class Tokens:
    """What a program gets for a login. Lifetimes in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_token_expires_in: int


class Sessions:
    """Begins, knows and ends sessions. A part of the pod: `start` makes or reads its secrets.

    News of the topics SESSIONS and USERS must be handed to `sessions_ended` and `users_changed`.

    :param secret: `secrets.peertube`; made and kept in the database when it is empty.
    :param lifetime: `oauth2.token_lifetime`.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        logins: Logins,
        secret: str,
        lifetime: OAuthLifetime,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._secret = secret
        self._lifetime = lifetime
        self._logins = logins
        self._living = LivingSessions(database=database, clock=clock)
        self._started: tuple[TokenKey, OAuthClient] | None = None

    async def start(self) -> None:
        """Read the secrets, or make them at the first start."""
        made = [self._randomness.token() for _ in range(3)]
        secret, client = await self._database.write(self._secrets, made)
        self._started = TokenKey.from_secret(self._secret or secret), client
        await self._logins.prepare()

    async def stop(self) -> None:
        """Nothing runs."""

    # Programs

    def local_client(self) -> OAuthClient:
        """The client that programs of this pod's users log in with."""
        return self._ready[1]

    def check_client(self, client_id: str, client_secret: str) -> None:
        """`Invalid` (code ``invalid_client``) unless this is the local client."""
        client = self.local_client()
        same_id = access_tokens.same(client.id, client_id)
        if not (access_tokens.same(client.secret, client_secret) and same_id):
            raise Invalid("Invalid client: client is invalid", code="invalid_client")

    async def log_in(
        self, login: str, password: str, *, address: str, user_agent: str, code: str | None = None
    ) -> Tokens:
        """Tokens for a user's name or e-mail address (in any case) and password; errors as `Logins.check`."""
        user = await self._logins.check(login, password, address, code)
        family = self._randomness.token()[:_FAMILY_LENGTH]
        refresh_token = family + self._randomness.token()
        new = self._new_api_session(user.id, refresh_token, address, user_agent)
        return self._tokens(user.id, await self._begin(new, user), refresh_token, new)

    async def refresh(self, refresh_token: str, *, address: str, user_agent: str) -> Tokens:
        """New tokens for a refresh token; the pair it belongs to is gone.

        A token that was used before ends the session that came of it: one of the two who showed it has stolen it.

        :raises Invalid: code ``invalid_grant``.
        """
        renewed = refresh_token[:_FAMILY_LENGTH] + self._randomness.token()
        new = self._new_api_session(0, renewed, address, user_agent)
        user, session_id = await self._database.write(self._rotate, fingerprint(refresh_token), refresh_token, new)
        if user is None:
            raise invalid_grant("Invalid grant: refresh token is invalid")
        if user.blocked:
            raise blocked()
        return self._tokens(user.id, session_id, renewed, new)

    async def viewer_for_access_token(self, token: str) -> Viewer:
        """Who shows this token; `Unauthorized` (code ``invalid_token``) when it is not good (any more)."""
        parsed = access_tokens.parse(token, self._ready[0], self._clock.now_ms())
        viewer = None if parsed is None else await self._living.viewer(parsed.session_id)
        if parsed is None or viewer is None or viewer.user.id != parsed.user_id:
            raise Unauthorized("Token is invalid", code="invalid_token")
        return viewer

    async def revoke(self, viewer: Viewer) -> None:
        """End the session that the viewer came with, and every token of it."""
        await self._database.write(self._end, viewer.session_id)

    # Pages

    async def log_in_page(self, login: str, password: str, *, address: str, user_agent: str) -> str:
        """The value of the cookie of a new page session; errors as `Logins.check`."""
        return await self._begin_page(await self._logins.check(login, password, address), address, user_agent)

    async def log_in_page_with_code(self, ticket: str, code: str, *, address: str, user_agent: str) -> str:
        """The same after `TwoFactorMissing`, for its ticket and the code; errors as `Logins.check_ticket`."""
        return await self._begin_page(await self._logins.check_ticket(ticket, code, address), address, user_agent)

    async def begin_page_again(self, viewer: Viewer, *, address: str, user_agent: str) -> str:
        """The cookie of a new page session for somebody who has just proved who they are, and whose sessions ended."""
        user = await self._database.read(users.by_id, viewer.user.id)
        if user is None:
            raise invalid_grant()
        return await self._begin_page(user, address, user_agent)

    async def _begin_page(self, user: User, address: str, user_agent: str) -> str:
        cookie = self._randomness.token()
        now_ms = self._clock.now_ms()
        new = NewSession(
            user_id=user.id,
            kind="page",
            token_hash=fingerprint(cookie),
            family_hash=fingerprint(cookie),
            created_ms=now_ms,
            access_expires_ms=now_ms + self._page_lifetime_ms,
            expires_ms=now_ms + self._page_lifetime_ms,
            address=address,
            user_agent=user_agent[:_USER_AGENT_LENGTH],
            login_ms=now_ms,
            login_address=address,
            login_user_agent=user_agent[:_USER_AGENT_LENGTH],
        )
        await self._begin(new, user)
        return cookie

    async def viewer_for_page(self, cookie: str) -> Viewer | None:
        """Whose page session this is; None when it has ended. Being used lets it live on (once a day, in a write)."""
        if not 0 < len(cookie) <= 200:
            return None
        found = await self._living.page_session(fingerprint(cookie))
        if found is None:
            return None
        viewer, session = found
        expires_ms = self._clock.now_ms() + self._page_lifetime_ms
        if expires_ms - session.expires_ms >= min(_EXTEND_AFTER_MS, self._page_lifetime_ms // 2):
            await self._database.write(sessions.extend, session.id, expires_ms)
            self._living.forget_sessions({"ended": [session.id]})
        return viewer

    async def log_out_page(self, cookie: str) -> None:
        """End a page session, if it lives."""
        found = await self._living.page_session(fingerprint(cookie))
        if found is not None:
            await self._database.write(self._end, found[1].id)

    def csrf_token(self, cookie: str) -> str:
        """The word that every form of this page session carries."""
        return access_tokens.csrf_token(cookie, self._ready[0])

    def is_csrf_token(self, cookie: str, shown: str) -> bool:
        """Whether a form of this page session was sent."""
        return access_tokens.same(self.csrf_token(cookie), shown)

    def access_token_for_page(self, viewer: Viewer) -> str:
        """An access token for the script of a page, good for 15 minutes and never longer than the page session."""
        token = AccessToken(viewer.session_id, viewer.user.id, self._clock.now_ms() + PAGE_TOKEN_MS)
        return access_tokens.encode(token, self._ready[0])

    @property
    def page_lifetime_seconds(self) -> int:
        """How long the cookie of a page session is kept without being used."""
        return self._lifetime.refresh_token

    # Both

    def sessions_ended(self, message: Message) -> None:
        """Take in news of the topic SESSIONS."""
        self._living.forget_sessions(message)

    def users_changed(self, message: Message) -> None:
        """Take in news of the topic USERS."""
        self._living.forget_users(message)

    def news_missed(self) -> None:
        """News of other processes may have been lost: look every session up again."""
        self._living.forget_all()

    async def sweep(self) -> int:
        """Forget sessions that are out of date, at most `SWEPT_AT_ONCE`; how many there were."""
        return len(await self._database.write(sessions.remove_expired, self._clock.now_ms(), SWEPT_AT_ONCE))

    @property
    def _ready(self) -> tuple[TokenKey, OAuthClient]:
        if self._started is None:
            raise RuntimeError("sessions have not been started")
        return self._started

    @property
    def _page_lifetime_ms(self) -> int:
        return self._lifetime.refresh_token * 1000

    async def _secrets(self, tx: Transaction, made: list[str]) -> tuple[str, OAuthClient]:
        secret = await settings.put_once(tx, "secrets.peertube", made[0])
        client_id = await settings.put_once(tx, "oauth.client_id", made[1][:32])
        client_secret = await settings.put_once(tx, "oauth.client_secret", made[2][:32])
        return secret, OAuthClient(id=client_id, secret=client_secret)

    def _new_api_session(self, user_id: int, refresh_token: str, address: str, user_agent: str) -> NewSession:
        now_ms = self._clock.now_ms()
        return NewSession(
            user_id=user_id,
            kind="api",
            token_hash=fingerprint(refresh_token),
            family_hash=fingerprint(refresh_token[:_FAMILY_LENGTH]),
            created_ms=now_ms,
            access_expires_ms=now_ms + self._lifetime.access_token * 1000,
            expires_ms=now_ms + max(self._lifetime.access_token, self._lifetime.refresh_token) * 1000,
            address=address,
            user_agent=user_agent[:_USER_AGENT_LENGTH],
            login_ms=now_ms,
            login_address=address,
            login_user_agent=user_agent[:_USER_AGENT_LENGTH],
        )

    def _tokens(self, user_id: int, session_id: int, refresh_token: str, session: NewSession) -> Tokens:
        token = AccessToken(session_id=session_id, user_id=user_id, expires_ms=session.access_expires_ms)
        return Tokens(
            access_token=access_tokens.encode(token, self._ready[0]),
            refresh_token=refresh_token,
            expires_in=self._lifetime.access_token,
            refresh_token_expires_in=self._lifetime.refresh_token,
        )

    async def _begin(self, new: NewSession, user: User) -> int:
        try:
            return await self._database.write(self._add, new, user.password_hash)
        except ForeignKeyViolation:
            raise invalid_grant() from None

    async def _add(self, tx: Transaction, new: NewSession, password_hash: str) -> int:
        user = await users.by_id(tx, new.user_id)
        if user is None or user.password_hash != password_hash:  # changed while the password was being verified
            raise invalid_grant()
        if user.blocked:
            raise blocked()
        session_id = await sessions.add(tx, new)
        await users.set_last_login(tx, user.id, new.created_ms)
        self._tell_ended(tx, await sessions.remove_surplus(tx, user.id, SESSIONS_PER_USER))
        return session_id

    async def _rotate(
        self, tx: Transaction, token_hash: str, refresh_token: str, new: NewSession
    ) -> tuple[User | None, int]:
        old = await sessions.by_token_hash(tx, "api", token_hash)
        if old is None:
            await self._end_family(tx, refresh_token)
            return None, 0
        await sessions.remove(tx, old.id)
        self._tell_ended(tx, [old.id])
        user = await users.by_id(tx, old.user_id)
        if user is None or _refresh_expired(old, self._lifetime, new.created_ms):
            return None, 0
        if user.blocked:
            return user, 0
        return user, await sessions.add(
            tx,
            attrs.evolve(
                new,
                user_id=user.id,
                login_ms=old.created_ms if old.login_ms is None else old.login_ms,
                login_address=old.login_address or old.address,
                login_user_agent=old.login_user_agent or old.user_agent,
            ),
        )

    async def _end_family(self, tx: Transaction, refresh_token: str) -> None:
        if len(refresh_token) > _FAMILY_LENGTH:
            ended = await sessions.remove_family(tx, fingerprint(refresh_token[:_FAMILY_LENGTH]))
            self._tell_ended(tx, ended)

    async def _end(self, tx: Transaction, session_id: int) -> None:
        await sessions.remove(tx, session_id)
        self._tell_ended(tx, [session_id])

    def _tell_ended(self, tx: Transaction, session_ids: list[int]) -> None:
        if session_ids:
            message = {"ended": session_ids}

            def tell() -> None:
                self._living.forget_sessions(message)
                self._publisher.publish(topics.SESSIONS, message)

            tx.after_commit(tell)


def _refresh_expired(session: Session, lifetime: OAuthLifetime, now_ms: int) -> bool:
    return session.created_ms + lifetime.refresh_token * 1000 <= now_ms
