"""Keeps the index of words that searches read: written in the transaction that changes a video or channel."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from peertube.policy.search_words import standing, variants, weights_of
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

INDEX_SEARCH = "index-search"
"""The kind of the job that does in steps what `index_some` does."""

_VIDEOS = Query(
    """
    select v.id, v.name, v.description, v.views, v.published_ms, c.name as channel_name,
        c.display_name as channel_display_name
    from videos v join channels c on c.id = v.channel_id
    where v.id in $list(ids)
    """
)
_TAGS = Query("select video_id, tag from video_tags where video_id in $list(ids) order by video_id, position")
_CHANNELS = Query("select id, name, display_name, description from channels where id in $list(ids)")
_VIDEOS_TO_INDEX = Query("select id from videos where indexed = 0 order by id limit :count")
_CHANNELS_TO_INDEX = Query("select id from channels where indexed = 0 order by id limit :count")
_VIDEOS_INDEXED = Query("update videos set indexed = 1 where id in $list(ids)")
_CHANNELS_INDEXED = Query("update channels set indexed = 1 where id in $list(ids)")
_FORGET_VIDEOS_OF_CHANNEL = Query("update videos set indexed = 0 where channel_id = :channel_id and indexed = 1")
_CHANNEL_HAS_VIDEOS = Query("select id from videos where channel_id = :channel_id limit 1")
_FORGET_VIDEOS = Query("delete from video_words where video_id in $list(ids)")
_FORGET_CHANNELS = Query("delete from channel_words where channel_id in $list(ids)")
_ADD_TO_VIDEO = Query(
    """
    with words(word) as $list(words)
    insert into video_words (video_id, word, weight, standing) select :id, word, :weight, :standing from words
    """
)
_ADD_TO_CHANNEL = Query(
    """
    with words(word) as $list(words)
    insert into channel_words (channel_id, word, weight) select :id, word, :weight from words
    """
)
_LEARN = Query(
    """
    with words(word) as $list(words)
    insert into search_words (word) select word from words where 1 = 1 on conflict do nothing returning word
    """
)
_LEARN_VARIANTS = Query(
    """
    with variants(variant) as $list(variants)
    insert into search_variants (variant, word) select variant, :word from variants where 1 = 1 on conflict do nothing
    """
)
_COUNTS = Query("select views, published_ms from videos where id = :id")
_SET_STANDING = Query("update video_words set standing = :standing where video_id = :id and standing <> :standing")


async def index_videos(tx: Transaction, ids: Sequence[int]) -> None:
    """Note the words of these videos anew."""
    tags: dict[int, list[str]] = {}
    for row in await tx.all(_TAGS, ids=list(ids)):
        tags.setdefault(row["video_id"], []).append(row["tag"])
    weighed = {}
    rows = await tx.all(_VIDEOS, ids=list(ids))
    for row in rows:
        channel = (row["channel_display_name"], row["channel_name"])
        weighed[row["id"]] = weights_of(
            name=row["name"], tags=tags.get(row["id"], ()), channel=channel, description=row["description"]
        )
    await tx.run(_FORGET_VIDEOS, ids=list(ids))
    await tx.many(
        _ADD_TO_VIDEO,
        [
            {**group, "standing": standing(row["views"], row["published_ms"])}
            for row in rows
            for group in _groups(row["id"], weighed[row["id"]])
        ],
    )
    await _learn(tx, weighed.values())
    await tx.run(_VIDEOS_INDEXED, ids=list(ids))


async def index_channels(tx: Transaction, ids: Sequence[int]) -> None:
    """Note the words of these channels anew."""
    weighed = {row["id"]: _weights_of_channel(row) for row in await tx.all(_CHANNELS, ids=list(ids))}
    await tx.run(_FORGET_CHANNELS, ids=list(ids))
    await tx.many(_ADD_TO_CHANNEL, [group for id_, weights in weighed.items() for group in _groups(id_, weights)])
    await _learn(tx, weighed.values())
    await tx.run(_CHANNELS_INDEXED, ids=list(ids))


async def forget_videos_of(tx: Transaction, channel_id: int) -> None:
    """The channel has another name: the words of its videos are to be noted again, in steps (`index_some`)."""
    await tx.run(_FORGET_VIDEOS_OF_CHANNEL, channel_id=channel_id)


async def has_videos(tx: Transaction, channel_id: int) -> bool:
    """Whether there is a video in a channel."""
    return await tx.maybe(_CHANNEL_HAS_VIDEOS, channel_id=channel_id) is not None


async def index_some(tx: Transaction, count: int) -> int:
    """Note the words of up to `count` channels and as many videos that wait for it; how many there were."""
    channels = [row["id"] for row in await tx.all(_CHANNELS_TO_INDEX, count=count)]
    if channels:
        await index_channels(tx, channels)
    videos = [row["id"] for row in await tx.all(_VIDEOS_TO_INDEX, count=count)]
    if videos:
        await index_videos(tx, videos)
    return len(channels) + len(videos)


async def follow_counts(tx: Transaction, video_id: int) -> None:
    """Bring the standing of a video up to date after its views or its date changed; mostly there is nothing to do."""
    row = await tx.maybe(_COUNTS, id=video_id)
    if row is not None:
        await tx.run(_SET_STANDING, id=video_id, standing=standing(row["views"], row["published_ms"]))


async def follow_views(tx: Transaction, video_id: int, *, before: int, after: int) -> None:
    """The same, when only views changed: they count by powers of two."""
    if before.bit_length() != after.bit_length():
        await follow_counts(tx, video_id)


def _weights_of_channel(row: Row) -> Mapping[str, int]:
    return weights_of(name=row["display_name"], tags=(row["name"],), description=row["description"])


def _groups(id_: int, weights: Mapping[str, int]) -> list[dict[str, Any]]:
    """The words of equal weight together: a row of parameters for each."""
    ordered = sorted(weights, key=lambda word: (weights[word], word))
    return [
        {"id": id_, "weight": weight, "words": list(words)} for weight, words in groupby(ordered, weights.__getitem__)
    ]


async def _learn(tx: Transaction, weighed: Any) -> None:
    """Words in one order everywhere, so that two transactions do not wait for one another."""
    known = sorted({word for weights in weighed for word in weights})
    if not known:
        return
    new = [row["word"] for row in await tx.all(_LEARN, words=known)]
    sets: list[dict[str, object]] = [{"word": word, "variants": list(variants(word))} for word in sorted(new)]
    await tx.many(_LEARN_VARIANTS, [one for one in sets if one["variants"]])
