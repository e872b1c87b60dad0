"""Searches of channels."""

from collections.abc import Mapping

from peertube.model.channel_filters import ChannelFilter
from peertube.model.channels import Channel
from peertube.model.pages import Listing, Window
from peertube.policy.search_words import asked_words
from peertube.storage import channels, search
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_NOTHING = Query("")
_COUNT = Query("select count(*) as total")
_IDS = Query("select c.id")
_EVERY = Query("from channels c where 1 = 1")
_FOUND = Query("from found f cross join channels c where c.id = f.id")
_REACHABLE = Query("and c.host not in (select host from pods where state <> 'friend')")
_HOST = Query("and c.host = :host")
_HANDLES = Query("and c.name || '@' || c.host in $list(handles)")
_LIMIT = Query("limit :count offset :start")
_ORDERS: Mapping[str, Query] = {
    "-match": Query("order by f.score desc, c.id"),
    "match": Query("order by f.score, c.id desc"),
    "-createdAt": Query("order by c.created_ms desc, c.id desc"),
    "createdAt": Query("order by c.created_ms, c.id"),
    "-displayName": Query("order by c.display_name desc, c.id desc"),
    "displayName": Query("order by c.display_name, c.id"),
}
SORTS = frozenset(_ORDERS)
"""The orders in which channels are found."""


async def listing(tx: Transaction, wanted: ChannelFilter, window: Window) -> Listing[Channel]:
    """The channels of a window of a search, and their total unless `window.skip_count`."""
    if not wanted.search:
        return await _listing(tx, None, wanted, window)
    asked = asked_words(wanted.search)
    for forgiving in (False, True):
        words = await search.look_up(tx, asked, "channels", forgiving=forgiving)
        if words.hopeless:
            continue
        found = await _listing(tx, words, wanted, window)
        if found.items or found.total or window.start:
            return found
    return Listing(total=None if window.skip_count else 0, items=())


async def _listing(
    tx: Transaction, words: search.Words | None, wanted: ChannelFilter, window: Window
) -> Listing[Channel]:
    head, parameters = (_NOTHING, {}) if words is None else words.found("channels")
    where = (_EVERY if words is None else _FOUND) + _REACHABLE
    if wanted.host is not None:
        where, parameters = where + _HOST, {**parameters, "host": wanted.host}
    if wanted.handles:
        handles = [f"{name}@{host}" for host, name in wanted.handles]
        where, parameters = where + _HANDLES, {**parameters, "handles": handles}
    total = None
    if not window.skip_count:
        total = int((await tx.one(head + _COUNT + where, **parameters))["total"])
    sort = window.sort
    if words is None and window.column == "match":
        sort = "-createdAt" if window.descending else "createdAt"
    rows = await tx.all(
        head + _IDS + where + _ORDERS[sort] + _LIMIT, **parameters, count=window.count, start=window.start
    )
    return Listing(total=total, items=await channels.by_ids(tx, [row["id"] for row in rows]))
