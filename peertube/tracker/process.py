"""A tracker in a process of its own: the swarms of some torrents, over UDP, on the port that it shares with others.

The pod starts it as ``python -m peertube.tracker.process`` and gives it a connection to itself and sockets that are
bound already. What they say to each other stands in `process_messages`. It ends when the pod does.
"""

import signal
import socket
import sys
from heapq import nlargest
from random import random
from typing import Any, cast

from attrs import asdict
from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, globalLogBeginner, textFileLogObserver
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure

from peertube.tracker.announce import Refused, Tracker
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.process_messages import (
    LONGEST_MESSAGE,
    MOST_WANTED,
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
    parse_command,
    separate,
)
from peertube.tracker.steering import owner
from peertube.tracker.udp import UdpListener
from peertube.tracker.udp_exchange import Elsewhere, UdpExchange

LINK_FILENO = 3
"""The connection to the pod; the sockets of the port follow."""
_SECONDS_PER_TURN = 1.0
_TURNS_PER_REPORT = 2


class TrackerProcess(Int32StringReceiver):
    """The connection to the pod, and what happens here.

    :param sockets: of the shared port, one for each address family.
    """

    _log = Logger()
    MAX_LENGTH = LONGEST_MESSAGE

    def __init__(self, sockets: list[socket.socket], reactor: Any) -> None:
        self._sockets = sockets
        self._reactor = reactor
        self._tracker: Tracker | None = None
        self._listeners: list[UdpListener] = []
        self._told: list[bytes] = []
        self._turns = 0

    def stringReceived(self, string: bytes) -> None:
        """The pod says something."""
        try:
            self._obey(parse_command(string))
        except Malformed:
            self._log.error("cannot understand the pod")
            self._reactor.stop()

    def connectionLost(self, reason: Failure = Failure(Exception())) -> None:  # noqa: B008 (Twisted's signature)
        """The pod is gone."""
        if self._reactor.running:
            self._reactor.stop()

    def _obey(self, command: Command) -> None:
        if isinstance(command, Configure):
            self._begin(command)
            return
        tracker = self._tracker
        if tracker is None:
            raise Malformed("not configured")
        match command:
            case Know(info_hashes, last):
                self._told += separate(info_hashes)
                if last:
                    tracker.set_known(self._told)
                    self._told = []
                    self._listen()
            case Learn(info_hashes):
                tracker.known_changed(separate(info_hashes), ())
            case Forget(info_hashes):
                tracker.known_changed((), separate(info_hashes))
            case Announce():
                self._say(self._announce(tracker, command))
            case Count(number, info_hashes):
                self._say(Counted(number, [tracker.counts(one) for one in separate(info_hashes)]))

    def _begin(self, settings: Configure) -> None:
        self._tracker = tracker = Tracker(
            private=settings.private,
            interval=settings.interval,
            websocket_interval=settings.interval,
            max_swarms=settings.max_swarms,
            max_peers_per_swarm=settings.max_peers_per_swarm,
            requests_per_minute=settings.requests_per_minute,
            max_sockets=0,
            rng=random,
        )
        exchange = UdpExchange(
            tracker=tracker,
            connection_ids=ConnectionIds(settings.secret),
            elsewhere=Elsewhere(
                is_foreign=lambda info_hash: owner(info_hash, settings.processes) != settings.index,
                scrape=lambda sender, transaction_id, info_hashes: self._say(
                    Scrape(sender, transaction_id, b"".join(info_hashes))
                ),
            ),
        )
        self._listeners = [
            UdpListener(udp=udp, exchange=exchange, reactor=self._reactor, now=self._reactor.seconds)
            for udp in self._sockets
        ]
        LoopingCall(self._turn, tracker, settings.tells_demand).start(_SECONDS_PER_TURN).addErrback(self._failed)

    def _listen(self) -> None:
        """Now that the torrents are known; what has come before has waited."""
        for listener in self._listeners:
            listener.listen()

    def _announce(self, tracker: Tracker, asked: Announce) -> Announced:
        try:
            announced = tracker.announce(
                asked.info_hash,
                asked.address,
                asked.port,
                asked.left,
                asked.event,
                asked.wanted,
                self._reactor.seconds(),
            )
        except Refused as refused:
            return Announced(asked.number, refused=refused.reason)
        missing = asked.wanted - len(announced.peers) // (len(asked.address) + 2)
        others = tracker.other_family(asked.info_hash, asked.address, missing)
        return Announced(asked.number, *announced, others)

    def _turn(self, tracker: Tracker, tells_demand: bool) -> None:
        tracker.expire(self._reactor.seconds())
        if self._turns % _TURNS_PER_REPORT == 0:
            wanted = tracker.wanted() if tells_demand else {}
            most = dict(nlargest(MOST_WANTED, wanted.items(), key=lambda one: one[1]))
            self._say(Numbers(asdict(tracker.numbers()), most))
        self._turns += 1

    def _failed(self, failure: Failure) -> None:
        """Better no process than one whose swarms never end: the pod starts another."""
        self._log.failure("the tracker failed", failure=failure)
        self._reactor.stop()

    def _say(self, report: Report) -> None:
        self.sendString(encode(report))


def main() -> None:
    """Track until the pod is gone. Arguments: how many sockets are inherited."""
    from twisted.internet import reactor

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is at the keyboard means the pod, and the pod then ends this
    globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stderr)], redirectStandardIO=False)
    sockets = [socket.socket(fileno=LINK_FILENO + 1 + k) for k in range(int(sys.argv[1]))]
    process = TrackerProcess(sockets, reactor)
    factory = Factory.forProtocol(lambda: process)
    cast(Any, reactor).adoptStreamConnection(LINK_FILENO, socket.AF_UNIX, factory)
    cast(Any, reactor).run(installSignalHandlers=False)


if __name__ == "__main__":
    main()
