"""Several processes share the port of the tracker: real ones, real sockets, and clients by every way in."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from struct import unpack
from typing import Any
from urllib.parse import quote_from_bytes

import bencodepy
import treq
from twisted.internet import defer, reactor
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from peertube.config.schema import TrackerSettings
from peertube.http.front import listening_with
from peertube.tracker.membership import Membership
from peertube.tracker.part import TrackerPart, tracker_of
from peertube.tracker.steering import is_possible, owner
from tests.tracker.test_real_clients import _CONTENT, Client, make_torrent
from tests.tracker.trackers import connect, udp_announce, udp_scrape

HASHES = [bytes([first]) + b"o" * 19 for first in range(8)]


class UdpClient:
    """One client on a port of its own, which asks again when nothing comes, as clients do."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(1)
        self.socket.connect(("127.0.0.1", port))
        self.port: int = self.socket.getsockname()[1]
        self.asked = 0

    def ask(self, datagram: bytes) -> bytes:
        """The answer to this and nothing before it, by its transaction."""
        self.asked += 1
        transaction = self.asked.to_bytes(4, "big")
        for _ in range(60):
            self.socket.send(datagram[:12] + transaction + datagram[16:])
            try:
                while (answer := self.socket.recv(2048))[4:8] != transaction:
                    pass
            except TimeoutError:
                continue
            return answer
        raise AssertionError("no answer")

    def proof(self) -> bytes:
        return self.ask(connect())[8:]

    def announce(self, info_hash: bytes, left: int = 1) -> set[int]:
        """The ports of the others."""
        answer = self.ask(udp_announce(self.proof(), info_hash=info_hash, port=self.port, left=left))
        assert answer[:4] == b"\0\0\0\1", answer
        return {int.from_bytes(answer[at + 4 : at + 6], "big") for at in range(20, len(answer), 6)}

    def scrape(self, hashes: list[bytes]) -> list[tuple[int, ...]]:
        """(seeds, downloaded, leechers) of each."""
        answer = self.ask(udp_scrape(self.proof(), hashes))
        assert answer[:4] == b"\0\0\0\2", answer
        return [unpack(">iii", answer[at : at + 12]) for at in range(8, len(answer), 12)]


