"""The supervisor of the hybrid seeder: demand, addresses, deaths."""

import os
import signal
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.config.schema import HybridSeeding
from peertube.torrents.hybrid import POLL_SECONDS, HybridSeeder, Place, listen_interfaces
from peertube.torrents.seeder_messages import (
    Add,
    Configure,
    Connect,
    Failed,
    Listening,
    Numbers,
    Remove,
    TorrentNumbers,
)
from peertube.torrents.seeder_process import SeederProcess

A, B = "a" * 40, "b" * 40
PUBLIC = ip_address("8.8.8.8").packed


@frozen
class Source:
    """Somewhere."""

    torrent: Path = Path("/t")
    file: Path = Path("/f")


class FakeSwarms:
    """A tracker that notes who is announced."""

    def __init__(self) -> None:
        self.demand: dict[str, int] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.others: list[tuple[bytes, int]] = []

    def wanted(self) -> dict[bytes, int]:
        """As set."""
        return {bytes.fromhex(info_hash): peers for info_hash, peers in self.demand.items()}

    def announce_for(self, info_hash, address, port, *, complete, leaves=False, found):
        """Note it."""
        self.calls.append((info_hash.hex()[0], str(ip_address(address)), port, complete, leaves))
        found(self.others)


class FakeProcess:
    """Notes what it is told."""

    def __init__(self, *, heard: Callable[[Any], None], ended: Callable[[str], None]) -> None:
        self.heard, self.ended = heard, ended
        self.told: list[Any] = []

    def start(self, reactor: Any) -> None:
        """Begin."""

    def tell(self, command: Any) -> None:
        """Note it."""
        self.told.append(command)

    def kill(self) -> None:
        """Die."""
        self.ended("killed")

    async def stop(self, reactor: Any) -> None:
        """End."""
        self.ended("")


