"""The processes that share the UDP tracker's port with the pod, as the pod sees them.

The pod is the first of them. It binds all sockets in order, keeps every one of them open, and gives the others theirs:
when a process dies, its place among the sockets stays, what comes meanwhile waits there, and the process that comes
instead goes on with it. So a swarm is always with the same one; of those that died with a process, clients make new
ones as they announce.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ProcessDone
from twisted.internet.protocol import Factory, ProcessProtocol
from twisted.logger import Logger
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure

import peertube
from peertube.tracker import announce as trackers
from peertube.tracker.announce import Refused, Scraped
from peertube.tracker.process_messages import (
    LONGEST_MESSAGE,
    Announce,
    Announced,
    Command,
    Configure,
    Count,
    Counted,
    Forget,
    Know,
    Learn,
    Malformed,
    Numbers,
    Report,
    Scrape,
    encode,
    joined,
    parse_report,
)
from peertube.tracker.steering import owner

PROGRAM = (sys.executable, "-m", "peertube.tracker.process")
MAXIMUM_ASKED = 10_000
"""Questions that a process has not answered yet; more are refused."""
_ANSWER_SECONDS = 5.0
_STEADY_SECONDS = 60.0
_LONGEST_RESTART_SECONDS = 30.0
_PATIENCE_SECONDS = 5.0
_LAST_WORDS = 2_000


class _Link(Int32StringReceiver):
    """The connection to one process."""

    MAX_LENGTH = LONGEST_MESSAGE
    transport: Any

    def __init__(self, heard: Callable[[Report], None]) -> None:
        self._heard = heard

    def stringReceived(self, string: bytes) -> None:
        """It says something."""
        try:
            self._heard(parse_report(string))
        except Malformed:
            self.transport.abortConnection()


class _Run(ProcessProtocol):
    """One run of a process; `ended` is called when it is gone, with its last words."""

    def __init__(self, ended: Callable[[str], None]) -> None:
        self._ended = ended
        self._words = b""

    def errReceived(self, data: bytes) -> None:
        """It complains."""
        self._words = (self._words + data)[-_LAST_WORDS:]

    def processEnded(self, reason: Failure) -> None:
        """It is gone."""
        words = self._words.decode(errors="replace").strip()
        self._ended("" if reason.check(ProcessDone) else words or reason.getErrorMessage())


class OtherProcess:
    """One of the other processes, whichever run of it.

    :param sockets: its own of the shared port.
    :param known: the torrents that it has the swarms of.
    :param scraped: called when a client wants counts of torrents of several processes.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        configure: Configure,
        sockets: Sequence[socket.socket],
        reactor: Any,
        known: Callable[[], Iterable[bytes]],
        scraped: Callable[[Scrape], None],
    ) -> None:
        self._configure = configure
        self._sockets = sockets
        self._reactor = reactor
        self._known = known
        self._scraped = scraped
        self._numbers_of_questions = count()
        self._asked: dict[int, Deferred[Any]] = {}
        self._link: _Link | None = None
        self._process: Any = None
        self._began = 0.0
        self._deaths = 0
        self._restart: Any = None
        self._gone: Deferred[None] | None = None
        self.numbers: Mapping[str, int] = {}
        self.wanted: Mapping[bytes, int] = {}

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Run it."""
        self._restart = None
        self._began = self._reactor.seconds()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)
            inherited = [theirs, *self._sockets]
            descriptors: dict[int, Any] = {0: "w", 1: "r", 2: "r"}
            descriptors |= {3 + number: one.fileno() for number, one in enumerate(inherited)}
            environment = {
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(Path(peertube.__file__).parent.parent),
            }
            program = (*PROGRAM, str(len(self._sockets)))
            self._process = self._reactor.spawnProcess(
                _Run(self._ended), program[0], program, environment, childFDs=descriptors
            )
            self._link = link = _Link(self._heard)
            self._reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, Factory.forProtocol(lambda: link))
        self.tell(self._configure)
        self.know(self._known())

    async def stop(self) -> None:
        """End it, in good order or after a few seconds in any."""
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None
        if self._process is None:
            return
        self._gone = Deferred()
        late = self._reactor.callLater(_PATIENCE_SECONDS, self._process.signalProcess, "KILL")
        if self._link is not None and self._link.transport is not None:
            self._link.transport.loseConnection()
        await self._gone
        if late.active():
            late.cancel()

    def tell(self, command: Command) -> None:
        """Say something; to a process that is not there, nothing."""
        if self._link is not None and self._link.transport is not None:
            self._link.sendString(encode(command))

    def know(self, info_hashes: Iterable[bytes]) -> None:
        """These are its torrents, all of them."""
        *parts, last = joined(info_hashes)
        for part in parts:
            self.tell(Know(part, last=False))
        self.tell(Know(last, last=True))

    async def ask(self, question: Callable[[int], Announce | Count]) -> Any:
        """The answer to a question, which gets a number. `Refused` when there will be none."""
        if self._link is None or len(self._asked) >= MAXIMUM_ASKED:
            raise Refused("the tracker is busy")
        number = next(self._numbers_of_questions)
        answered: Deferred[Any] = Deferred()
        self._asked[number] = answered
        self.tell(question(number))
        late = self._reactor.callLater(_ANSWER_SECONDS, self._unanswered, number)
        try:
            return await answered
        finally:
            self._asked.pop(number, None)
            if late.active():
                late.cancel()

    def _unanswered(self, number: int) -> None:
        waiting = self._asked.pop(number, None)
        if waiting is not None:
            waiting.errback(Refused("the tracker is busy"))

    def _heard(self, report: Report) -> None:
        match report:
            case Announced() | Counted():
                waiting = self._asked.pop(report.number, None)
                if waiting is not None:
                    waiting.callback(report)
            case Numbers(numbers, wanted):
                self.numbers, self.wanted = numbers, wanted
            case Scrape():
                self._scraped(report)

    def _ended(self, reason: str) -> None:
        """It is gone; unless that was our wish, another one takes its place."""
        if self._link is not None and self._link.transport is not None:
            self._link.transport.loseConnection()
        self._link = self._process = None
        self.numbers, self.wanted = {}, {}
        for number in list(self._asked):
            self._unanswered(number)
        if self._gone is not None:
            self._gone.callback(None)
            return
        steady = self._reactor.seconds() - self._began > _STEADY_SECONDS
        self._deaths = 0 if steady else self._deaths + 1
        delay = min(_LONGEST_RESTART_SECONDS, 2.0 ** (self._deaths - 1) - 1) if self._deaths else 0.0
        message = "a process of the tracker died ({reason}); another comes in {delay:.0f} s"
        self._log.error(message, reason=reason or ConnectionDone.__name__, delay=delay)
        self._restart = self._reactor.callLater(delay, self.start)


class TrackerProcesses:
    """All the other processes.

    :param known: all torrents of the pod.
    :param answer: called with a scrape that a process could not answer alone.
    """

    def __init__(
        self,
        *,
        count: int,
        configure: Callable[[int], Configure],
        reactor: Any,
        known: Callable[[], Iterable[bytes]],
        answer: Callable[[Scrape], None],
    ) -> None:
        self.count = count
        self._configure = configure
        self._reactor = reactor
        self._known = known
        self._answer = answer
        self.others: list[OtherProcess] = []

    def start(self, sockets: Sequence[Sequence[socket.socket]]) -> None:
        """Run them, each with its sockets."""
        for index, own in enumerate(sockets, start=1):
            other = OtherProcess(
                configure=self._configure(index),
                sockets=own,
                reactor=self._reactor,
                known=lambda index=index: [one for one in self._known() if self.owner(one) == index],  # type: ignore[misc]
                scraped=self._answer,
            )
            other.start()
            self.others.append(other)

    async def stop(self) -> None:
        """End them."""
        others, self.others = self.others, []
        for other in others:
            await other.stop()

    def owner(self, info_hash: bytes) -> int:
        """Which process has the swarm of a torrent; 0 is the pod itself."""
        return owner(info_hash, self.count)

    def is_foreign(self, info_hash: bytes) -> bool:
        """Whether another process has the swarm."""
        return self.owner(info_hash) != 0

    def set_known(self, info_hashes: Iterable[bytes]) -> None:
        """These are all the torrents of the pod."""
        for other, own in self._by_owner(info_hashes, every=True):
            other.know(own)

    def known_changed(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Torrents were published, or are public no longer."""
        for other, own in self._by_owner(removed):
            for part in joined(own):
                other.tell(Forget(part))
        for other, own in self._by_owner(added):
            for part in joined(own):
                other.tell(Learn(part))

    async def announce(
        self, info_hash: bytes, address: bytes, port: int, left: int, event: int, wanted: int
    ) -> tuple[trackers.Announced, bytes]:
        """Announce at the process that has the swarm: its answer, and peers of the other family. `Refused` as there."""
        other = self._of(info_hash)
        answer: Announced = await other.ask(
            lambda number: Announce(number, info_hash, address, port, left, event, wanted)
        )
        if answer.refused:
            raise Refused(answer.refused)
        announced = trackers.Announced(answer.complete, answer.incomplete, answer.downloaded, answer.peers)
        return announced, answer.others

    async def counts(self, info_hashes: Sequence[bytes]) -> dict[bytes, Scraped | None]:
        """The counts of torrents of other processes; of a process that does not answer, none."""
        found: dict[bytes, Scraped | None] = {}
        for other, own in self._by_owner(info_hashes):
            try:
                answer: Counted = await other.ask(lambda number, own=own: Count(number, b"".join(own)))  # type: ignore[misc]
            except Refused:
                continue
            counts = (None if one is None else Scraped(*one) for one in answer.counts)
            found.update(zip(own, counts, strict=True))
        return found

    def wanted(self) -> dict[bytes, int]:
        """How many peers lack something of each torrent that is in demand, as last told."""
        return {info_hash: peers for other in self.others for info_hash, peers in other.wanted.items()}

    def _of(self, info_hash: bytes) -> OtherProcess:
        if not self.others:
            raise Refused("the tracker stops")
        return self.others[self.owner(info_hash) - 1]

    def _by_owner(self, info_hashes: Iterable[bytes], *, every: bool = False) -> list[tuple[OtherProcess, list[bytes]]]:
        """Who has which; without those who have none, unless `every` is wanted."""
        shares: list[list[bytes]] = [[] for _ in range(self.count)]
        for info_hash in info_hashes:
            shares[self.owner(info_hash)].append(info_hash)
        return [(other, own) for other, own in zip(self.others, shares[1:], strict=False) if own or every]
