"""Packed swarms."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.swarm import LIFETIME_EPOCHS, Event, Swarms

ONE, TWO = b"1" * 20, b"2" * 20


def ipv4(number: int, port: int = 6881) -> bytes:
    return (0x0A000000 + number).to_bytes(4, "big") + port.to_bytes(2, "big")


def ipv6(number: int, port: int = 6881) -> bytes:
    return b"\x20\x01\x0d\xb8" + number.to_bytes(4, "big") + bytes(7) + b"\1" + port.to_bytes(2, "big")


def swarms(address_size: int = 4, max_swarms: int = 1000, max_peers: int = 100_000) -> Swarms:
    return Swarms(address_size=address_size, max_swarms=max_swarms, max_peers_per_swarm=max_peers, rng=Random(7).random)


def records(joined: bytes, size: int = 6) -> list[bytes]:
    return [joined[start : start + size] for start in range(0, len(joined), size)]


class SwarmTests(SynchronousTestCase):
    """What peers get, and what is kept of them."""

    def test_peers_get_each_other_and_never_themselves(self) -> None:
        """Whatever the size of the swarm, in one bucket or in many, and whatever is wanted."""
        for address_size, make in ((4, ipv4), (16, ipv6)):
            size = address_size + 2
            for count in (1, 2, 3, 50, 51, 52, 127, 128, 129, 130, 300, 1500):
                store = swarms(address_size)
                for number in range(count):
                    store.announce(ONE, make(number), False, 0, 0)
                everybody = {make(number) for number in range(count)}
                for wanted in (0, 1, 49, 50, count - 1, count, count + 7):
                    for caller in (0, count // 2, count - 1):
                        _, peers = store.announce(ONE, make(caller), False, 0, wanted)
                        got = records(peers, size)
                        self.assertEqual(len(got), min(wanted, count - 1))
                        self.assertEqual(len(set(got)), len(got))
                        self.assertLessEqual(set(got), everybody - {make(caller)})

    def test_everybody_is_handed_out_sooner_or_later(self) -> None:
        """A sample starts at a random place, so nobody is left alone."""
        store = swarms()
        for number in range(400):
            store.announce(ONE, ipv4(number), False, 0, 0)
        seen: set[bytes] = set()
        for _ in range(5000):
            seen.update(records(store.announce(ONE, ipv4(0), False, 0, 10)[1]))
        self.assertEqual(len(seen), 399)

    def test_swarms_are_apart(self) -> None:
        """A peer of one torrent is not handed out for another."""
        store = swarms()
        store.announce(ONE, ipv4(1), False, 0, 50)
        self.assertEqual(store.announce(TWO, ipv4(2), False, 0, 50)[1], b"")

    def test_a_record_across_two_others_is_not_taken_for_a_peer(self) -> None:
        """The bytes of one peer may lie across the border of two others."""
        store = swarms()
        for record in (bytes.fromhex("0a0a0a0a0a0b"), bytes.fromhex("0a0a0a0a0b0a")):
            store.announce(ONE, record, False, 0, 50)
        across = bytes.fromhex("0a0b0a0a0a0a")
        swarm, _ = store.announce(ONE, across, False, 0, 50)
        self.assertEqual(swarm.peers, 3)

    def test_completed_counts_once(self) -> None:
        """The number of downloads grows when a leecher becomes a seed, not when a seed says so again."""
        store = swarms()
        store.announce(ONE, ipv4(1), False, Event.STARTED, 50)
        store.announce(ONE, ipv4(2), False, Event.STARTED, 50)
        for _ in range(3):
            swarm, _ = store.announce(ONE, ipv4(1), True, Event.COMPLETED, 50)
        self.assertEqual((swarm.downloaded, swarm.complete, swarm.incomplete), (1, 1, 1))

    def test_stopping_twice_or_without_starting_changes_nothing(self) -> None:
        """Counters never become negative, and a swarm without peers is forgotten."""
        store = swarms()
        store.announce(ONE, ipv4(1), True, Event.STOPPED, 50)
        store.announce(ONE, ipv4(1), True, 0, 50)
        store.announce(ONE, ipv4(1), True, Event.STOPPED, 50)
        store.announce(ONE, ipv4(1), True, Event.STOPPED, 50)
        self.assertEqual((len(store), store.peers, store.seeds), (0, 0, 0))

    def test_tr05_ports_of_one_address_are_bounded(self) -> None:
        """Of a flood from one address (IPv6: one /64) 8 peers stay, the latest; honest peers still get each other."""
        for address_size, make in ((4, ipv4), (16, ipv6)):
            store = swarms(address_size)
            for number in range(2, 300):
                store.announce(ONE, make(number), False, 0, 0)
            for port in range(1, 3000):
                store.begin_epoch() if port % 1000 == 0 else None
                store.announce(ONE, make(1, port), False, 0, 0)
            _, peers = store.announce(ONE, make(2), False, 0, 1000)
            flooders = [one for one in records(peers, address_size + 2) if one[:-2] == make(1)[:-2]]
            self.assertEqual(len(flooders), 8)
            self.assertEqual(store.peers, 298 + 8)

    def test_tr05_interfaces_of_one_ipv6_network_count_as_one(self) -> None:
        """Whoever has a /64 has 2**64 addresses."""
        store = swarms(16)
        for number in range(100):
            store.announce(ONE, b"\x20\x01" + bytes(6) + number.to_bytes(8, "big") + b"\1\1", False, 0, 0)
        self.assertEqual(store.peers, 8)

    def test_tr05_peers_of_a_swarm_are_bounded(self) -> None:
        """Who comes to a full swarm gets peers but is not kept."""
        store = swarms(max_peers=200)
        for number in range(1000):
            _, peers = store.announce(ONE, ipv4(number), False, 0, 50)
        self.assertEqual(store.peers, 200)
        self.assertEqual(len(records(peers)), 50)

    def test_swarms_are_bounded(self) -> None:
        """Further torrents get an empty answer and leave nothing behind."""
        store = swarms(max_swarms=3)
        for number in range(100):
            swarm, peers = store.announce(number.to_bytes(20, "big"), ipv4(1), False, 0, 50)
        self.assertEqual((len(store), store.peers, swarm.peers, peers), (3, 3, 0, b""))

    def test_silent_peers_expire_in_slices(self) -> None:
        """A sweep that looks at a few swarms at a time finds all of them before the next epoch."""
        store = swarms()
        for number in range(500):
            store.announce(number.to_bytes(20, "big"), ipv4(number), bool(number % 2), 0, 0)
        for epoch in range(1, LIFETIME_EPOCHS + 1):
            self.assertEqual(store.peers, 500, epoch)
            store.begin_epoch()
            store.announce(bytes(20), ipv4(0), False, 0, 0)
            for _ in range(5):
                store.sweep(50)
        store.begin_epoch()
        self.assertEqual((store.peers, len(store), store.seeds), (1, 1, 0))

    def test_a_swarm_that_shrinks_keeps_its_peers(self) -> None:
        """Buckets are joined again; nobody is lost or doubled."""
        store = swarms()
        for number in range(2000):
            store.announce(ONE, ipv4(number), False, 0, 0)
        for number in range(10, 2000):
            store.announce(ONE, ipv4(number), False, Event.STOPPED, 0)
        swarm, peers = store.announce(ONE, ipv4(0), False, 0, 50)
        self.assertEqual(set(records(peers)), {ipv4(number) for number in range(1, 10)})
        self.assertLess(len(swarm.buckets), 4)

    def test_a_dropped_swarm_is_gone(self) -> None:
        """A video that is no longer public has no peers."""
        store = swarms()
        store.announce(ONE, ipv4(1), True, 0, 0)
        store.drop(ONE)
        store.drop(TWO)
        self.assertEqual((store.peers, store.seeds, len(store), store.sample(ONE, 50)), (0, 0, 0, b""))


class SwarmMachine(RuleBasedStateMachine):
    """Random events against a set that does the same plainly (TR-10)."""

    def __init__(self) -> None:
        super().__init__()
        self.store = swarms()
        self.epoch = 0
        self.peers: dict[tuple[bytes, bytes], tuple[bool, int]] = {}

    @rule(
        torrent=st.sampled_from([ONE, TWO]),
        number=st.integers(0, 700),
        port=st.integers(1, 4),
        seeding=st.booleans(),
        event=st.sampled_from([0, 0, 0, 1, 2, 3]),
        wanted=st.integers(0, 50),
        crowd=st.sampled_from([1, 1, 1, 150]),
    )
    def announce(self, torrent, number, port, seeding, event, wanted, crowd) -> None:
        for more in range(crowd):
            peer = ipv4(number + more, port)
            _, sample = self.store.announce(torrent, peer, seeding, event, wanted)
            if event == Event.STOPPED:
                self.peers.pop((torrent, peer), None)
                assert sample == b""
            else:
                self.peers[torrent, peer] = seeding, self.epoch
                others = {one for info_hash, one in self.peers if info_hash == torrent} - {peer}
                got = records(sample)
                assert len(got) == len(set(got)) == min(wanted, len(others))
                assert set(got) <= others

    @rule()
    def pass_time(self) -> None:
        self.epoch += 1
        self.store.begin_epoch()
        self.store.sweep(10)
        self.peers = {
            key: (seeding, seen) for key, (seeding, seen) in self.peers.items() if self.epoch - seen < LIFETIME_EPOCHS
        }

    @rule(epochs=st.sampled_from([LIFETIME_EPOCHS - 1, LIFETIME_EPOCHS + 1, 130]))
    def pass_long(self, epochs: int) -> None:
        for _ in range(epochs):
            self.pass_time()

    @rule(torrent=st.sampled_from([ONE, TWO]))
    def drop(self, torrent: bytes) -> None:
        self.store.drop(torrent)
        self.peers = {key: value for key, value in self.peers.items() if key[0] != torrent}

    @invariant()
    def counts_are_right(self) -> None:
        assert self.store.peers == len(self.peers)
        assert self.store.seeds == sum(seeding for seeding, _ in self.peers.values())
        for torrent in (ONE, TWO):
            of_torrent = [seeding for (info_hash, _), (seeding, _) in self.peers.items() if info_hash == torrent]
            swarm = self.store.get(torrent)
            found = (swarm.complete, swarm.incomplete) if swarm is not None else (0, 0)
            assert found == (sum(of_torrent), len(of_torrent) - sum(of_torrent))


class ModelTests(SynchronousTestCase):
    """Long random histories."""

    def test_tr10_like_a_plain_set(self) -> None:
        """TR-10: after any events the peers, seeds and leechers are those of the plain set."""
        run_state_machine_as_test(
            SwarmMachine, settings=settings(max_examples=40, stateful_step_count=40, deadline=None, database=None)
        )
