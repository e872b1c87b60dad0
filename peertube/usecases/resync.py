"""Telling all that is ours, piece by piece: what a `resync` row of a lane stands for.

Authors come first, then channels, then public videos, each in the order of their uuids. A pod that speaks version 4 is
also told, piece by piece, which uuids of a range there are: it forgets the others, so that what it missed cannot stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from peertube.model.deliveries import DeliveryKind
from peertube.model.pods import Pod
from peertube.pods import envelope
from peertube.storage import friend_objects
from peertube.storage.database import Transaction

MOST_OBJECTS = 49
"""Objects of one piece: a batch holds these and the item that says which there are."""

Phase = Literal["author", "channel", "video"]

KINDS: Mapping[str, DeliveryKind] = {
    "author": DeliveryKind.ADD_AUTHOR,
    "channel": DeliveryKind.ADD_CHANNEL,
    "video": DeliveryKind.ADD_VIDEO,
}
_NEXT_PHASE = {"author": "channel", "channel": "video"}


@frozen
class Piece:
    """The uuids of the objects of one kind that come after `after`; `last`: there are no more."""

    phase: str
    after: str
    uuids: Sequence[str]
    last: bool

    @property
    def kind(self) -> DeliveryKind:
        """How each of them is told."""
        return KINDS[self.phase]

    def keep(self, pod: Pod, count: int) -> Mapping[str, Any] | None:
        """The item that says that of the range of the first `count` uuids there are these and no others."""
        if pod.protocol < envelope.ACKNOWLEDGING:
            return None
        data = {"kind": self.phase, "after": self.after, "uuids": list(self.uuids[:count])}
        if not (self.last and count == len(self.uuids)):
            data["until"] = self.uuids[count - 1]
        return {"type": "keep", "data": data}

    def cursor(self, count: int) -> Mapping[str, Any] | None:
        """Where to go on when the first `count` were told; None at the end."""
        if count < len(self.uuids) or not self.last:
            return {"phase": self.phase, "after": self.uuids[count - 1]}
        following = _NEXT_PHASE.get(self.phase)
        return None if following is None else {"phase": following, "after": ""}


async def piece(tx: Transaction, cursor: Mapping[str, Any]) -> Piece:
    """What comes at the place of a row's body."""
    phase, after = str(cursor["phase"]), str(cursor["after"])
    uuids = await friend_objects.our_uuids(tx, phase, after, MOST_OBJECTS + 1)
    return Piece(phase, after, uuids[:MOST_OBJECTS], last=len(uuids) <= MOST_OBJECTS)
