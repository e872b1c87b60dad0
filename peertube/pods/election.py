"""Who becomes a friend: the strict majority of make-friends (pods' protocol, A.3.2)."""

from collections import Counter
from collections.abc import Collection, Mapping

MOST_PODS_OF_A_LIST = 1000
"""Entries of one pod's list that are looked at; what a stranger sends must end somewhere."""


def tally(lists: Mapping[str, Collection[str]]) -> Counter[str]:
    """How many of the asked pods know each host: one for every list it is in, and one for itself when it was asked.

    :param lists: for each asked host the hosts of its friends. A list counts once however often it repeats a name,
        and an asked pod that lists itself gains nothing.
    """
    votes: Counter[str] = Counter(lists.keys())
    for asked, friends in lists.items():
        votes.update({friend for friend in friends if friend != asked})
    return votes


def elected(lists: Mapping[str, Collection[str]], me: str) -> list[str]:
    """The hosts known to more than half of the asked pods, without me, most votes first and then by name."""
    votes = tally(lists)
    chosen = [host for host, count in votes.items() if 2 * count > len(lists) and host != me]
    return sorted(chosen, key=lambda host: (-votes[host], host))
