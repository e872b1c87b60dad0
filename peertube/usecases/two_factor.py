"""Two-factor authentication: time-based codes (TOTP, RFC 6238) of an app beside the password.

The secret is sealed in the database; a code is good once.
"""

import msgspec
import pyotp
from attrs import frozen

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.model import topics
from peertube.model.mails import Mail, MailKind
from peertube.model.users import Role, User, Viewer
from peertube.policy import passwords
from peertube.storage import users
from peertube.storage.database import Database, Transaction
from peertube.usecases import codes
from peertube.usecases.codes import Purpose
from peertube.usecases.logins import Logins
from peertube.usecases.one_time_codes import PURPOSE, step_of
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, InForce, PasswordHasher, Publisher, Randomness
from peertube.usecases.secret_box import SecretBox

REQUEST_MS = 10 * 60_000
"""How long a secret waits for its first code."""


@frozen
class TwoFactorRequest:
    """A secret that waits for its first code; `uri` is what the app reads."""

    request_token: str
    secret: str
    uri: str


class TwoFactor:
    """Switches it on and off."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        hasher: PasswordHasher,
        logins: Logins,
        box: SecretBox,
        outbox: Outbox,
        settings: InForce,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._hasher = hasher
        self._logins = logins
        self._box = box
        self._outbox = outbox
        self._settings = settings

    async def request(self, viewer: Viewer, user_id: int, password: str | None) -> TwoFactorRequest:
        """A new secret for the viewer's own app; nothing changes before `confirm`.

        :raises Forbidden: code ``current_password_is_invalid``.
        :raises Invalid: it is on already.
        """
        user = await self._own(viewer, user_id)
        await self._require_password(viewer, password)
        if user.two_factor is not None:
            raise Invalid("Two factor is already enabled.", code="two_factor_already_enabled")
        secret, token = pyotp.random_base32(), self._randomness.token()
        sealed = self._box.seal(msgspec.json.encode([secret, user.id]).decode(), PURPOSE)
        await self._database.write(
            lambda tx: codes.keep(
                tx,
                Purpose.TWO_FACTOR,
                user.id,
                token,
                self._clock.now_ms(),
                detail=sealed,
                good_for_ms=REQUEST_MS,
            )
        )
        return TwoFactorRequest(token, secret, self._uri(user, secret))

    async def confirm(self, viewer: Viewer, user_id: int, request_token: str, code: str) -> None:
        """The app shows `code`: from now on it is needed.

        :raises Forbidden: code ``wrong_code``: there was no such request, or the code is not the app's.
        """
        user = await self._own(viewer, user_id)
        self._logins.count_attempt(f"otp:{user.id}")
        await self._database.write(self._confirm, user, request_token, code)

    async def disable(self, viewer: Viewer, user_id: int, password: str | None) -> None:
        """The password is enough again. Administrators may do this for others, without a password.

        :raises Forbidden: code ``current_password_is_invalid``.
        :raises Invalid: it is off already.
        """
        if viewer.user.id == user_id:
            await self._require_password(viewer, password)
        elif viewer.user.role is not Role.ADMINISTRATOR:
            await self._own(viewer, user_id)
        await self._database.write(self._disable, user_id)

    def again(self, viewer: Viewer, request_token: str, secret: str) -> TwoFactorRequest:
        """The same request once more, for a form that is shown again."""
        return TwoFactorRequest(request_token, secret, self._uri(viewer.user, secret))

    def _uri(self, user: User, secret: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=self._settings.instance.name)

    async def _own(self, viewer: Viewer, user_id: int) -> User:
        user = await self._database.read(users.by_id, user_id)
        if user is None:
            raise NotFound("User not found")
        if viewer.user.id != user_id:
            raise Forbidden("Two factor of another user cannot be changed.")
        return user

    async def _require_password(self, viewer: Viewer, password: str | None) -> None:
        if password is None:
            raise Invalid("currentPassword is missing", fields={"currentPassword": "Is missing"})
        self._logins.count_attempt(f"password:{viewer.user.id}")
        stored = await self._database.read(users.by_id, viewer.user.id)
        tried = password if len(password) <= passwords.MAXIMUM_LENGTH else ""
        if stored is None or not await self._hasher.verify(stored.password_hash, tried):
            raise Forbidden("currentPassword is invalid.", code="current_password_is_invalid")

    async def _confirm(self, tx: Transaction, user: User, request_token: str, code: str) -> None:
        now_ms = self._clock.now_ms()
        sealed = await codes.find(tx, Purpose.TWO_FACTOR, user.id, request_token, now_ms)
        opened = None if sealed is None else self._box.open(sealed, PURPOSE)
        if opened is None:
            raise Forbidden("Invalid request token", code="wrong_code")
        secret, _ = msgspec.json.decode(opened)
        step = step_of(secret, code, now_ms)
        if step is None:
            raise Forbidden("Invalid OTP token", code="wrong_code")
        kept = self._box.seal(secret, PURPOSE)
        if not await users.enable_two_factor(tx, user.id, kept, step, now_ms):
            raise Conflict("Two factor is already enabled.", code="two_factor_already_enabled")
        await codes.forget(tx, Purpose.TWO_FACTOR, user.id)
        await self._tell(tx, user, MailKind.TWO_FACTOR_ENABLED)

    async def _disable(self, tx: Transaction, user_id: int) -> None:
        user = await users.by_id(tx, user_id)
        if user is None:
            raise NotFound("User not found")
        if not await users.disable_two_factor(tx, user_id, self._clock.now_ms()):
            raise Invalid("Two factor is already disabled.", code="two_factor_already_disabled")
        await self._tell(tx, user, MailKind.TWO_FACTOR_DISABLED)

    async def _tell(self, tx: Transaction, user: User, kind: MailKind) -> None:
        language = user.preferences.language or ""
        await self._outbox.post(tx, Mail(kind, user.email, {"username": user.username}, language))
        tx.after_commit(lambda: self._publisher.publish(topics.USERS, {"changed": [user.id]}))
