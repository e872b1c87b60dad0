"""Searches: by words, or by the address or handle of one thing.

A pasted address is looked up among what this pod knows, which is everything its friends told it; nothing is asked of
another server.
"""

from typing import Any

from attrs import evolve

from peertube.config.schema import Settings
from peertube.errors import Invalid, NotFound, PodError
from peertube.model.accounts import LOCAL
from peertube.model.channel_filters import ChannelFilter
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Video
from peertube.policy import visibility
from peertube.policy.hosts import normalise
from peertube.policy.search_address import Address, Kind, address_of, is_address
from peertube.storage import accounts, channel_search, channels, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases.channels import OwnedChannel
from peertube.usecases.handles import Handles
from peertube.usecases.videos import Videos


class Search:
    """Finds videos and channels."""

    def __init__(self, *, database: Database, settings: Settings, videos: Videos) -> None:
        self._database = database
        self._videos = videos
        self._web = settings.webserver
        self._handles = Handles(settings.webserver)

    async def videos(self, viewer: Viewer | None, wanted: VideoFilter, window: Window) -> Listing[Video]:
        """The videos with all words; of an address the one video it leads to, whatever the other filters say."""
        address = address_of(wanted.search or "")
        if address is None and is_address(wanted.search or ""):
            return _one(None, window)
        if address is not None and address.kind is not Kind.CHANNEL:
            found = await self._database.read(self._video, address) if address.kind is Kind.VIDEO else None
            return _one(found if found is not None and visibility.can_see(viewer, found) else None, window)
        return await self._videos.search(viewer, wanted, window)

    async def channels(self, wanted: ChannelFilter, window: Window) -> Listing[OwnedChannel]:
        """The channels with all words; of an address or handle the one channel it leads to."""
        if window.sort not in channel_search.SORTS:
            raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
        address = address_of(wanted.search or "")
        if address is not None or is_address(wanted.search or ""):
            return await self._database.read(self._channel, address, window)
        host = wanted.host
        return await self._database.read(
            self._channels, evolve(wanted, host=None if host is None else self._host(host)), window
        )

    def handle(self, text: str) -> tuple[str, str]:
        """The host (LOCAL for this pod) and the name; a host that is none stands for nobody's."""
        try:
            return self._handles.split(text)
        except NotFound:
            return "@", text

    async def _video(self, tx: Transaction, address: Address) -> Video | None:
        host = self._host(address.host)
        if host == LOCAL:
            found = await videos.details_by_uuid(tx, address.name)
        else:
            found = await videos.details_by_origin(tx, host, address.name)
        return None if found is None else found.video

    async def _channel(self, tx: Transaction, address: Address | None, window: Window) -> Listing[OwnedChannel]:
        if address is None or address.kind is not Kind.CHANNEL:
            return _one(None, window)
        channel = await channels.by_name(tx, self._host(address.host), address.name)
        account = None if channel is None else await accounts.by_id(tx, channel.account_id)
        return _one(None if channel is None or account is None else OwnedChannel(channel, account), window)

    async def _channels(self, tx: Transaction, wanted: ChannelFilter, window: Window) -> Listing[OwnedChannel]:
        found = await channel_search.listing(tx, wanted, window)
        owners = await accounts.by_ids(tx, list({channel.account_id for channel in found.items}))
        items = [OwnedChannel(channel=channel, account=owners[channel.account_id]) for channel in found.items]
        return Listing(total=found.total, items=items)

    def _host(self, host: str | None) -> str:
        """As our rows have it; "@", which no row has, for what is no host."""
        if host is None:
            return LOCAL
        try:
            normal = normalise(host, https=self._web.https)
        except PodError:
            return "@"
        return LOCAL if normal == self._web.host else normal


def _one(item: Any | None, window: Window) -> Listing[Any]:
    """A list of one thing, or none."""
    items = [] if item is None else [item]
    return Listing(total=None if window.skip_count else len(items), items=items[window.start :][: window.count])
