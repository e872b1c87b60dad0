"""Reports, and servers that ask for friendship, as hostile as may be."""

from peertube.errors import Conflict, Invalid
from peertube.model.abuses import Abuse, AbuseMessage, AbuseReason, AbuseState, NewAbuse
from peertube.model.friend_proposals import Direction, FriendProposal
from peertube.model.pages import Listing
from tests.http.serving import NOW_MS
from tests.pages.videos import HOSTILE


class FakeProposals:
    """One server asks."""

    def __init__(self) -> None:
        self.done: list[object] = []

    async def listing(self):
        return [FriendProposal("asking.example", Direction.IN, HOSTILE, "", 4, NOW_MS)]

    async def approve(self, host):
        self.done.append(("approve", host))

    async def decline(self, host):
        self.done.append(("decline", host))


class FakeAbuses:
    """Reports in every state, about which both sides have written."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.wanted: list[object] = []

    async def listing(self, window, wanted):
        self.wanted.append(wanted)
        report = NewAbuse("a", HOSTILE, 1, HOSTILE, 1, "b", HOSTILE, "", HOSTILE, (AbuseReason.PRIVACY,))
        found = [
            Abuse(int(one), report, one, HOSTILE, NOW_MS, NOW_MS, 2)
            for one in AbuseState
            if wanted.state in (None, one) and wanted.abuse_id in (None, int(one))
        ]
        return Listing(len(found), found)

    async def mine(self, viewer, window, wanted):
        return await self.listing(window, wanted)

    async def messages(self, viewer, abuse_id):
        return [
            AbuseMessage(1, abuse_id, 1, HOSTILE, HOSTILE, True, HOSTILE, NOW_MS),
            AbuseMessage(2, abuse_id, None, None, None, False, HOSTILE, NOW_MS),
        ]

    async def say(self, viewer, abuse_id, message):
        if message == "too much":
            raise Conflict("There are too many messages about this report", code="too_many_messages")
        if not message:
            raise Invalid("A message needs words")
        self.done.append((viewer.user.username, abuse_id, message))
        return 1

    async def report(self, viewer, id_or_uuid, report):
        if not report.reason:
            raise Invalid("A report needs a reason")
        self.done.append((viewer.user.username, id_or_uuid, report))
        return 1

    async def decide(self, abuse_id, *, state, moderation_comment):
        self.done.append((abuse_id, state, moderation_comment))

    async def remove(self, abuse_id):
        self.done.append(("remove", abuse_id))
