"""Who may log in: names and passwords checked, attempts limited by address and by account."""

from peertube.config.schema import Limit
from peertube.errors import Invalid
from peertube.model.users import User
from peertube.policy import passwords
from peertube.policy.rate_limit import address_group
from peertube.storage import users
from peertube.storage.database import Database
from peertube.usecases import attempts
from peertube.usecases.access_tokens import fingerprint
from peertube.usecases.ports import Counters, PasswordHasher

_NOBODYS_PASSWORD = "nobody has this password"


class Logins:
    """Checks a user's name (or e-mail address) and password.

    Every attempt counts, and an unknown user costs the time of a known one.
    """

    def __init__(self, *, database: Database, hasher: PasswordHasher, counters: Counters, limit: Limit) -> None:
        self._database = database
        self._hasher = hasher
        self._counters = counters
        self._limit = limit
        self._nobodys_hash: str | None = None

    async def prepare(self) -> None:
        """Make the hash that the passwords of unknown users are compared with."""
        self._nobodys_hash = await self._hasher.hash(_NOBODYS_PASSWORD)

    async def check(self, login: str, password: str, address: str) -> User:
        """The user who has this password.

        :raises Invalid: codes ``invalid_grant`` (wrong name or password) and ``access_denied`` (blocked).
        :raises TooManyRequests: over `rates_limit.login`, counted for the address and for the account.
        """
        name = login.strip().lower()
        self.count_attempt(f"login:address:{address_group(address)}")
        self.count_attempt(f"login:account:{fingerprint(name)}")
        user = await self._database.read(users.by_login, name)
        if not await self._matches(user, password) or user is None:
            raise invalid_grant()
        if user.blocked:
            raise blocked()
        return user

    def count_attempt(self, key: str) -> None:
        """Count one more; `TooManyRequests` when there were too many."""
        attempts.count(self._counters, key, self._limit, "Too many attempts to log in, try again later")

    async def _matches(self, user: User | None, password: str) -> bool:
        if self._nobodys_hash is None:
            await self.prepare()
        stored = self._nobodys_hash if user is None else user.password_hash
        tried = password if len(password) <= passwords.MAXIMUM_LENGTH else ""
        return stored is not None and await self._hasher.verify(stored, tried) and user is not None


def invalid_grant(detail: str = "Invalid grant: user credentials are invalid") -> Invalid:
    """The answer to a wrong login, as PeerTube words it."""
    return Invalid(detail, code="invalid_grant")


def blocked() -> Invalid:
    """The answer to a blocked user's login."""
    return Invalid("User is blocked.", code="access_denied")