class HybridSeederTests(SynchronousTestCase):
    """With a clock and a process that are not real."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.swarms = FakeSwarms()
        self.processes: list[FakeProcess] = []
        self.addresses = ["8.8.8.8", "127.0.0.1"]
        self.sources: dict[str, Source] = {A: Source(), B: Source()}
        self.seeder = self.make(HybridSeeding(port=0, max_torrents=2, unload_after=600))
        self.successResultOf(ensureDeferred(self.seeder.start()))
        self.addCleanup(lambda: self.successResultOf(ensureDeferred(self.seeder.stop())))

    def make(self, settings: HybridSeeding, *, allow_private: bool = False) -> HybridSeeder:
        """A supervisor of fake processes."""

        async def source_of(info_hash: str) -> Source | None:
            return self.sources.get(info_hash)

        async def addresses() -> list[str]:
            return self.addresses

        def process(**named: Any) -> Any:
            self.processes.append(FakeProcess(**named))
            return self.processes[-1]

        place = Place("0.0.0.0", "ws://127.0.0.1:9000/tracker/socket", 120, Path("/scratch"), allow_private)
        return HybridSeeder(
            reactor=self.clock,
            settings=settings,
            place=place,
            swarms=self.swarms,
            source_of=source_of,
            addresses=addresses,
            fraction=lambda: 1.0,
            process=process,
        )

    def turn(self, times: int = 1) -> None:
        """Time passes, and the process reports now and then."""
        for _ in range(times):
            self.clock.advance(POLL_SECONDS)
            if self.processes:
                self.processes[-1].heard(Numbers(1000, 0, 0, 0, 0, []))

    def test_nothing_runs_while_nobody_wants_anything(self) -> None:
        """The seeder costs nothing until then."""
        self.turn(100)
        self.assertEqual(self.processes, [])

    def test_what_is_wanted_is_seeded_and_later_put_down(self) -> None:
        """And the process ends with its last torrent."""
        self.swarms.demand = {A: 1}
        self.turn()
        (process,) = self.processes
        self.assertIsInstance(process.told[0], Configure)
        self.assertEqual(process.told[1:], [Add(A, "/t", "/f")])
        self.swarms.demand = {}
        self.turn(202)
        self.assertEqual(process.told[2:], [Remove(A)])
        self.assertEqual(self.seeder.numbers()["torrents"], 0)
        self.swarms.demand = {A: 1}
        self.turn()
        self.assertEqual(len(self.processes), 2)
        self.assertEqual(self.seeder.numbers()["restarts"], 0)

    def test_the_pod_announces_it_under_public_addresses_alone(self) -> None:
        """127.0.0.1 is never handed out to the world."""
        self.swarms.demand = {A: 1}
        self.swarms.others = [(PUBLIC, 1234), (PUBLIC, 6881), (ip_address("10.0.0.1").packed, 6881)]
        self.turn()
        self.processes[0].heard(Listening(1234))
        self.turn(2)
        self.assertEqual(self.swarms.calls, [("a", "8.8.8.8", 1234, True, False)])
        self.assertEqual(self.processes[0].told[2:], [Connect(A, ["8.8.8.8:6881"])])
        self.seeder.hear({"removed": [A]})
        self.assertEqual(self.swarms.calls[1:], [("a", "8.8.8.8", 1234, True, True)])
        self.assertEqual(self.processes[0].told[3:], [Remove(A)])

    def test_it_is_announced_again_each_minute(self) -> None:
        """Peers that cannot dial it are dialled."""
        self.swarms.demand = {A: 1}
        self.turn()
        self.processes[0].heard(Listening(1234))
        self.turn(41)
        self.assertEqual(len(self.swarms.calls), 3)

    def test_while_it_lacks_something_it_does_not_keep_itself(self) -> None:
        """It is counted by the tracker like anybody who lacks something."""
        self.swarms.demand = {A: 1}
        self.turn()
        for _ in range(202):
            self.processes[0].heard(Numbers(0, 0, 0, 0, 0, [TorrentNumbers(A, 0, False)]))
            self.clock.advance(POLL_SECONDS)
        self.assertIn(Remove(A), self.processes[0].told)

    def test_one_that_dies_comes_back_later_each_time(self) -> None:
        """A torrent that kills it does not kill the machine."""
        self.swarms.demand = {A: 1}
        self.turn()
        waits = []
        for _ in range(3):
            count, began = len(self.processes), self.clock.seconds()
            self.processes[-1].ended("signal 11")
            while len(self.processes) == count:
                self.clock.advance(POLL_SECONDS)
            waits.append(self.clock.seconds() - began)
        self.assertEqual(waits, [6, 12, 21])
        self.assertEqual(self.seeder.numbers()["restarts"], 3)
        self.assertEqual(self.processes[-1].told[1:], [Add(A, "/t", "/f")])
        self.assertEqual(len(self.flushLoggedErrors()), 0)

    def test_one_that_is_silent_is_ended(self) -> None:
        """It may hang."""
        self.swarms.demand = {A: 1}
        self.clock.advance(POLL_SECONDS)
        self.clock.pump([POLL_SECONDS] * 21)
        self.assertEqual(self.seeder.numbers()["restarts"], 1)

    def test_what_is_not_public_or_fails_is_not_tried_at_every_turn(self) -> None:
        """But again after ten minutes."""
        self.swarms.demand = {A: 1, "c" * 40: 1}
        self.turn()
        process = self.processes[0]
        process.heard(Failed(A, "no such file"))
        self.turn(10)
        self.assertEqual(process.told[1:], [Add(A, "/t", "/f"), Remove(A)])
        self.turn(200)
        self.assertIn(Add(A, "/t", "/f"), self.processes[-1].told)
        self.assertEqual(len(self.processes), 2)

    def test_interfaces(self) -> None:
        """As libtorrent spells them."""
        self.assertEqual(listen_interfaces("0.0.0.0", 1), "0.0.0.0:1,[::]:1")
        self.assertEqual(listen_interfaces("::1", 1), "[::1]:1")
        self.assertEqual(listen_interfaces("192.0.2.1", 1), "192.0.2.1:1")


class RealProcessTests(TestCase):
    """The program itself."""

    timeout = 60

    def setUp(self) -> None:
        self.reports: list[Any] = []
        self.first: Deferred[Any] = Deferred()
        self.gone: Deferred[str] = Deferred()
        self.process = SeederProcess(heard=self.hear, ended=self.gone.callback)
        self.process.start(reactor)
        self.addCleanup(lambda: ensureDeferred(self.process.stop(reactor)))

    def hear(self, report: Any) -> None:
        """Note it."""
        self.reports.append(report)
        if not self.first.called:
            self.first.callback(report)

    def configure(self, memory: int = 2**28) -> None:
        """As the supervisor does."""
        tracker = "ws://127.0.0.1:1/tracker/socket"
        self.process.tell(
            Configure("127.0.0.1:0", tracker, 120, str(Path(self.mktemp()).absolute()), 0, 10, 0, memory, "", True)
        )

    async def test_it_listens_and_ends_when_it_is_told_no_more(self) -> None:
        """Also when the pod is killed: its end of the pipe closes."""
        self.configure()
        listening = await self.first
        self.assertGreater(listening.port, 0)
        await self.process.stop(reactor)
        self.assertEqual(await self.gone, "")

    async def test_a_torrent_that_is_not_there_is_told(self) -> None:
        """And nothing else suffers."""
        self.configure()
        await self.first
        self.process.tell(Add(A, "/nowhere.torrent", "/nowhere.mp4"))
        while not any(isinstance(report, Failed) for report in self.reports):
            self.first = Deferred()
            await self.first
        await self.process.stop(reactor)

    async def test_too_much_memory_ends_it(self) -> None:
        """With the reason for the log."""
        self.configure(memory=1)
        self.assertIn("max_memory", await self.gone)

    async def test_a_death_is_noticed(self) -> None:
        """By whatever signal."""
        self.configure()
        await self.first
        os.kill(self.process.transport.pid, signal.SIGSEGV)
        self.assertIn("signal 11", await self.gone)
