"""The tracker behind all transports."""

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.announce import Refused, TooManyRequests, Tracker, packed
from peertube.tracker.swarm import Event
from tests.tracker.trackers import OURS, tracker

HERE, THERE, HERE6 = packed("192.0.2.1"), packed("192.0.2.2"), packed("2001:db8::1")
FOREIGN = b"somebody else's film"


def join(tracker: Tracker, address: bytes, port: int = 6881, *, now: float = 0.0, info_hash: bytes = OURS) -> bytes:
    return tracker.announce(info_hash, address, port, 1, Event.STARTED, 50, now).peers


class TrackerTests(SynchronousTestCase):
    """Who is tracked, who gets whom, who is refused."""

    def test_packed_addresses(self) -> None:
        """TR-11: IPv4 written as IPv6 is IPv4."""
        self.assertEqual(packed("::ffff:192.0.2.1"), HERE)
        self.assertEqual(packed("fe80::1%eth0"), packed("fe80::1"))
        for bad in ("", "unknown", "192.0.2", "192.0.2.1:80"):
            self.assertRaises(ValueError, packed, bad)

    def test_known_torrents(self) -> None:
        """Only those of this pod, which come and go."""
        subject = tracker(known=())
        self.assertRaises(Refused, join, subject, HERE)
        subject.known_changed([OURS], [])
        join(subject, HERE)
        subject.set_known([FOREIGN])
        self.assertRaises(Refused, join, subject, HERE)
        self.assertEqual(subject.numbers().peers, 0)
        join(subject, HERE, info_hash=FOREIGN)

    def test_not_private(self) -> None:
        """Any torrent, and one that is removed here goes on."""
        subject = tracker(private=False, known=())
        join(subject, HERE, info_hash=FOREIGN)
        subject.known_changed([], [FOREIGN])
        self.assertEqual(len(join(subject, THERE, info_hash=FOREIGN)), 6)

    def test_tr11_dual_stack(self) -> None:
        """TR-11: counts are of both families; a client that has both may ask for the other's peers."""
        subject = tracker()
        join(subject, HERE)
        announced = subject.announce(OURS, HERE6, 1, 0, Event.COMPLETED, 50, 0.0)
        self.assertEqual(announced, (1, 1, 1, b""))
        self.assertEqual(subject.other_family(OURS, HERE6, 50), HERE + (6881).to_bytes(2, "big"))
        self.assertEqual(subject.other_family(OURS, HERE, 50), HERE6 + b"\0\1")
        self.assertEqual(subject.other_family(FOREIGN, HERE, 50), b"")
        self.assertEqual(subject.scrape([OURS, FOREIGN], HERE, 0.0), [(1, 1, 1), None])

    def test_tr12_requests_of_an_address_are_bounded(self) -> None:
        """TR-12: per minute, a /64 counting as one address."""
        subject = tracker(requests_per_minute=3)
        for number in range(3):
            join(subject, packed(f"2001:db8::{number:x}"))
        self.assertRaises(TooManyRequests, join, subject, HERE6)
        self.assertRaises(TooManyRequests, subject.scrape, [OURS], HERE6, 59.0)
        join(subject, packed("2001:db8:0:1::1"))
        join(subject, HERE6, now=60.0)

    def test_tr10_silent_peers_expire_within_two_intervals(self) -> None:
        """TR-10: and not before one and a half, whatever the clock does."""
        subject = tracker()
        subject.expire(1000.0)
        join(subject, HERE)
        for second in range(1000, 1000 + 1350):
            subject.expire(second)
        self.assertEqual(subject.numbers().peers, 1)
        for second in range(1000 + 1350, 1000 + 1800):
            subject.expire(second)
        self.assertEqual(subject.numbers().peers, 0)

    def test_a_clock_that_jumps_costs_nobody_its_place(self) -> None:
        """Years forward and back."""
        subject = tracker()
        join(subject, HERE)
        for now in (0.0, 1e9, 5.0, 2e9):
            subject.expire(now)
        self.assertEqual(subject.numbers().peers, 1)

    def test_numbers(self) -> None:
        """What the admin sees."""
        subject = tracker()
        join(subject, HERE)
        join(subject, HERE6)
        subject.announce(OURS, THERE, 7, 0, 0, 0, 0.0)
        self.assertRaises(Refused, join, subject, HERE, 0)
        subject.scrape([OURS], HERE, 0.0)
        numbers = subject.numbers()
        self.assertEqual((numbers.swarms, numbers.peers, numbers.seeds), (2, 3, 1))
        self.assertEqual((numbers.announces, numbers.scrapes, numbers.refused), (3, 1, 1))

    def test_tr10_random_events_leave_right_counts(self) -> None:
        """TR-10: over both families, with stops, completions and time."""
        subject, rng, seeds = tracker(), Random(9), {}
        for _ in range(20_000):
            address = rng.choice([HERE[:3], HERE6[:7]]) + bytes([rng.randrange(40)])
            address += bytes(8) if len(address) == 8 else b""
            left, event = rng.randrange(2), rng.choice([0, 0, 1, 2, 3])
            subject.announce(OURS, address, 1 + rng.randrange(3), left, event, rng.randrange(60), 0.0)
            seeds[address] = left
        numbers, counts = subject.numbers(), subject.counts(OURS)
        assert counts is not None
        self.assertEqual((counts.complete, counts.complete + counts.incomplete), (numbers.seeds, numbers.peers))
