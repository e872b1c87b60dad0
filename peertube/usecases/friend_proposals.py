"""Pods that ask for friendship where somebody has to approve it (`friends.accept`)."""

from collections.abc import Sequence
from typing import Literal

from peertube.errors import Conflict, Forbidden, NotFound
from peertube.model import topics
from peertube.model.admin_events import AdminEventKind
from peertube.model.friend_proposals import Direction, FriendProposal
from peertube.storage import admin_events, friend_proposals, jobs
from peertube.storage.database import Database, Transaction
from peertube.usecases.friendships import Candidate
from peertube.usecases.ports import Clock, Publisher

Accept = Literal["all", "ask", "none"]

APPROVE = "approve-friend"
"""The job that offers friendship to a pod whose proposal was approved: ``{"host": …}``."""

MOST_PROPOSALS = 500
"""Proposals that wait for the admin at the same time."""

_DAY_MS = 24 * 3_600_000


class FriendProposals:
    """What the admin does with proposals."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher

    async def listing(self) -> Sequence[FriendProposal]:
        """The pods that wait for us, oldest first."""
        return await self._database.read(friend_proposals.listing, Direction.IN)

    async def approve(self, host: str) -> None:
        """Become friends; goes on in the background."""
        await self._database.write(self._approve, host)

    async def decline(self, host: str) -> None:
        """Forget that a pod has asked."""
        if not await self._database.write(friend_proposals.remove, Direction.IN, host):
            raise _unknown()

    async def _approve(self, tx: Transaction, host: str) -> None:
        if await friend_proposals.of(tx, Direction.IN, host) is None:
            raise _unknown()
        await jobs.add(tx, APPROVE, {"host": host}, self._clock.now_ms())
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))


async def admit(tx: Transaction, candidate: Candidate, accept: Accept, now_ms: int) -> bool:
    """Whether a pod that asks becomes a friend at once; otherwise it is noted for the admin.

    Whom we have asked ourselves is always welcome.

    :raises Forbidden: code ``not_accepting``, when nobody may ask.
    """
    asked = await friend_proposals.of(tx, Direction.OUT, candidate.host)
    if asked is not None and asked.public_key == candidate.public_key:
        return True
    if accept == "all":
        return True
    if accept == "none":
        raise Forbidden("This pod makes no friends by being asked", code="not_accepting")
    known = await friend_proposals.of(tx, Direction.IN, candidate.host)
    if known is None and await friend_proposals.count(tx, Direction.IN) >= MOST_PROPOSALS:
        raise Conflict("Too many pods wait for an answer", code="too_many_proposals")
    await friend_proposals.put(tx, proposal(candidate, Direction.IN, now_ms))
    kind, detail = AdminEventKind.POD_ASKS, "It asks for friendship"
    await admin_events.add_once(tx, kind, candidate.host, detail, now_ms, within_ms=_DAY_MS)
    return False


def proposal(candidate: Candidate, direction: Direction, now_ms: int) -> FriendProposal:
    """The row of a candidate."""
    return FriendProposal(
        candidate.host, direction, candidate.email, candidate.public_key, candidate.protocol, now_ms
    )  # fmt: skip


def _unknown() -> NotFound:
    return NotFound("No such pod waits for an answer")
