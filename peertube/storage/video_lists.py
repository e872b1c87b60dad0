"""Lists of videos: one query for the rows of a window, one for the total."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen

from peertube.model.pages import Listing, Window
from peertube.model.video_filters import UNKNOWN_LANGUAGE, Include, Sensitive, VideoFilter
from peertube.model.videos import Video
from peertube.policy.folding import fold
from peertube.policy.search_words import asked_words
from peertube.storage import search
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from peertube.storage.video_rows import COLUMNS, OWNERS, SOURCES, records

DAY_MS = 86_400_000
TRENDING_DAYS = 7

_NOTHING = Query("")
_COUNT = Query("select count(*) as total")
_IDS = Query("select v.id")
_IDS_OF = Query("select v.id, count(*) over () as total")
_BY_IDS = COLUMNS + SOURCES + Query("where v.id in $list(ids)")
_VIDEOS = Query("from videos v")
_RECENT_VIEWS = Query(
    """
    left join (
        select video_id, sum(views) as views from video_views where day > :trending_since group by video_id
    ) recent on recent.video_id = v.id
    """
)
_ALL = Query("where 1 = 1")
_WITH_WORD = Query("from video_words f cross join videos v")
_HAS_WORD = Query("where f.word = :word and v.id = f.video_id")
_FOUND = Query("from found f cross join videos v")
_IS_FOUND = Query("where v.id = f.id")
"""Written as cross joins, because SQLite keeps the order of their tables."""
_PUBLISHED = Query("and v.state = 1")
_PUBLIC = Query("and v.privacy = 1")
_TO_USERS = Query("and v.privacy in (1, 4)")
_PRIVACIES = Query("and v.privacy in $list(privacies)")
_REACHABLE = Query("and v.host not in (select host from pods where state <> 'friend')")
_LIMIT = Query("limit :count offset :start")

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
_WITH_FLAGS = Query("and (v.nsfw_flags & :flags) <> 0")
_NOT_SENSITIVE_BUT_FLAGS = Query("and (v.nsfw = 0 or (v.nsfw_flags & :flags) <> 0)")
_WITHOUT_FLAGS = Query("and (v.nsfw_flags & :no_flags) = 0")
_LOCAL = Query("and v.host = ''")
_REMOTE = Query("and v.host <> ''")
_NONE = Query("and 1 = 0")
_HOST = Query("and v.host = :host")
_UUIDS = Query("and v.uuid in $list(uuids)")
_ACCOUNT = Query("and a.id = :account_id")
_CHANNEL = Query("and v.channel_id = :channel_id")
_WATCHED = Query("and exists (select 1 from video_history h where h.video_id = v.id and h.user_id = :watched_by)")
_UNFINISHED = Query(
    """
    and exists (
        select 1 from video_history h where h.video_id = v.id and h.user_id = :watched_by
            and h.position >= 5 and h.position * 100 < v.duration * 95
    )
    """
)
_NOT_WATCHED = Query(
    "and not exists (select 1 from video_history h where h.video_id = v.id and h.user_id = :not_watched_by)"
)
_WITH_LINK = Query("and v.privacy in (1, 2, 4)")
_WATCHED_AT = Query(
    "order by (select h.updated_ms from video_history h where h.video_id = v.id and h.user_id = :watched_by)"
)
_FOLLOWED = Query(
    """
    and (
        v.channel_id in (select channel_id from subscriptions where user_id = :followed_by and channel_id is not null)
        or v.channel_id in (
            select x.id from channels x join subscriptions s on s.account_id = x.account_id
            where s.user_id = :followed_by
        )
        or v.id in (
            select t.video_id from video_tags t join subscriptions s on s.folded = t.folded
            where s.user_id = :followed_by
        )
    )
    """
)
_OWNER = Query("and a.user_id = :owner_id and v.host = ''")
_OWNER_OR_TAKING_PART = Query("and (a.user_id = :owner_id or v.channel_id in $list(taking_part)) and v.host = ''")
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
    "localVideoFilesSize": Query(
        """
        order by case when v.host = '' then (
            select coalesce(sum(size), 0) from video_files where video_files.video_id = v.id
        ) else 0 end
        """
    ),
    "hot": _HOTNESS,
    "best": _HOTNESS,
    "watchedAt": _WATCHED_AT,
}
SORTS = frozenset({*_ORDERS, "match"}) - {"watchedAt"}
"""The columns by which lists of videos can be sorted."""

_ASCENDING = Query("asc, v.published_ms asc, v.id asc")
_DESCENDING = Query("desc, v.published_ms desc, v.id desc")
_BY_MATCH = {
    (True, True): Query("order by f.score desc, f.standing desc, f.id desc"),
    (True, False): Query("order by f.score, f.standing, f.id"),
    (False, True): Query("order by f.weight desc, f.standing desc, f.video_id desc"),
    (False, False): Query("order by f.weight, f.standing, f.video_id"),
}
"""By whether words were looked up or one word of the index was, and by direction."""
_BY_DATE = {False: Query("asc, v.id asc"), True: Query("desc, v.id desc")}
"""As the index has it: SQLite would sort what names a column twice."""


@frozen
class _Source:
    """Where the videos of a list come from: the beginning of the query, its tables, and what joins them."""

    head: Query
    tables: Query
    where: Query
    parameters: Mapping[str, object] = {}


_EVERY = _Source(_NOTHING, _VIDEOS, _ALL)


def _with_one_word(word: str) -> _Source:
    return _Source(_NOTHING, _WITH_WORD, _HAS_WORD, {"word": word})


def _with_words(words: search.Words) -> _Source:
    head, parameters = words.found("videos")
    return _Source(head, _FOUND, _IS_FOUND, parameters)


async def listing(tx: Transaction, wanted: VideoFilter, window: Window, now_ms: int) -> Listing[Video]:
    """The videos of a window of a list, and their total unless `window.skip_count`.

    The window's sort is one of `SORTS`. `wanted.sensitive` must be decided: by preference means both.
    """
    if not wanted.search:
        if window.column == "match":
            window = evolve(window, sort="-publishedAt" if window.descending else "publishedAt")
        return await _listing(tx, _EVERY, wanted, window, now_ms)
    asked = asked_words(wanted.search)
    nothing: Listing[Video] = Listing(total=None if window.skip_count else 0, items=())
    for forgiving in (False, True):
        words = await search.look_up(tx, asked, "videos", forgiving=forgiving)
        found = nothing if words.hopeless else await _searched(tx, words, wanted, window, now_ms)
        if found.items or found.total or window.start:
            return found
    return nothing


async def _searched(
    tx: Transaction, words: search.Words, wanted: VideoFilter, window: Window, now_ms: int
) -> Listing[Video]:
    """The videos that have the words. Those that have the only word as it was asked come first and are found fast."""
    if words.one is not None:
        return await _listing(tx, _with_one_word(words.one), wanted, window, now_ms)
    if window.sort == "-match" and window.skip_count and words.only is not None:
        found = await _listing(tx, _with_one_word(words.only), wanted, window, now_ms)
        if len(found.items) == window.count:
            return found
    return await _best(tx, _with_words(words), wanted, window, now_ms)


async def _best(tx: Transaction, source: _Source, wanted: VideoFilter, window: Window, now_ms: int) -> Listing[Video]:
    """As `_listing`, where finding costs more than showing: words are looked up once for total and order."""
    if window.count == 0:
        return await _listing(tx, source, wanted, window, now_ms)
    where, parameters = _conditions(wanted)
    joined, order, ordered = _ordered(source, window, now_ms)
    rows = await tx.all(
        source.head + (_IDS if window.skip_count else _IDS_OF) + source.tables + OWNERS + joined + source.where + where
        + order + _LIMIT,
        **source.parameters, **parameters, **ordered, count=window.count, start=window.start,
    )  # fmt: skip
    if not rows:
        return await _listing(tx, source, wanted, evolve(window, count=0), now_ms)
    ids = [row["id"] for row in rows]
    found = {video.id: video for video in records(await tx.all(_BY_IDS, ids=ids))}
    total = None if window.skip_count else int(rows[0]["total"])
    return Listing(total=total, items=[found[video_id] for video_id in ids])


async def _listing(
    tx: Transaction, source: _Source, wanted: VideoFilter, window: Window, now_ms: int
) -> Listing[Video]:
    where, parameters = _conditions(wanted)
    where, parameters = source.where + where, {**source.parameters, **parameters}
    total = None
    if not window.skip_count:
        owners = _NOTHING if wanted.account_id is None and wanted.owner_id is None else OWNERS
        row = await tx.one(source.head + _COUNT + source.tables + owners + where, **parameters)
        total = int(row["total"])
    if window.count == 0 or (total is not None and window.start >= total):
        return Listing(total=total, items=())
    joined, order, ordered = _ordered(source, window, now_ms)
    rows = await tx.all(
        source.head + COLUMNS + source.tables + OWNERS + joined + where + order + _LIMIT,
        **parameters,
        **ordered,
        count=window.count,
        start=window.start,
    )
    return Listing(total=total, items=records(rows))


def _ordered(source: _Source, window: Window, now_ms: int) -> tuple[Query, Query, dict[str, object]]:
    """What to join and how to order, with the parameters of both."""
    column = window.column
    if column == "match":
        return _NOTHING, _BY_MATCH[source.tables is _FOUND, window.descending], {}
    direction = _DESCENDING if window.descending else _ASCENDING
    order = _ORDERS[column] + (direction if column != "publishedAt" else _BY_DATE[window.descending])
    if column == "trending":
        return _RECENT_VIEWS, order, {"trending_since": now_ms // DAY_MS - TRENDING_DAYS}
    return _NOTHING, order, {}


def _conditions(wanted: VideoFilter) -> tuple[Query, dict[str, object]]:
    where = _NOTHING
    parameters: dict[str, object] = {}
    for condition, values in (*_who_sees(wanted), *_features(wanted), *_bounds(wanted)):
        where += condition
        parameters |= values
    return where, parameters


Condition = tuple[Query, Mapping[str, object]]


def _who_sees(wanted: VideoFilter) -> Iterator[Condition]:
    if wanted.owner_id is not None:
        if wanted.taking_part:
            yield _OWNER_OR_TAKING_PART, {"owner_id": wanted.owner_id, "taking_part": sorted(wanted.taking_part)}
        else:
            yield _OWNER, {"owner_id": wanted.owner_id}
        if wanted.privacies:
            yield _PRIVACIES, {"privacies": [int(privacy) for privacy in wanted.privacies]}
        return
    if wanted.privacies:
        yield _PRIVACIES, {"privacies": [int(privacy) for privacy in wanted.privacies]}
    elif wanted.watched_by is not None:
        yield _WITH_LINK, {}
    else:
        yield _TO_USERS if wanted.to_users else _PUBLIC, {}
    if Include.NOT_PUBLISHED not in wanted.include:
        yield _PUBLISHED, {}
    yield _REACHABLE, {}


def _features(wanted: VideoFilter) -> Iterator[Condition]:
    if wanted.watched_by is not None:
        yield _UNFINISHED if wanted.unfinished else _WATCHED, {"watched_by": wanted.watched_by}
    if wanted.not_watched_by is not None:
        yield _NOT_WATCHED, {"not_watched_by": wanted.not_watched_by}
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
    yield from _sensitivity(wanted)
    if wanted.nothing or wanted.is_live or wanted.has_hls_files or wanted.has_web_video_files is False:
        yield _NONE, {}
    if wanted.is_local is not None:
        yield _LOCAL if wanted.is_local else _REMOTE, {}
    if wanted.host is not None:
        yield _HOST, {"host": wanted.host}
    if wanted.uuids:
        yield _UUIDS, {"uuids": list(wanted.uuids)}
    if wanted.followed_by is not None:
        yield _FOLLOWED, {"followed_by": wanted.followed_by}
    if wanted.account_id is not None:
        yield _ACCOUNT, {"account_id": wanted.account_id}
    if wanted.channel_id is not None:
        yield _CHANNEL, {"channel_id": wanted.channel_id}


def _sensitivity(wanted: VideoFilter) -> Iterator[Condition]:
    flags = {"flags": int(wanted.sensitive_flags)}
    if wanted.sensitive is Sensitive.ONLY:
        yield _SENSITIVE, {}
        if wanted.sensitive_flags:
            yield _WITH_FLAGS, flags
    elif wanted.sensitive is Sensitive.NONE:
        yield (_NOT_SENSITIVE_BUT_FLAGS, flags) if wanted.sensitive_flags else (_NOT_SENSITIVE, {})
    if wanted.no_sensitive_flags:
        yield _WITHOUT_FLAGS, {"no_flags": int(wanted.no_sensitive_flags)}


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
