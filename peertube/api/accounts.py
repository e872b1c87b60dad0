"""Accounts: ``/accounts``, ``/accounts/<handle>``, ``/accounts/<handle>/video-channels``."""

from typing import Annotated

from pydantic import Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.accounts import account_full
from peertube.api.representations.channels import owned_channel
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.usecases.channels import Channels
from peertube.usecases.ports import Clock


class ChannelParameters(PageParameters):
    """Which channels of an account are listed."""

    search: Annotated[str | None, Field(max_length=200)] = None
    with_stats: Annotated[bool, Field(alias="withStats")] = False
    include_collaborations: Annotated[bool, Field(alias="includeCollaborations")] = False


class AccountsApi:
    """Routes that show accounts. A handle is ``name`` or ``name@host``."""

    def __init__(self, *, channels: Channels, web: WebServer, clock: Clock) -> None:
        self._channels = channels
        self._clock = clock
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/accounts", Access.OPTIONAL, self.listing, query=PageParameters),
            Route("GET", "/accounts/<handle>", Access.OPTIONAL, self.account),
            Route("GET", "/accounts/<handle>/video-channels", Access.OPTIONAL, self.channels, query=ChannelParameters),
        ]

    async def listing(self, call: Call) -> object:
        """All known accounts, newest first."""
        found = await self._channels.accounts(call.parameters(PageParameters).window())
        return page(found, [account_full(account, self._web) for account in found.items])

    async def account(self, call: Call, handle: str) -> object:
        """One account."""
        return account_full(await self._channels.account(handle), self._web)

    async def channels(self, call: Call, handle: str) -> object:
        """The channels of an account."""
        asked = call.parameters(ChannelParameters)
        found = await self._channels.of_account(
            handle,
            asked.window(),
            viewer=call.viewer,
            search=asked.search or None,
            with_stats=asked.with_stats,
            collaborations=asked.include_collaborations,
        )
        return page(found, [owned_channel(one, self._web, self._clock.now_ms()) for one in found.items])
