"""Announces and scrapes over HTTP, in memory."""

from typing import Any

import bencodepy
from treq.testing import RequestTraversalAgent
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from twisted.web.client import readBody
from twisted.web.resource import Resource

from peertube.tracker.http_exchange import HttpExchange
from peertube.tracker.resource import TrackerResource, announce_resource, scrape_resource
from tests.tracker.trackers import OURS, nobody, tracker

QUERY = "info_hash=our%20own%20video%27s%20hash&peer_id=-XX0001-0123456789ab"
SCRAPE = "info_hash=our%20own%20video%27s%20hash"


class TrackerResourceTests(TestCase):
    """What clients get for their queries."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.tracker = tracker(requests_per_minute=20)
        self.address = "192.0.2.1"
        announces = announce_resource(
            HttpExchange(tracker=self.tracker), nobody, lambda _: self.address, self.clock.seconds
        )
        scrapes = scrape_resource(
            HttpExchange(tracker=self.tracker), nobody, lambda _: self.address, self.clock.seconds
        )
        root = Resource()
        root.putChild(b"tracker", TrackerResource(announces=announces, scrapes=scrapes, socket=Resource()))
        root.putChild(b"announce", announces)
        self.agent = RequestTraversalAgent(root)

    async def get(self, path: str, method: bytes = b"GET") -> Any:
        answering = self.agent.request(method, b"http://pod.test" + path.encode())
        self.agent.flush()
        answer = await answering
        self.assertEqual((answer.code, answer.headers.getRawHeaders(b"content-type")), (200, [b"text/plain"]))
        reading = readBody(answer)
        self.agent.flush()
        body = await reading
        return bencodepy.decode(body) if body else None

    async def announce(self, address: str, rest: str) -> Any:
        self.address = address
        return await self.get(f"/tracker/announce?{QUERY}&{rest}")

    async def test_two_peers(self) -> None:
        """The second gets the first, in compact form."""
        first = await self.announce("192.0.2.1", "port=1000&left=5&event=started")
        self.assertEqual(first, {b"complete": 0, b"downloaded": 0, b"incomplete": 1, b"interval": 900, b"peers": b""})
        second = await self.announce("192.0.2.2", "port=1001&left=0")
        self.assertEqual(second[b"peers"], b"\xc0\0\2\1\x03\xe8")
        gone = await self.announce("192.0.2.1", "port=1000&left=5&event=stopped")
        self.assertEqual((gone[b"complete"], gone[b"incomplete"], gone[b"peers"]), (1, 0, b""))

    async def test_in_full(self) -> None:
        """Dictionaries for those who cannot read the compact form."""
        await self.announce("192.0.2.1", "port=1000&left=5")
        await self.announce("2001:db8::7", "port=1000&left=5")
        answer = await self.announce("192.0.2.2", "port=1001&left=0&compact=0")
        self.assertEqual(
            answer[b"peers"], [{b"ip": b"192.0.2.1", b"port": 1000}, {b"ip": b"2001:db8::7", b"port": 1000}]
        )

    async def test_tr11_both_families(self) -> None:
        """TR-11: IPv6 peers in `peers6`; no more in all than wanted; IPv4 written as IPv6 is IPv4."""
        await self.announce("::ffff:192.0.2.1", "port=1000&left=5")
        await self.announce("2001:db8::1", "port=1000&left=5")
        answer = await self.announce("2001:db8:0:1::1", "port=1000&left=5")
        self.assertEqual((len(answer[b"peers"]), len(answer[b"peers6"])), (6, 18))
        answer = await self.announce("2001:db8:0:1::1", "port=1000&left=5&numwant=1")
        self.assertEqual((len(answer[b"peers"]), len(answer[b"peers6"])), (0, 18))

    async def test_tr03_the_announced_address_is_ignored(self) -> None:
        """TR-03: nobody can point the swarm at a victim."""
        await self.announce("192.0.2.1", "port=1000&left=5&ip=10.9.8.7&ipv4=10.9.8.7&ipv6=%3A%3A9")
        answer = await self.announce("192.0.2.2", "port=1001&left=0")
        self.assertEqual(answer[b"peers"], b"\xc0\0\2\1\x03\xe8")
        self.assertNotIn(b"peers6", answer)

    async def test_scrape(self) -> None:
        """Counts of torrents that have peers, with their hashes as bytes."""
        await self.announce("192.0.2.1", "port=1000&left=0")
        answer = await self.get(f"/tracker/scrape?{SCRAPE}&info_hash={'%FF' * 20}")
        self.assertEqual(answer, {b"files": {OURS: {b"complete": 1, b"downloaded": 0, b"incomplete": 0}}})

    async def test_refusals(self) -> None:
        """TR-04, TR-06: status 200 and a reason, as clients expect."""
        for path, reason in (
            ("/announce", b"missing port"),
            (f"/announce?{QUERY}&port=0&left=0", b"invalid port"),
            (f"/announce?{QUERY.replace('own', 'owm')}&port=1&left=0", b"unknown torrent"),
            ("/tracker/scrape", b"missing info_hash"),
        ):
            self.assertEqual(await self.get(path), {b"failure reason": reason})
        self.assertEqual(self.tracker.numbers().swarms, 0)
        self.address = "unknown"
        self.assertEqual(await self.get(f"/announce?{QUERY}&port=1&left=0"), {b"failure reason": b"no address"})

    async def test_tr12_too_many_requests(self) -> None:
        """TR-12: refused with a reason until the next minute."""
        for _ in range(20):
            await self.announce("192.0.2.1", "port=1&left=0")
        refused = await self.announce("192.0.2.1", "port=1&left=0")
        self.assertEqual(refused, {b"failure reason": b"too many requests"})
        self.clock.advance(60)
        self.assertIn(b"peers", await self.announce("192.0.2.1", "port=1&left=0"))

    async def test_head_announces_nothing(self) -> None:
        """A link checker does not join a swarm."""
        answering = self.agent.request(b"HEAD", f"http://pod.test/announce?{QUERY}&port=1&left=0".encode())
        self.agent.flush()
        await answering
        self.assertEqual(self.tracker.numbers().peers, 0)
