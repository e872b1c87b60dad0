"""The HTTP side of the tracker: ``GET /tracker/announce`` and ``GET /tracker/scrape``.

Refusals are answered with status 200 and a failure reason, as BitTorrent clients expect.
"""

from collections.abc import Callable

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from peertube.tracker import http_codec
from peertube.tracker.announce import Refused, Tracker, packed
from peertube.tracker.http_codec import Malformed
from peertube.tracker.swarm import Event

ClientAddress = Callable[[Request], str]


class TrackerResource(Resource):
    """``/tracker``.

    :param announces: the resource of ``/tracker/announce``; may serve ``/announce`` as well.
    :param scrapes: the resource of ``/tracker/scrape``; may serve ``/scrape`` as well.
    :param socket: the resource of ``/tracker/socket``.
    """

    def __init__(self, *, announces: IResource, scrapes: IResource, socket: IResource) -> None:
        super().__init__()
        for name, child in ((b"announce", announces), (b"scrape", scrapes), (b"socket", socket)):
            self.putChild(name, child)


class _BencodedResource(Resource):
    """Answers query strings.

    :param answer: from a query string, the caller's address and the time in seconds to a bencoded answer; may raise
        `Malformed` and `Refused`.
    """

    isLeaf = True

    def __init__(
        self, answer: Callable[[bytes, bytes, float], bytes], client_address: ClientAddress, now: Callable[[], float]
    ) -> None:
        super().__init__()
        self._answer = answer
        self._client_address = client_address
        self._now = now

    def render_GET(self, request: Request) -> bytes:
        """Answer."""
        request.setHeader(b"content-type", b"text/plain")
        request.setHeader(b"cache-control", b"no-store")
        try:
            address = packed(self._client_address(request))
        except ValueError:
            return http_codec.encode_failure("no address")
        try:
            return self._answer(request.uri.partition(b"?")[2], address, self._now())
        except (Malformed, Refused) as refusal:
            return http_codec.encode_failure(refusal.reason)

    def render_HEAD(self, request: Request) -> bytes:
        """Asks for nothing, so nothing is announced."""
        return b""


def announce_resource(tracker: Tracker, client_address: ClientAddress, now: Callable[[], float]) -> IResource:
    """Announces (BEP 3, 7, 23).

    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    def answer(query: bytes, address: bytes, at: float) -> bytes:
        asked = http_codec.parse_announce(query)
        announced = tracker.announce(asked.info_hash, address, asked.port, asked.left, asked.event, asked.wanted, at)
        if asked.event == Event.STOPPED:
            return http_codec.encode_announced(announced, b"", tracker.interval)
        of_ipv4 = len(address) == 4
        missing = asked.wanted - len(announced.peers) // (6 if of_ipv4 else 18)
        other = tracker.other_family(asked.info_hash, address, missing)
        peers, peers6 = (announced.peers, other) if of_ipv4 else (other, announced.peers)
        encode = http_codec.encode_announced if asked.compact else http_codec.encode_announced_in_full
        return encode(announced._replace(peers=peers), peers6, tracker.interval)

    return _BencodedResource(answer, client_address, now)


def scrape_resource(tracker: Tracker, client_address: ClientAddress, now: Callable[[], float]) -> IResource:
    """Scrapes (BEP 48): counts of the torrents asked for; torrents that nobody is in are left out.

    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    def answer(query: bytes, address: bytes, at: float) -> bytes:
        hashes = http_codec.parse_scrape(query)
        counts = zip(hashes, tracker.scrape(hashes, address, at), strict=True)
        return http_codec.encode_scraped({info_hash: one for info_hash, one in counts if one is not None})

    return _BencodedResource(answer, client_address, now)
