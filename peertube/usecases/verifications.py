"""Is an e-mail address read by the one who gave it? A link in a mail proves it.

Links are PeerTube's: ``/verify-account/email?userId=…&verificationString=…``.
"""

from urllib.parse import urlencode

import attrs

from peertube.config.schema import Limit
from peertube.errors import Conflict, Forbidden, NotFound
from peertube.model import topics
from peertube.model.mails import Mail, MailKind
from peertube.model.registrations import Registration, RegistrationState
from peertube.model.users import User
from peertube.storage import registrations, user_codes, users
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases import attempts, codes
from peertube.usecases.access_tokens import fingerprint
from peertube.usecases.codes import HOUR_MS, NOBODY, Purpose
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, Counters, InForce, Publisher, Randomness

PER_RECIPIENT = Limit(window=3600, max=3)
"""How many mails somebody may have sent to one address."""

SWEPT_AT_ONCE = 1_000
_TOO_OFTEN = "Too many mails were asked for, try again later"


def count_asking(counters: Counters, limit: Limit, email: str, address: str) -> None:
    """Count a mail that a stranger has sent to somebody; `TooManyRequests` when there were too many."""
    attempts.count_of_address(counters, "mail", address, limit, _TOO_OFTEN)
    attempts.count(counters, f"mail:to:{fingerprint(email)}", PER_RECIPIENT, _TOO_OFTEN)


class Verifications:
    """Sends the links, and takes in that one was followed.

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
        outbox: Outbox,
        settings: InForce,
        limit: Limit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._counters = counters
        self._outbox = outbox
        self._settings = settings
        self._limit = limit

    async def ask(self, email: str, address: str, language: str = "") -> None:
        """Send the link once more to somebody who needs it; nothing for anybody else."""
        email = email.strip().lower()
        count_asking(self._counters, self._limit, email, address)
        await self._database.write(self._ask, email, language)

    async def verify(self, user_id: int, code: str, *, pending: bool = False) -> None:
        """The link was followed; with `pending`, the one for another address, which is the user's from now on.

        :raises Forbidden: the code is wrong, used, or out of date.
        :raises Conflict: somebody has the address by now.
        """
        try:
            await self._database.write(self._verify, user_id, code, pending)
        except UniqueViolation as error:
            raise Conflict("User with this email already exists.") from error

    async def verify_registration(self, registration_id: int, code: str) -> None:
        """The link of a request for an account was followed. Errors as `verify`."""
        await self._database.write(self._verify_registration, registration_id, code)

    async def send_to_user(self, tx: Transaction, user: User, language: str = "", *, pending: bool = False) -> None:
        """Send a link in the transaction of its cause."""
        email = user.pending_email if pending else user.email
        if email is None:
            return
        query: dict[str, object] = {"userId": user.id}
        if pending:
            query["isPendingEmail"] = "true"
        known = language or user.preferences.language or ""
        await self._send(tx, Purpose.VERIFY_EMAIL, user.id, user.username, email, query, known)

    async def send_to_registration(self, tx: Transaction, one: Registration) -> None:
        """Send the link of a request for an account in the transaction of its cause."""
        query: dict[str, object] = {"registrationId": one.id}
        await self._send(tx, Purpose.VERIFY_REGISTRATION, one.id, one.username, one.email, query, one.language)

    async def sweep(self) -> int:
        """Forget codes that are out of date, at most `SWEPT_AT_ONCE`; how many."""
        return await self._database.write(user_codes.remove_expired, self._clock.now_ms(), SWEPT_AT_ONCE)

    async def _ask(self, tx: Transaction, email: str, language: str) -> None:
        user = await users.by_any_email(tx, email)
        waiting = await registrations.pending_by_email(tx, email)
        if user is not None and not user.blocked and user.pending_email == email:
            await self.send_to_user(tx, user, language, pending=True)
        elif user is not None and not user.blocked and user.email == email and not user.email_verified:
            await self.send_to_user(tx, user, language)
        elif waiting is not None and not waiting.email_verified:
            await self.send_to_registration(tx, waiting)
        else:
            await self._send(tx, Purpose.VERIFY_EMAIL, NOBODY, "", email, {}, language)

    async def _send(
        self,
        tx: Transaction,
        purpose: Purpose,
        subject_id: int,
        username: str,
        email: str,
        query: dict[str, object],
        language: str,
    ) -> None:
        if not self._outbox.enabled:
            return
        code = self._randomness.token()
        await codes.keep(tx, purpose, subject_id, code, self._clock.now_ms(), detail=email)
        asked = urlencode({**query, "verificationString": code})
        link = f"{self._settings.webserver.origin}/verify-account/email?{asked}"
        mail = Mail(MailKind.VERIFY_EMAIL, email, {"username": username, "link": link}, language)
        await self._outbox.post(tx, mail, good_for_ms=0 if subject_id == NOBODY else HOUR_MS)

    async def _verify(self, tx: Transaction, user_id: int, code: str, pending: bool) -> None:
        now_ms = self._clock.now_ms()
        user = await users.by_id(tx, user_id)
        if user is None:
            raise NotFound("User not found")
        confirmed = await codes.take(tx, Purpose.VERIFY_EMAIL, user.id, code, now_ms)
        wanted = user.pending_email if pending else user.email
        if confirmed is None or confirmed != wanted:
            raise Forbidden("Invalid verification string.", code="wrong_code")
        changed = attrs.evolve(user, email=confirmed, email_verified=True, must_verify=False, updated_ms=now_ms)
        if pending:
            changed = attrs.evolve(changed, pending_email=None)
            variables = {"username": user.username, "email": confirmed}
            language = user.preferences.language or ""
            await self._outbox.post(tx, Mail(MailKind.EMAIL_CHANGED, user.email, variables, language))
        await users.update(tx, changed)
        tx.after_commit(lambda: self._publisher.publish(topics.USERS, {"changed": [user_id]}))

    async def _verify_registration(self, tx: Transaction, registration_id: int, code: str) -> None:
        now_ms = self._clock.now_ms()
        one = await registrations.by_id(tx, registration_id)
        if one is None:
            raise NotFound("Registration not found")
        confirmed = await codes.take(tx, Purpose.VERIFY_REGISTRATION, one.id, code, now_ms)
        if confirmed is None or confirmed != one.email:
            raise Forbidden("Invalid verification string.", code="wrong_code")
        await registrations.verify(tx, registration_id, now_ms)
        if one.state is RegistrationState.ACCEPTED and one.user_id is not None:
            user = await users.by_id(tx, one.user_id)
            if user is not None and user.email == confirmed:
                await users.update(tx, attrs.evolve(user, email_verified=True, must_verify=False, updated_ms=now_ms))
