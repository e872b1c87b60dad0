"""Who may sign up: as `signup.*` says, by the number of users and by the network somebody comes from."""

from ipaddress import ip_address, ip_network

from attrs import frozen

from peertube.config.schema import SignupCidr
from peertube.errors import Forbidden
from peertube.storage import users
from peertube.storage.database import Database, Transaction
from peertube.storage.users import UserSearch
from peertube.usecases.ports import Clock, InForce

COUNTED_MS = 10_000
"""The number of users is this old at most where it is only shown."""


@frozen
class SignupState:
    """Whether anybody can sign up, and whether the one who asks can."""

    allowed: bool
    allowed_for_address: bool


CLOSED = SignupState(allowed=False, allowed_for_address=False)


class SignupRules:
    """Knows whether the door is open."""

    def __init__(self, *, database: Database, clock: Clock, settings: InForce) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._counted: tuple[int, int] | None = None

    async def state(self, address: str) -> SignupState:
        """For pages and programs that offer to sign up."""
        signup = self._settings.signup
        allowed = signup.enabled and (signup.limit < 0 or await self._count() < signup.limit)
        return SignupState(allowed, is_allowed_from(signup.filters.cidr, address))

    async def require_open(self, tx: Transaction, address: str, *, directly: bool) -> None:
        """Refuse with `Forbidden` what the rules do not allow, as exactly as the transaction sees it."""
        signup = self._settings.signup
        if not signup.enabled:
            raise Forbidden("User registration is not enabled on this server.", code="signup_closed")
        if directly and signup.requires_approval:
            raise Forbidden("User registration requires approval.", code="signup_requires_approval")
        if not is_allowed_from(signup.filters.cidr, address):
            raise Forbidden("You are not on a network authorized for registration.", code="signup_not_from_here")
        if signup.limit >= 0 and await users.total(tx, UserSearch()) >= signup.limit:
            raise Forbidden("The limit of users of this server is reached.", code="signup_full")

    async def _count(self) -> int:
        now_ms = self._clock.now_ms()
        if self._counted is None or now_ms - self._counted[0] >= COUNTED_MS:
            self._counted = now_ms, await self._database.read(users.total, UserSearch())
        return self._counted[1]


def is_allowed_from(cidr: SignupCidr, address: str) -> bool:
    """Whether the lists of networks let somebody sign up from an address."""
    if not cidr.whitelist and not cidr.blacklist:
        return True
    try:
        where = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(where, "ipv4_mapped", None)
    where = mapped or where
    if any(where in ip_network(one, strict=False) for one in cidr.blacklist):
        return False
    return not cidr.whitelist or any(where in ip_network(one, strict=False) for one in cidr.whitelist)
