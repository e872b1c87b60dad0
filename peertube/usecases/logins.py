"""Who may log in: names, passwords and codes checked, attempts limited by address and by account."""

import msgspec

from peertube.config.schema import Limit
from peertube.errors import Invalid, Unauthorized
from peertube.model.registrations import Registration, RegistrationState
from peertube.model.users import User
from peertube.policy import passwords
from peertube.policy.rate_limit import address_group
from peertube.storage import registrations, users
from peertube.storage.database import Database, Transaction
from peertube.usecases import attempts
from peertube.usecases.access_tokens import fingerprint
from peertube.usecases.one_time_codes import PURPOSE, step_of
from peertube.usecases.ports import Clock, Counters, PasswordHasher
from peertube.usecases.secret_box import SecretBox

TICKET_MS = 5 * 60_000
"""How long one may take for the code after the password."""

_NOBODYS_PASSWORD = "nobody has this password"
_TICKET = "login ticket"


class TwoFactorMissing(Unauthorized):
    """The password is right, and a code is needed. With `ticket` and the code `Logins.check_ticket` lets in."""

    code = "missing_two_factor"

    def __init__(self, ticket: str) -> None:
        super().__init__("Missing two factor header")
        self.ticket = ticket


class Logins:
    """Checks a user's name (or e-mail address), password and, where the user wants it, code.

    Every attempt counts, and an unknown user costs the time of a known one.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        hasher: PasswordHasher,
        counters: Counters,
        box: SecretBox,
        limit: Limit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._counters = counters
        self._box = box
        self._limit = limit
        self._nobodys_hash: str | None = None

    async def prepare(self) -> None:
        """Make the hash that the passwords of unknown users are compared with."""
        self._nobodys_hash = await self._hasher.hash(_NOBODYS_PASSWORD)

    async def check(self, login: str, password: str, address: str, code: str | None = None) -> User:
        """The user who has this password.

        :param code: of the user's app.
        :raises Invalid: codes ``invalid_grant`` (wrong name or password), ``access_denied`` (blocked),
            ``email_not_verified``, ``account_waiting_for_approval``, ``account_approval_rejected``,
            ``invalid_two_factor``.
        :raises TwoFactorMissing: a code is needed.
        :raises TooManyRequests: over `rates_limit.login`, counted for the address and for the account.
        """
        name = login.strip().lower()
        self.count_attempt(f"login:address:{address_group(address)}")
        self.count_attempt(f"login:account:{fingerprint(name)}")
        user, asked = await self._database.read(_known, name)
        stored = asked.password_hash if user is None and asked is not None else None
        if not await self._matches(user.password_hash if user is not None else stored, password):
            raise invalid_grant()
        if user is None:
            raise invalid_grant() if asked is None else _undecided(asked)
        _require_welcome(user)
        if user.two_factor is not None:
            if not code:
                raise TwoFactorMissing(self._ticket(user))
            await self._require_code(user, code)
        return user

    async def check_ticket(self, ticket: str, code: str, address: str) -> User:
        """The user who gave the right password a moment ago, and now the code. Errors as `check`."""
        self.count_attempt(f"login:address:{address_group(address)}")
        opened = self._box.open(ticket, _TICKET)
        if opened is None:
            raise invalid_grant()
        user_id, password, until_ms = msgspec.json.decode(opened)
        user = await self._database.read(users.by_id, int(user_id))
        if user is None or fingerprint(user.password_hash) != password or self._clock.now_ms() > until_ms:
            raise invalid_grant()
        _require_welcome(user)
        await self._require_code(user, code)
        return user

    def count_attempt(self, key: str) -> None:
        """Count one more; `TooManyRequests` when there were too many."""
        attempts.count(self._counters, key, self._limit, "Too many attempts to log in, try again later")

    async def _matches(self, password_hash: str | None, password: str) -> bool:
        if self._nobodys_hash is None:
            await self.prepare()
        stored = password_hash or self._nobodys_hash
        tried = password if len(password) <= passwords.MAXIMUM_LENGTH else ""
        return stored is not None and await self._hasher.verify(stored, tried) and bool(password_hash)

    async def _require_code(self, user: User, code: str) -> None:
        self.count_attempt(f"otp:{user.id}")
        secret = None if user.two_factor is None else self._box.open(user.two_factor, PURPOSE)
        step = None if secret is None else step_of(secret, code, self._clock.now_ms())
        if step is None or not await self._database.write(users.use_two_factor_step, user.id, step):
            raise Invalid("Invalid two factor header", code="invalid_two_factor")

    def _ticket(self, user: User) -> str:
        members = [user.id, fingerprint(user.password_hash), self._clock.now_ms() + TICKET_MS]
        return self._box.seal(msgspec.json.encode(members).decode(), _TICKET)


def invalid_grant(detail: str = "Invalid grant: user credentials are invalid") -> Invalid:
    """The answer to a wrong login, as PeerTube words it."""
    return Invalid(detail, code="invalid_grant")


def blocked() -> Invalid:
    """The answer to a blocked user's login."""
    return Invalid("User is blocked.", code="access_denied")


async def _known(tx: Transaction, login: str) -> tuple[User | None, Registration | None]:
    return await users.by_login(tx, login), await registrations.by_login(tx, login)


def _require_welcome(user: User) -> None:
    if user.blocked:
        raise blocked()
    if user.must_verify:
        raise Invalid("User email is not verified.", code="email_not_verified")


def _undecided(asked: Registration) -> Invalid:
    if asked.state is RegistrationState.REJECTED:
        return Invalid("Registration approval has been rejected", code="account_approval_rejected")
    return Invalid("Registration is waiting for approval", code="account_waiting_for_approval")