class ProcessesTests(TestCase):
    """This process and another one."""

    timeout = 110

    async def setUp(self) -> None:
        if not is_possible():
            raise SkipTest("not on this system")
        settings = TrackerSettings(processes=2)
        self.part = TrackerPart(
            tracker=tracker_of(settings),
            interface="127.0.0.1",
            udp_port=0,
            reactor=reactor,
            secret=b"s" * 32,
            settings=settings,
            tells_demand=True,
        )
        self.addCleanup(lambda: defer.Deferred.fromCoroutine(self.part.stop()))
        await self.part.start()
        self.part.set_known(HASHES)
        root = Resource()
        root.putChild(b"tracker", self.part.resource(lambda request: request.getClientAddress().host))
        front = listening_with(self.part.short_path(lambda peer, _: peer), lambda _: lambda: None)
        self.site: Any = front(reactor, 0, Site(root), "127.0.0.1")
        self.addCleanup(self.site.stopListening)

    def client(self) -> UdpClient:
        made = UdpClient(self.part.udp_port)
        self.addCleanup(made.socket.close)
        return made

    @property
    def other(self) -> Any:
        [other] = self.part.processes.others
        return other

    async def until(self, done: Callable[[], Any]) -> None:
        while not done():
            await deferLater(reactor, 0.02, lambda: None)

    async def whole(self, clients: list[UdpClient]) -> None:
        """All clients announce every torrent, and each hears of all that came before it."""
        for info_hash in HASHES:
            there: set[int] = set()
            for client in clients:
                others = await deferToThread(client.announce, info_hash)
                self.assertLessEqual(there, others)
                there.add(client.port)

    async def get(self, path: str) -> Any:
        answer = await treq.get(f"http://127.0.0.1:{self.site.getHost().port}{path}", persistent=False)
        return bencodepy.decode(await answer.content())

    async def http_announce(self, info_hash: bytes, port: int) -> Any:
        query = f"info_hash={quote_from_bytes(info_hash)}&peer_id=-XX0001-0123456789ab&port={port}&left=1"
        return await self.get(f"/tracker/announce?{query}")

    async def test_no_swarm_is_split(self) -> None:
        """UDP from many ports, HTTP, scrapes of torrents of both: everybody is in one and the same swarm."""
        clients = [self.client() for _ in range(6)]
        await self.whole(clients)
        for info_hash in HASHES:
            found = await self.http_announce(info_hash, 999)
            self.assertEqual((found[b"complete"], found[b"incomplete"]), (0, 7))
            ports = {int.from_bytes(found[b"peers"][at + 4 : at + 6], "big") for at in range(0, 36, 6)}
            self.assertEqual(ports, {client.port for client in clients})
            self.assertIn(999, await deferToThread(clients[0].announce, info_hash))
        for hashes in (HASHES, HASHES[::-1], HASHES[1:2], [b"?" * 20, *HASHES[:2]]):
            counts = await deferToThread(clients[0].scrape, hashes)
            self.assertEqual(counts, [(0, 0, 7) if one in HASHES else (0, 0, 0) for one in hashes])
        asked = "&".join(f"info_hash={quote_from_bytes(one)}" for one in HASHES[:3])
        scraped = (await self.get(f"/tracker/scrape?{asked}"))[b"files"]
        self.assertEqual({one: counts[b"incomplete"] for one, counts in scraped.items()}, dict.fromkeys(HASHES[:3], 7))
        self.assertEqual(self.part.tracker.numbers().swarms, 4)
        await self.until(lambda: self.part.numbers()["peers"] == 7 * 8)
        self.assertEqual(self.part.numbers()["swarms"], 8)

    async def test_a_killed_process_is_replaced(self) -> None:
        """What comes meanwhile is answered by the next one, ids stay good, and no swarm is split then either."""
        clients = [self.client() for _ in range(3)]
        await self.whole(clients)
        proof = await deferToThread(clients[0].proof)
        killed = self.other.pid
        os.kill(killed, signal.SIGKILL)
        foreign = next(one for one in HASHES if owner(one, 2) == 1)
        waiting = udp_announce(proof, info_hash=foreign, port=clients[0].port)
        answer = await deferToThread(clients[0].ask, waiting)
        self.assertEqual(answer[:4], b"\0\0\0\1")
        await self.until(lambda: self.other.pid not in (None, killed))
        await self.whole(clients)
        self.assertEqual(self.part.tracker.numbers().swarms, 4)
        self.assertEqual(len(self.flushLoggedErrors()), 0)

    async def test_news_reach_all(self) -> None:
        """What is published is soon tracked by whoever has its swarm; what is withdrawn is not any more."""
        client = self.client()
        for first in (2, 3):
            added = bytes([first]) + b"n" * 19
            datagram = udp_announce(await deferToThread(client.proof), info_hash=added, port=client.port)
            self.part.hear({"added": [added.hex()]})
            while (await deferToThread(client.ask, datagram))[:4] != b"\0\0\0\1":
                pass
            self.part.hear({"removed": [added.hex()]})
            while b"unknown torrent" not in await deferToThread(client.ask, datagram):
                pass

    async def test_the_seeder_is_a_member_everywhere(self) -> None:
        """It hears what is in demand, joins those swarms and is told of their peers."""
        client = self.client()
        members = Membership(
            tracker=self.part.tracker,
            now=reactor.seconds,
            processes=self.part.processes,
            own=self.part._tasks.own,
        )
        for info_hash in HASHES[:2]:
            await deferToThread(client.announce, info_hash)
        await self.until(lambda: dict(members.wanted()) == dict.fromkeys(HASHES[:2], 1))
        for info_hash in HASHES[:2]:
            found: list[Any] = []
            members.announce_for(info_hash, bytes([127, 0, 0, 9]), 10_000, complete=True, found=found.append)
            await self.until(lambda found=found: found)
            self.assertEqual(found, [[(bytes([127, 0, 0, 1]), client.port)]])
            self.assertEqual(await deferToThread(client.announce, info_hash), {10_000})

    async def test_libtorrent(self) -> None:
        """A real client finds another one's file, whichever process has the swarm."""
        folder = Path(self.mktemp())
        for number in range(2):
            torrent = self.torrent_of(number)
            self.part.set_known([bytes.fromhex(str(torrent.info_hash()))])
            places = [folder / str(number) / name for name in ("seed", "leech")]
            for place in places:
                place.mkdir(parents=True)
            (places[0] / torrent.name()).write_bytes(_CONTENT)
            clients = [await deferToThread(Client, torrent, places[0])]
            try:
                await self.until(lambda: self.part.numbers()["seeds"] == 1)
                clients.append(await deferToThread(Client, torrent, places[1]))
                self.assertTrue(await deferToThread(clients[1].wait, lambda status: status.is_seeding, 60))
            finally:
                for client in clients:
                    await deferToThread(client.close)
            self.assertEqual((places[1] / torrent.name()).read_bytes(), _CONTENT)

    def torrent_of(self, number: int) -> Any:
        """A torrent whose swarm is at process `number`."""
        for name in range(99):
            torrent = make_torrent(f"udp://127.0.0.1:{self.part.udp_port}/announce", f"{name}.mp4")
            if owner(bytes.fromhex(str(torrent.info_hash())), 2) == number:
                return torrent
        raise AssertionError

    async def test_stopping_frees_the_port(self) -> None:
        """No process is left behind."""
        pid, port = self.other.pid, self.part.udp_port
        await self.part.stop()
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", port))
