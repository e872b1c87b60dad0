"""Bodies that are a part of a file: written where the file ends, and told of when they are on the disk for good.

One body at a time goes to a file. A second request for the same file ends the first, whose client has given it up (or
whose connection died without a word); what came of it by then counts.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path

from attrs import frozen
from pydantic import BaseModel
from twisted.internet.defer import CancelledError, Deferred
from twisted.web.server import Request

from peertube.errors import ChecksumMismatch, Conflict, PodError
from peertube.failpoints import reach
from peertube.http.authentication import Access, Gate
from peertube.http.checksums import Checksum
from peertube.http.intake import Connection, Intake
from peertube.http.replies import Reply
from peertube.http.routing import Call
from peertube.http.spool import Continuation, InThread, Spool
from peertube.model.users import Right


@frozen
class Incoming:
    """What is to be done with a body.

    :param path: the file that it goes on with; None when no byte of it is needed: then it is read and dropped.
    :param offset: where in the file the missing bytes begin; it is cut there.
    :param skip: how many bytes of the body lie before that.
    :param length: how many bytes the body may have.
    :param received: ``async (count)``: so many bytes of the body are in the file for good.
    :param answer: ``async ()``: the answer, once the body is whole and stored.
    """

    path: Path | None
    length: int
    answer: Callable[[], Awaitable[Reply]]
    offset: int = 0
    skip: int = 0
    checksums: Sequence[Checksum] = ()
    received: Callable[[int], Awaitable[None]] | None = None


@frozen
class ChunkRoute:
    """A route that takes parts of files.

    :param path: a regular expression for the whole path.
    :param check: ``async (call) -> str``: which file it is about; raises what speaks against the request.
    :param open: ``async (call, content_length or None, file) -> Incoming``. Both run before a byte of the body is read.
    :param query: the model of the query string; the description of the API is made of it.
    """

    method: str
    path: str
    access: Access | Right
    check: Callable[[Call], Awaitable[str]]
    open: Callable[[Call, int | None, str], Awaitable[Incoming]]
    query: type[BaseModel] | None = None


class ChunkIntake(Intake):
    """One part of a file on its way in.

    :param others: those that are receiving, by their files.
    """

    def __init__(
        self,
        route: ChunkRoute,
        others: "MutableMapping[str, ChunkIntake]",
        *,
        gate: Gate,
        in_thread: InThread,
        request: Request,
        connection: Connection,
        length: int | None,
    ) -> None:
        super().__init__(gate, route.access, request=request, connection=connection, length=length)
        self._route = route
        self._others = others
        self._in_thread = in_thread
        self._file: str | None = None
        self._incoming: Incoming | None = None
        self._spool: Spool | None = None
        self._closed: Deferred[None] = Deferred()

    async def give_way(self) -> None:
        """End: another request goes on with the file. Returns when what came by then is stored."""
        self._refuse(Conflict("Another request goes on with this file", code="upload_taken_over"))
        if not self._closed.called:
            waiting: Deferred[None] = Deferred()
            self._closed.addCallback(lambda _: waiting.callback(None))
            await waiting

    async def _admit(self, call: Call) -> int:
        file = await self._route.check(call)
        while (other := self._others.get(file)) is not None:
            await other.give_way()
        if self._over:
            raise Conflict("The request is over")
        self._file, self._others[file] = file, self
        incoming = await self._route.open(call, self._length, file)
        self._incoming = incoming
        if incoming.path is not None and not self._over:
            self._spool = Spool(
                incoming.path,
                in_thread=self._in_thread,
                tasks=self._gate.tasks,
                drained=self._connection.release,
                failed=self._refuse,
                continuation=Continuation(
                    offset=incoming.offset,
                    skip=incoming.skip,
                    digests=incoming.checksums,
                    synced=None if incoming.checksums else self._tell,
                ),
            )
        return incoming.length

    def _take(self, data: bytes) -> None:
        if self._spool is not None and not self._spool.write(data):
            self._connection.hold()

    def _too_much(self) -> PodError:
        return Conflict("The body is longer than its Content-Range", code="wrong_range")

    async def _answer(self) -> Reply:
        assert self._incoming is not None
        spool, incoming = self._spool, self._incoming
        if spool is not None:
            await spool.close()
            self._spool = None
            if not all(checksum.matches() for checksum in incoming.checksums):
                raise ChecksumMismatch("The checksum does not match what arrived")
            if incoming.checksums:
                await self._tell(spool.size)
        self._release()
        return await incoming.answer()

    async def _tell(self, count: int) -> None:
        reach("chunk.synced")
        if self._incoming is not None and self._incoming.received is not None:
            await self._incoming.received(count)
        reach("chunk.told")

    async def _close(self) -> None:
        spool, self._spool = self._spool, None
        try:
            if spool is not None:
                await self._keep_what_came(spool)
        finally:
            self._release()
            if not self._closed.called:
                self._closed.callback(None)

    async def _keep_what_came(self, spool: Spool) -> None:
        """A part of a chunk counts too, unless only the whole of it could be checked."""
        assert self._incoming is not None
        try:
            if not self._incoming.checksums and spool.size:
                await spool.close()
        except CancelledError:
            raise
        except Exception as error:
            self._log.info("a part of a chunk is lost: {error!r}", error=error)
        finally:
            await spool.leave()

    def _release(self) -> None:
        if self._file is not None and self._others.get(self._file) is self:
            del self._others[self._file]
