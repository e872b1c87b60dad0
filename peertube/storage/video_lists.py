"""Lists of videos: one query for the rows of a window, one for their tags, one for the total."""

from collections.abc import Iterator, Mapping, Sequence

from peertube.model.pages import Listing, Window
from peertube.model.video_filters import UNKNOWN_LANGUAGE, Include, Sensitive, VideoFilter
from peertube.model.videos import Video
from peertube.policy.folding import fold, words
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from peertube.storage.video_rows import COLUMNS, SOURCES, with_tags

DAY_MS = 86_400_000
TRENDING_DAYS = 7

_WORDS = Query("with words(word) as $list(words)")
_NO_WORDS = Query("")
_COUNT = Query("select count(*) as total")
_VIDEOS = Query("from videos v")
_RECENT_VIEWS = Query(
    """
    left join (
        select video_id, sum(views) as views from video_views where day > :trending_since group by video_id
    ) recent on recent.video_id = v.id
    """
)
_ALL = Query("where 1 = 1")
_PUBLISHED = Query("and v.state = 1")
_PUBLIC = Query("and v.privacy = 1")
_PRIVACIES = Query("and v.privacy in $list(privacies)")
_REACHABLE = Query("and v.host not in (select host from pods where state <> 'friend')")
_LIMIT = Query("limit :count offset :start")

_SEARCH = Query("and not exists (select 1 from words where v.search_text not like '%' || words.word || '%' escape '!')")
_CATEGORIES = Query("and v.category in $list(categories)")
_LICENCES = Query("and v.licence in $list(licences)")
_LANGUAGES = Query("and v.language in $list(languages)")
_UNKNOWN_LANGUAGE = Query("and v.language is null")
_LANGUAGES_OR_UNKNOWN = Query("and (v.language is null or v.language in $list(languages))")
_TAGS_ONE_OF = Query("and v.id in (select video_id from video_tags where folded in $list(tags_one_of))")
_TAGS_ALL_OF = Query(
    """
    and v.id in (
        select video_id from video_tags where folded in $list(tags_all_of)
        group by video_id having count(distinct folded) = :tags_all_of_count
    )
    """
)
_SENSITIVE = Query("and v.nsfw = 1")
_NOT_SENSITIVE = Query("and v.nsfw = 0")
_LOCAL = Query("and v.host = ''")
_REMOTE = Query("and v.host <> ''")
_NONE = Query("and 1 = 0")
_HOST = Query("and v.host = :host")
_UUIDS = Query("and v.uuid in $list(uuids)")
_ACCOUNT = Query("and a.id = :account_id")
_CHANNEL = Query("and v.channel_id = :channel_id")
_OWNER = Query("and a.user_id = :owner_id and v.host = ''")
_BOUNDS = {
    "published_from_ms": Query("and v.published_ms >= :published_from_ms"),
    "published_until_ms": Query("and v.published_ms <= :published_until_ms"),
    "originally_published_from_ms": Query("and v.originally_published_ms >= :originally_published_from_ms"),
    "originally_published_until_ms": Query("and v.originally_published_ms <= :originally_published_until_ms"),
    "duration_from": Query("and v.duration >= :duration_from"),
    "duration_until": Query("and v.duration <= :duration_until"),
}

_HOTNESS = Query(
    """
    order by case when v.likes > 2 then 150 * log(cast(v.likes - 1 as double precision)) else 0 end
        - case when v.dislikes > 2 then 150 * log(cast(v.dislikes - 1 as double precision)) else 0 end
        + case when v.views > 2 then 16 * log(cast(v.views - 1 as double precision)) else 0 end
        + (v.published_ms / 1000.0 - 1446156582) / 47000
    """
)
_ORDERS: Mapping[str, Query] = {
    "name": Query("order by v.search_text"),
    "duration": Query("order by v.duration"),
    "createdAt": Query("order by v.created_ms"),
    "publishedAt": Query("order by v.published_ms"),
    "originallyPublishedAt": Query(
        "order by case when v.originally_published_ms is null then 1 else 0 end, v.originally_published_ms"
    ),
    "views": Query("order by v.views"),
    "likes": Query("order by v.likes"),
    "trending": Query("order by coalesce(recent.views, 0)"),
    "hot": _HOTNESS,
    "best": _HOTNESS,
    "match": Query(
        """
        order by case when v.search_text like :phrase || '%' escape '!' then 2
            when v.search_text like '%' || :phrase || '%' escape '!' then 1 else 0 end
        """
    ),
}
SORTS = frozenset(_ORDERS)
"""The columns by which lists of videos can be sorted."""

_ASCENDING = Query("asc, v.published_ms asc, v.id asc")
_DESCENDING = Query("desc, v.published_ms desc, v.id desc")
_BY_DATE = {False: Query("asc, v.id asc"), True: Query("desc, v.id desc")}
"""As the index has it: SQLite would sort what names a column twice."""


