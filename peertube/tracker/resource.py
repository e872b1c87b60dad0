"""The HTTP side of the tracker: ``GET /tracker/announce`` and ``GET /tracker/scrape``.

Refusals are answered with status 200 and a failure reason, as BitTorrent clients expect.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from peertube.tracker import http_codec
from peertube.tracker.announce import packed
from peertube.tracker.http_exchange import HttpExchange

ClientAddress = Callable[[Request], str]
Own = Callable[[Coroutine[Any, Any, object]], None]


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

    :param answer: from a query string, the caller's address and the time in seconds to a bencoded answer, or None.
    :param answer_elsewhere: the same for what it does not answer, since another process knows it.
    :param own: sees to a coroutine until its end.
    """

    isLeaf = True

    def __init__(
        self,
        *,
        answer: Callable[[bytes, bytes, float], bytes | None],
        answer_elsewhere: Callable[[bytes, bytes, float], Awaitable[bytes]],
        own: Own,
        client_address: ClientAddress,
        now: Callable[[], float],
    ) -> None:
        super().__init__()
        self._answer = answer
        self._answer_elsewhere = answer_elsewhere
        self._own = own
        self._client_address = client_address
        self._now = now

    def render_GET(self, request: Request) -> bytes | int:
        """Answer."""
        request.setHeader(b"content-type", b"text/plain")
        request.setHeader(b"cache-control", b"no-store")
        try:
            address = packed(self._client_address(request))
        except ValueError:
            return http_codec.encode_failure("no address")
        query = request.uri.partition(b"?")[2]
        answer = self._answer(query, address, self._now())
        if answer is None:
            self._own(self._answer_later(request, query, address))
            return NOT_DONE_YET
        return answer

    async def _answer_later(self, request: Request, query: bytes, address: bytes) -> None:
        gone = request.notifyFinish()
        gone.addErrback(lambda _: None)
        answer = await self._answer_elsewhere(query, address, self._now())
        if not gone.called:
            request.write(answer)
            request.finish()

    def render_HEAD(self, request: Request) -> bytes:
        """Asks for nothing, so nothing is announced."""
        return b""


def announce_resource(
    exchange: HttpExchange, own: Own, client_address: ClientAddress, now: Callable[[], float]
) -> IResource:
    """Announces (BEP 3, 7, 23).

    :param own: sees to a coroutine until its end.
    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    async def elsewhere(query: bytes, address: bytes, now: float) -> bytes:
        return await exchange.announce_elsewhere(query, address)

    return _BencodedResource(
        answer=exchange.announce, answer_elsewhere=elsewhere, own=own, client_address=client_address, now=now
    )


def scrape_resource(
    exchange: HttpExchange, own: Own, client_address: ClientAddress, now: Callable[[], float]
) -> IResource:
    """Scrapes (BEP 48): counts of the torrents asked for; torrents that nobody is in are left out.

    :param own: sees to a coroutine until its end.
    :param client_address: the address from which a request comes, proxies seen through.
    :param now: seconds since 1970.
    """

    return _BencodedResource(
        answer=exchange.scrape,
        answer_elsewhere=exchange.scrape_elsewhere,
        own=own,
        client_address=client_address,
        now=now,
    )
