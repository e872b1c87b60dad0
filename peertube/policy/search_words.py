"""What is indexed of a text, what somebody who searches asks for, and which typing errors are forgiven.

A *word* is a run of letters and digits of a folded text (`policy.folding`). Scripts that put no blanks between words
are cut into pairs of characters that overlap.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from peertube.policy.folding import fold

MAXIMUM_ASKED = 10
"""How many words of a search count."""

MAXIMUM_INDEXED = 300
"""How many different words of one video or channel are indexed: the first ones of its description are cut off last."""

MAXIMUM_LETTERS = 40
"""How long a word may be; of a longer one its beginning counts."""

SHORTEST_PREFIX = 2
"""How many letters begin a longer word; fewer stand for themselves only."""

NAME, TAG, CHANNEL, DESCRIPTION = 100, 60, 40, 20
"""How much a word weighs by where it stands. In a short name each word weighs up to `SHORT_NAME` more."""

SHORT_NAME = 20

_SHORTEST_FORGIVEN = 4
_SHORTEST_FORGIVEN_TWICE = 8

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def words(text: str) -> list[str]:
    """The words of a text in their order."""
    found: list[str] = []
    for run in _WORD.findall(fold(text)):
        position = 0
        for unspaced in _UNSPACED.finditer(run):
            found += _spaced(run[position : unspaced.start()])
            found += _pairs(unspaced[0])
            position = unspaced.end()
        found += _spaced(run[position:])
    return found


def asked_words(text: str) -> tuple[str, ...]:
    """The words of a search, each once, at most `MAXIMUM_ASKED`."""
    return tuple(dict.fromkeys(words(text)))[:MAXIMUM_ASKED]


def weights_of(
    *, name: str, tags: Iterable[str] = (), channel: Iterable[str] = (), description: str | None = None
) -> Mapping[str, int]:
    """How much each word of a video (or, without the rest, of anything with a name) weighs: where it weighs most."""
    of_name = words(name)
    weighed: dict[str, int] = dict.fromkeys(of_name, NAME + max(0, SHORT_NAME - len(of_name)))
    for weight, texts in ((TAG, tags), (CHANNEL, channel), (DESCRIPTION, (description or "",))):
        for text in texts:
            for word in words(text):
                if len(weighed) >= MAXIMUM_INDEXED:
                    return weighed
                weighed.setdefault(word, weight)
    return weighed


def standing(views: int, published_ms: int) -> int:
    """Which of two videos with equal words comes first: the larger. Views count by their powers of two, then dates."""
    return (max(0, views).bit_length() << 40) + max(0, published_ms) // 1000


def variants(word: str) -> tuple[str, ...]:
    """The word, and the word without one of its letters: words with a typing error between them have one in common."""
    if len(word) < _SHORTEST_FORGIVEN - 1 or word.isdigit():
        return ()
    return tuple(dict.fromkeys((word, *(word[:place] + word[place + 1 :] for place in range(len(word))))))


def may_be_meant(asked: str, known: str) -> bool:
    """Whether who typed `asked` may have meant `known`: one error in a word of 4 letters, two in one of 8."""
    allowed = 0 if len(asked) < _SHORTEST_FORGIVEN else 1 if len(asked) < _SHORTEST_FORGIVEN_TWICE else 2
    return abs(len(asked) - len(known)) <= allowed and _distance(asked, known) <= allowed


def _spaced(run: str) -> Sequence[str]:
    return (run[:MAXIMUM_LETTERS],) if run else ()


def _pairs(run: str) -> Sequence[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] if len(run) > 1 else (run,)


def _distance(one: str, other: str) -> int:
    """How many letters are to be put in, left out, changed, or changed with their neighbour (optimal alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        following = [place]
        for column, its in enumerate(other, 1):
            cost = min(row[column] + 1, following[-1] + 1, row[column - 1] + (letter != its))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == its:
                cost = min(cost, before[column - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1]