async def listing(tx: Transaction, wanted: VideoFilter, window: Window, now_ms: int) -> Listing[Video]:
    """The videos of a window of a list, and their total unless `window.skip_count`.

    The window's sort is one of `SORTS`. `wanted.sensitive` must be decided: by preference means both.
    """
    where, parameters = _conditions(wanted)
    searched = words(wanted.search) if wanted.search else ()
    head = _WORDS if searched else _NO_WORDS
    counted = {**parameters, "words": [_escaped(word) for word in searched]} if searched else parameters
    total = None
    if not window.skip_count:
        sources = _VIDEOS if wanted.account_id is None and wanted.owner_id is None else SOURCES
        row = await tx.one(head + _COUNT + sources + where, **counted)
        total = int(row["total"])
    if window.count == 0 or (total is not None and window.start >= total):
        return Listing(total=total, items=())
    query, ordered = _ordered(window, wanted.search or "", now_ms)
    rows = await tx.all(
        head + COLUMNS + SOURCES + query[0] + where + query[1] + _LIMIT,
        **counted,
        **ordered,
        count=window.count,
        start=window.start,
    )
    return Listing(total=total, items=await with_tags(tx, rows))


def _ordered(window: Window, search: str, now_ms: int) -> tuple[tuple[Query, Query], dict[str, object]]:
    """What to join and how to order, with the parameters of both."""
    column = window.column
    phrase = fold(search)
    if column == "match" and not phrase:
        column = "publishedAt"
    direction = _DESCENDING if window.descending else _ASCENDING
    order = _ORDERS[column] + (direction if column != "publishedAt" else _BY_DATE[window.descending])
    if column == "trending":
        return (_RECENT_VIEWS, order), {"trending_since": now_ms // DAY_MS - TRENDING_DAYS}
    if column == "match":
        return (Query(""), order), {"phrase": _escaped(phrase)}
    return (Query(""), order), {}


def _conditions(wanted: VideoFilter) -> tuple[Query, dict[str, object]]:
    where = _ALL
    parameters: dict[str, object] = {}
    for condition, values in (*_who_sees(wanted), *_features(wanted), *_bounds(wanted)):
        where += condition
        parameters |= values
    return where, parameters


Condition = tuple[Query, Mapping[str, object]]


def _who_sees(wanted: VideoFilter) -> Iterator[Condition]:
    if wanted.owner_id is not None:
        yield _OWNER, {"owner_id": wanted.owner_id}
        if wanted.privacies:
            yield _PRIVACIES, {"privacies": [int(privacy) for privacy in wanted.privacies]}
        return
    if wanted.privacies:
        yield _PRIVACIES, {"privacies": [int(privacy) for privacy in wanted.privacies]}
    else:
        yield _PUBLIC, {}
    if Include.NOT_PUBLISHED not in wanted.include:
        yield _PUBLISHED, {}
    yield _REACHABLE, {}


def _features(wanted: VideoFilter) -> Iterator[Condition]:
    if wanted.search and words(wanted.search):
        yield _SEARCH, {}
    if wanted.categories:
        yield _CATEGORIES, {"categories": list(wanted.categories)}
    if wanted.licences:
        yield _LICENCES, {"licences": list(wanted.licences)}
    if wanted.languages:
        yield _languages(wanted.languages)
    if wanted.tags_one_of:
        yield _TAGS_ONE_OF, {"tags_one_of": [fold(tag) for tag in wanted.tags_one_of]}
    if wanted.tags_all_of:
        tags = sorted({fold(tag) for tag in wanted.tags_all_of})
        yield _TAGS_ALL_OF, {"tags_all_of": tags, "tags_all_of_count": len(tags)}
    if wanted.sensitive in (Sensitive.ONLY, Sensitive.NONE):
        yield _SENSITIVE if wanted.sensitive is Sensitive.ONLY else _NOT_SENSITIVE, {}
    if wanted.is_live or wanted.has_hls_files or wanted.has_web_video_files is False:
        yield _NONE, {}
    if wanted.is_local is not None:
        yield _LOCAL if wanted.is_local else _REMOTE, {}
    if wanted.host is not None:
        yield _HOST, {"host": wanted.host}
    if wanted.uuids:
        yield _UUIDS, {"uuids": list(wanted.uuids)}
    if wanted.account_id is not None:
        yield _ACCOUNT, {"account_id": wanted.account_id}
    if wanted.channel_id is not None:
        yield _CHANNEL, {"channel_id": wanted.channel_id}


def _languages(languages: Sequence[str]) -> Condition:
    known = [language for language in languages if language != UNKNOWN_LANGUAGE]
    if not known:
        return _UNKNOWN_LANGUAGE, {}
    return _LANGUAGES if len(known) == len(languages) else _LANGUAGES_OR_UNKNOWN, {"languages": known}


def _bounds(wanted: VideoFilter) -> Iterator[Condition]:
    for name, condition in _BOUNDS.items():
        value = getattr(wanted, name)
        if value is not None:
            yield condition, {name: value}


def _escaped(text: str) -> str:
    """`text` for a LIKE with ``escape '!'``."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
