"""Accounts: ``/accounts``, ``/accounts/<handle>``, ``/accounts/<handle>/video-channels``."""

from peertube.api.paging import PageParameters, page
from peertube.api.representations.accounts import account_full
from peertube.api.representations.channels import channel_full
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.usecases.channels import Channels


class AccountsApi:
    """Routes that show accounts. A handle is ``name`` or ``name@host``."""

    def __init__(self, *, channels: Channels, web: WebServer) -> None:
        self._channels = channels
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/accounts", Access.OPTIONAL, self.listing, query=PageParameters),
            Route("GET", "/accounts/<handle>", Access.OPTIONAL, self.account),
            Route("GET", "/accounts/<handle>/video-channels", Access.OPTIONAL, self.channels, query=PageParameters),
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
        found = await self._channels.of_account(handle, call.parameters(PageParameters).window())
        return page(found, [channel_full(one.channel, one.account, self._web) for one in found.items])
