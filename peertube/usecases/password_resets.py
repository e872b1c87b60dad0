"""A lost password: a link in a mail lets its reader choose another."""

from urllib.parse import urlencode

import attrs

from peertube.config.schema import Limit
from peertube.errors import Forbidden, NotFound
from peertube.model.mails import Mail, MailKind
from peertube.model.users import User
from peertube.policy import passwords
from peertube.storage import users
from peertube.storage.database import Database, Transaction
from peertube.usecases import codes
from peertube.usecases.codes import HOUR_MS, NOBODY, Purpose
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, Counters, InForce, PasswordHasher, Publisher, Randomness
from peertube.usecases.users import change_password, require_faultless
from peertube.usecases.verifications import count_asking

FIRST_PASSWORD_MS = 7 * 24 * HOUR_MS
"""How long the link to the first password is good."""


class PasswordResets:
    """Sends the links, and takes the new passwords.

    Whether an address is known can be told neither from what is answered nor from how long it takes.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        counters: Counters,
        hasher: PasswordHasher,
        outbox: Outbox,
        settings: InForce,
        limit: Limit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._counters = counters
        self._hasher = hasher
        self._outbox = outbox
        self._settings = settings
        self._limit = limit

    @property
    def enabled(self) -> bool:
        """Whether links can be sent."""
        return self._outbox.enabled

    async def ask(self, email: str, address: str, language: str = "") -> None:
        """Send a link to the user of this e-mail address; nothing to anybody else."""
        email = email.strip().lower()
        count_asking(self._counters, self._limit, email, address)
        if self.enabled:
            await self._database.write(self._ask, email, language)

    async def reset(self, user_id: int, code: str, password: str) -> None:
        """Take another password; every session ends.

        :raises Forbidden: the code is wrong, used, or out of date.
        """
        require_faultless({"password": passwords.fault(password)})
        await self._database.read(self._require_good, user_id, code)
        password_hash = await self._hasher.hash(password)
        await self._database.write(self._reset, user_id, code, password_hash)

    async def invite(self, tx: Transaction, user: User) -> None:
        """Let somebody for whom an account was made choose the first password."""
        await self._send(tx, MailKind.FIRST_PASSWORD, user, user.preferences.language or "", FIRST_PASSWORD_MS)

    async def _ask(self, tx: Transaction, email: str, language: str) -> None:
        user = await users.by_email(tx, email)
        if user is None or user.blocked:
            code = self._randomness.token()
            await codes.keep(tx, Purpose.RESET_PASSWORD, NOBODY, code, self._clock.now_ms(), detail=email)
            nothing = {"username": "", "link": self._link(NOBODY, code)}
            await self._outbox.post(tx, Mail(MailKind.RESET_PASSWORD, email, nothing, language), good_for_ms=0)
        else:
            await self._send(tx, MailKind.RESET_PASSWORD, user, language or user.preferences.language or "", HOUR_MS)

    async def _send(self, tx: Transaction, kind: MailKind, user: User, language: str, good_for_ms: int) -> None:
        code, now_ms = self._randomness.token(), self._clock.now_ms()
        await codes.keep(tx, Purpose.RESET_PASSWORD, user.id, code, now_ms, detail=user.email, good_for_ms=good_for_ms)
        variables = {"username": user.username, "link": self._link(user.id, code)}
        await self._outbox.post(tx, Mail(kind, user.email, variables, language), good_for_ms=good_for_ms)

    def _link(self, user_id: int, code: str) -> str:
        asked = urlencode({"userId": user_id, "verificationString": code})
        return f"{self._settings.webserver.origin}/reset-password?{asked}"

    async def _require_good(self, tx: Transaction, user_id: int, code: str) -> User:
        user = await users.by_id(tx, user_id)
        if user is None:
            raise NotFound("User not found")
        sent_to = await codes.find(tx, Purpose.RESET_PASSWORD, user.id, code, self._clock.now_ms())
        if sent_to is None or sent_to != user.email or user.blocked:
            raise Forbidden("Invalid verification string.", code="wrong_code")
        return user

    async def _reset(self, tx: Transaction, user_id: int, code: str, password_hash: str) -> None:
        now_ms = self._clock.now_ms()
        user = await self._require_good(tx, user_id, code)
        await users.update(tx, attrs.evolve(user, email_verified=True, must_verify=False, updated_ms=now_ms))
        await change_password(tx, user_id, password_hash, now_ms, self._publisher)
        language = user.preferences.language or ""
        await self._outbox.post(tx, Mail(MailKind.PASSWORD_CHANGED, user.email, {"username": user.username}, language))
