"""Members that are announced for, and what is in demand."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.membership import Membership
from peertube.tracker.webtorrent import Signalling
from tests.tracker.trackers import OURS, PUBLIC_AT, nobody, tracker

SEEDER, LEECHER, SEED = b"\x08\x08\x08\x08", b"\x01\x02\x03\x04", b"\x01\x02\x03\x05"


class MembershipTests(SynchronousTestCase):
    """The pod's own seeder among the others."""

    def setUp(self) -> None:
        self.tracker = tracker(known=(OURS, b"k" * 20))
        self.members = Membership(tracker=self.tracker, now=lambda: PUBLIC_AT, own=nobody)
        self.found: list[tuple[bytes, int]] = []

    def announce(self, address: bytes, left: int) -> bytes:
        """Somebody else."""
        return self.tracker.announce(OURS, address, 6881, left, 0, 50, PUBLIC_AT).peers

    def test_demand_is_of_those_who_lack_something(self) -> None:
        """Seeds want nothing."""
        self.announce(SEED, 0)
        self.assertEqual(self.members.wanted(), {})
        self.announce(LEECHER, 5)
        self.assertEqual(self.members.wanted(), {OURS: 1})

    def test_browsers_count_too(self) -> None:
        """They announce elsewhere."""
        signalling: Signalling = self.tracker.webtorrent
        browser = signalling.connect(LEECHER, PUBLIC_AT)
        text = f'{{"action":"announce","info_hash":"{OURS.decode()}","peer_id":"{"p" * 20}","left":7}}'
        list(signalling.receive(browser, text.encode(), PUBLIC_AT))
        self.announce(LEECHER, 5)
        self.assertEqual(self.members.wanted(), {OURS: 2})

    def test_foreign_torrents_are_not_in_demand(self) -> None:
        """On a tracker that is open to all."""
        everybodys = tracker(private=False)
        everybodys.announce(b"f" * 20, LEECHER, 6881, 5, 0, 50, PUBLIC_AT)
        self.assertEqual(Membership(tracker=everybodys, now=lambda: PUBLIC_AT, own=nobody).wanted(), {})

    def test_it_joins_and_leaves(self) -> None:
        """Others get it, and it gets others."""
        self.announce(LEECHER, 5)
        self.members.announce_for(OURS, SEEDER, 10_000, complete=True, found=self.found.extend)
        self.assertEqual(self.found, [(LEECHER, 6881)])
        self.assertIn(SEEDER + (10_000).to_bytes(2, "big"), self.announce(LEECHER, 5))
        self.members.announce_for(OURS, SEEDER, 10_000, complete=True, leaves=True, found=self.found.extend)
        self.assertNotIn(SEEDER, self.announce(LEECHER, 5))

    def test_what_is_not_tracked_has_no_members(self) -> None:
        """A torrent that was removed a moment ago."""
        self.members.announce_for(b"x" * 20, SEEDER, 10_000, complete=True, found=self.found.extend)
        self.assertEqual(self.found, [])
