"""Finds videos and channels by words: what is known of each word asked for, and what has all of them.

Order: words as they were asked before words that begin so, before words that were perhaps meant; then by where they
stand (name, tags, channel, description); then `policy.search_words.standing`. See docs/decisions/0006.
"""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from peertube.policy.search_words import SHORTEST_PREFIX, may_be_meant, variants
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

EXACT, BEGINNING, MEANT = 3, 2, 1

MOST_LOOKED_AT = 10_000
"""Of words that more videos have, the ones that weigh most are looked at. It bounds what a search can cost."""

_MOST_LONGER = 32
_MOST_MEANT = 400
_AFTER_ALL = "\U0010ffff"
_COMMON = 100
"""Words that so many videos have are common; which of two common ones is more so does not matter much."""

_KNOWN = Query(
    """
    with asked(word) as $list(words), known as (
        select a.word as asked, s.word, row_number() over (partition by a.word order by length(s.word), s.word) as place
        from asked a cross join search_words s
        where s.word >= a.word and s.word < a.word || :after_all and (length(a.word) >= :shortest or s.word = a.word)
    )
    """
)
_KNOWN_TO_VIDEOS = Query(
    """
    select asked, word, (
        select count(*) from (select 1 as one from video_words w where w.word = known.word limit :common) few
    ) as found
    from known where place <= :most_longer
    """
)
_KNOWN_TO_CHANNELS = Query(
    """
    select asked, word, (
        select count(*) from (select 1 as one from channel_words w where w.word = known.word limit :common) few
    ) as found
    from known where place <= :most_longer
    """
)
_MEANT = Query("select distinct word from search_variants where variant in $list(variants) limit :most")

_EXPANSIONS = Query(
    """
    with expansions(place, word, quality) as (
        select p.value, w.value, q.value from json_each(:words) w
        join json_each(:places) p on p.key = w.key join json_each(:qualities) q on q.key = w.key
    )
    """,
    postgresql="""
    with expansions(place, word, quality) as (
        select * from unnest(cast(:places as integer[]), cast(:words as text[]), cast(:qualities as integer[]))
    )
    """,
)
_FIRST_OF_VIDEOS = Query(
    """
    , firsts(id, score, standing) as materialized (
        select video_id, max(score), max(standing) from (
            select w.video_id, e.quality * 1000 + w.weight as score, w.standing
            from expansions e cross join video_words w
            where e.place = 0 and w.word = e.word limit :most_looked_at
        ) words group by video_id
    )
    """
)
_FIRST_OF_CHANNELS = Query(
    """
    , firsts(id, score, standing) as materialized (
        select channel_id, max(score), 0 from (
            select w.channel_id, e.quality * 1000 + w.weight as score
            from expansions e cross join channel_words w
            where e.place = 0 and w.word = e.word limit :most_looked_at
        ) words group by channel_id
    )
    """
)
_ALL = Query(", found as (select id, score, standing from firsts)")
_OTHERS_OF_VIDEOS = Query(
    """
    , others as (
        select f.id, f.score, f.standing, (
            select sum(best) from (
                select max(:each + e.quality * 1000 + w.weight) as best from expansions e cross join video_words w
                where e.place > 0 and w.video_id = f.id and w.word = e.word group by e.place
            ) by_place
        ) as others from firsts f
    )
    """
)
_OTHERS_OF_CHANNELS = Query(
    """
    , others as (
        select f.id, f.score, f.standing, (
            select sum(best) from (
                select max(:each + e.quality * 1000 + w.weight) as best from expansions e cross join channel_words w
                where e.place > 0 and w.channel_id = f.id and w.word = e.word group by e.place
            ) by_place
        ) as others from firsts f
    )
    """
)
_ALL_WITH_OTHERS = Query(
    ", found as (select id, score + others as score, standing from others where others >= :others * :each)"
)
_EACH = 100_000
"""More than any score: by it words that were found are counted while scores are added up."""

Of = Literal["videos", "channels"]
_PARTS = {
    "videos": (_KNOWN_TO_VIDEOS, _FIRST_OF_VIDEOS, _OTHERS_OF_VIDEOS),
    "channels": (_KNOWN_TO_CHANNELS, _FIRST_OF_CHANNELS, _OTHERS_OF_CHANNELS),
}


@frozen
class Words:
    """What is to be looked up for a search: for each word asked (the rarest first) known words with their quality.

    Where a word has none, nothing can be found.
    """

    places: Sequence[Sequence[tuple[str, int]]]

    @property
    def hopeless(self) -> bool:
        """Whether there is nothing to look up."""
        return not self.places or not all(self.places)

    @property
    def one(self) -> str | None:
        """The only known word to look up."""
        return self.places[0][0][0] if len(self.places) == len(self.places[0]) == 1 else None

    @property
    def only(self) -> str | None:
        """The word, when one word is asked for and is known as it is; what has it comes before everything else."""
        (first, *others) = self.places
        return first[0][0] if not others and first[0][1] == EXACT else None

    def found(self, of: Of) -> tuple[Query, dict[str, object]]:
        """The beginning of a query, which says what ``found(id, score, standing)`` is, with its parameters."""
        flat = [(place, *known) for place, some in enumerate(self.places) for known in some]
        _, first, others = _PARTS[of]
        parameters: dict[str, object] = {
            "places": [place for place, _, _ in flat],
            "words": [word for _, word, _ in flat],
            "qualities": [quality for _, _, quality in flat],
            "most_looked_at": MOST_LOOKED_AT,
        }
        if len(self.places) == 1:
            return _EXPANSIONS + first + _ALL, parameters
        return _EXPANSIONS + first + others + _ALL_WITH_OTHERS, {
            **parameters,
            "others": len(self.places) - 1,
            "each": _EACH,
        }


async def look_up(tx: Transaction, asked: Sequence[str], of: Of, *, forgiving: bool = False) -> Words:
    """What is known of the words that somebody asks for.

    Longer words that begin so are known too. A word that nothing has is taken for a typing error; when `forgiving`,
    any word is.
    """
    if not asked:
        return Words(())
    rows = await tx.all(
        _KNOWN + _PARTS[of][0],
        words=list(asked),
        after_all=_AFTER_ALL,
        shortest=SHORTEST_PREFIX,
        common=_COMMON,
        most_longer=_MOST_LONGER,
    )
    known: dict[str, dict[str, int]] = {word: {} for word in asked}
    frequent = dict.fromkeys(asked, 0)
    for row in rows:
        if row["found"]:
            known[row["asked"]][row["word"]] = EXACT if row["word"] == row["asked"] else BEGINNING
            frequent[row["asked"]] += row["found"]
    doubtful = [word for word in asked if forgiving or word not in known[word]]
    for word, meant in (await _meant(tx, doubtful)).items():
        for other in meant:
            known[word].setdefault(other, MEANT)
            frequent[word] += _COMMON // 10
    rarest_first = sorted(asked, key=lambda word: (frequent[word], -len(word), word))
    return Words([sorted(known[word].items(), key=lambda one: (-one[1], one[0])) for word in rarest_first])


async def _meant(tx: Transaction, doubtful: Sequence[str]) -> dict[str, list[str]]:
    wanted = sorted({variant for word in doubtful for variant in variants(word)})
    if not wanted:
        return {}
    rows: Sequence[Row] = await tx.all(_MEANT, variants=wanted, most=_MOST_MEANT)
    return {word: [row["word"] for row in rows if may_be_meant(word, row["word"])] for word in doubtful}
