"""The gate in front of every route: where the request comes from, how often, who asks, and whether they may."""

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from attrs import frozen

from peertube.config.schema import Limit
from peertube.errors import Forbidden, PodError, TooManyRequests, Unauthorized
from peertube.http.addresses import ClientAddresses
from peertube.http.admission import InProgress
from peertube.http.problems import Problems
from peertube.model.users import Right, Role, Viewer
from peertube.policy.rate_limit import address_group
from peertube.service import Tasks
from peertube.usecases.ports import Clock, Counters


class Access(Enum):
    """Who may call a route (or a `Right` that the caller must have)."""

    ANYONE = "anyone"
    """Tokens are not looked at."""
    OPTIONAL = "optional"
    """Anyone; a token may change the answer. One that is not valid is refused."""
    USER = "user"
    """A valid token is needed."""


class AccessTokens(Protocol):
    """Knows whose a bearer token is."""

    async def viewer_for_access_token(self, token: str) -> Viewer:
        """Who asks; `Unauthorized` (code ``invalid_token``) when the token is not good (any more)."""
        ...


@frozen
class RateLimited:
    """The state of a limit after this request, as response headers say it."""

    headers: Mapping[str, str]


class Gate:
    """Lets requests in or raises the error that says why not.

    :param limit: requests to the API that one address may make (`rates_limit.api`).
    :param tasks: owns the requests that are being answered.
    :param max_requests: how many of them there may be at once (`listen.max_requests`).
    """

    def __init__(
        self,
        *,
        tokens: AccessTokens,
        counters: Counters,
        clock: Clock,
        limit: Limit,
        problems: Problems,
        addresses: ClientAddresses,
        tasks: Tasks,
        max_requests: int = 500,
    ) -> None:
        self.in_progress = InProgress(max_requests)
        self.problems = problems
        self.addresses = addresses
        self.tasks = tasks
        self._tokens = tokens
        self._counters = counters
        self._clock = clock
        self._limit = limit

    async def viewer(self, access: Access | Right, authorization: str | None) -> Viewer | None:
        """Who asks, when the route needs to know.

        :param authorization: the header of that name.
        """
        if access is Access.ANYONE:
            return None
        token = bearer_token(authorization)
        if token is None:
            if access is Access.OPTIONAL:
                return None
            raise Unauthorized("Authentication required")
        viewer = await self._tokens.viewer_for_access_token(token)
        if isinstance(access, Right) and not viewer.user.has(access):
            raise Forbidden(f"This needs the right {access.value}")
        return viewer

    async def count(self, address: str, authorization: str | None) -> RateLimited:
        """Count one request to the API; `TooManyRequests` over the limit, which staff is exempt from."""
        key = f"api:{address_group(address)}"
        hits = self._counters.hit(key, self._limit.window)
        left_seconds = max(0.0, self._counters.remaining_seconds(key))
        if hits > self._limit.max and not await self._is_staff(authorization):
            raise TooManyRequests("Too many requests, please slow down", retry_after_seconds=int(left_seconds) + 1)
        return RateLimited(
            {
                "X-RateLimit-Limit": str(self._limit.max),
                "X-RateLimit-Remaining": str(max(0, self._limit.max - hits)),
                "X-RateLimit-Reset": str(int(self._clock.now_ms() / 1000 + left_seconds) + 1),
            }
        )

    async def _is_staff(self, authorization: str | None) -> bool:
        try:
            token = bearer_token(authorization)
            if token is None:
                return False
            viewer = await self._tokens.viewer_for_access_token(token)
        except PodError:
            return False
        return viewer.user.role in (Role.ADMINISTRATOR, Role.MODERATOR)


def bearer_token(authorization: str | None) -> str | None:
    """The token of an ``Authorization`` header; None without the header.

    Another scheme than Bearer, or a token that cannot be one, is `Unauthorized`.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 4096 or not token.isascii():
        raise Unauthorized("Token is invalid", code="invalid_token")
    return token
