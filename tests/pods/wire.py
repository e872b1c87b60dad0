"""The wire between pods on test: requests are recorded, and answered by the routes of the pod they are for."""

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from peertube.errors import PodError, Refused, TooLarge, TooManyRequests, Unreachable
from peertube.http.problems import Problems
from peertube.http.routing import Call, Reply

if TYPE_CHECKING:
    from tests.pods.network import Network


class Request(Call):
    """What a route gets."""

    def __init__(self, body: bytes) -> None:
        super().__init__(None, None, "192.0.2.1")  # type: ignore[arg-type]  # nothing looks at it
        self._body = body

    def content(self, limit: int | None = None) -> bytes:
        if limit is not None and len(self._body) > limit:
            raise TooLarge("too large")
        return self._body


class Faults:
    """What goes wrong on the wire: `cut` holds pairs of hosts; of the answers the part `lost` gets lost."""

    def __init__(self) -> None:
        self.cut: set[frozenset[str]] = set()
        self.lost = 0.0
        self.chance = Random(0)

    def meet(self, sender: str, receiver: str) -> None:
        """A request sets out."""
        if frozenset((sender, receiver)) in self.cut:
            raise Unreachable("No connection to the server")

    def return_(self) -> None:
        """An answer comes back."""
        if self.lost and self.chance.random() < self.lost:
            raise Unreachable("The answer broke off")

    def heal(self) -> None:
        """All is well again."""
        self.cut.clear()
        self.lost = 0.0


class Wire:
    """The web of one pod."""

    def __init__(self, network: "Network", sender: str) -> None:
        self._network = network
        self._sender = sender

    async def fetch(self, method: str, url: str, *, body: bytes | None = None, **limits: object) -> bytes:
        host, _, path = url.removeprefix("http://").partition("/")
        self._network.requests.append((method, host, f"/{path}", body or b""))
        self._network.faults.meet(self._sender, host)
        answer = await self._network.answer(method, host, f"/{path}", body or b"")
        self._network.faults.return_()
        return answer


async def answered(handler: Any, path: str, body: bytes) -> bytes:

    try:
        answer = await handler(Request(body))
    except Exception as error:
        problem = Problems(None).of(error, path)
        if problem.status == 500:
            raise
        wait = error.retry_after_seconds if isinstance(error, TooManyRequests) else None
        said = error.code if isinstance(error, PodError) else None
        raise Refused(str(error), status=problem.status, retry_after_seconds=wait, said=said) from error
    if isinstance(answer, Reply):
        answer = answer.body
    return b"" if answer is None else msgspec.json.encode(answer)
