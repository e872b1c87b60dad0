"""The HTTP side of the tracker: ``GET /tracker/announce`` and ``GET /tracker/scrape``.

Refusals are answered with status 200 and a failure reason, as BitTorrent clients expect.
"""

from collections.abc import Callable

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from peertube.tracker import http_codec
from peertube.tracker.announce import Tracker, packed
from peertube.tracker.http_exchange import HttpExchange

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

    :param answer: from a query string, the caller's address and the time in seconds to a bencoded answer.
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
        return self._answer(request.uri.partition(b"?")[2], address, self._now())

    def render_HEAD(self, request: Request) -> bytes:
        """Asks for nothing, so nothing is announced."""
        return b""


def announce_resource(tracker: Tracker, client_address: ClientAddress, now: Callable[[], float]) -> IResource:
    """Announces (BEP 3, 7, 23).

    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    return _BencodedResource(HttpExchange(tracker=tracker).announce, client_address, now)


def scrape_resource(tracker: Tracker, client_address: ClientAddress, now: Callable[[], float]) -> IResource:
    """Scrapes (BEP 48): counts of the torrents asked for; torrents that nobody is in are left out.

    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    return _BencodedResource(HttpExchange(tracker=tracker).scrape, client_address, now)
