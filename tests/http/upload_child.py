"""A pod's HTTP server in a process of its own: takes multipart bodies and says how much memory that took.

Run as ``python -m tests.http.upload_child FOLDER``; prints its port. Forms go to ``POST /api/v1/upload``, chunks to
``PUT /api/v1/chunk``. ``GET /api/v1/peak`` is VmHWM in KiB.
"""

import sys
from pathlib import Path

from klein import Klein
from twisted.internet import reactor
from twisted.internet.threads import deferToThread

from peertube.http.chunks import ChunkRoute, Incoming
from peertube.http.routing import Access, Call, Reply, Route, answer_errors, mount
from peertube.http.sinks import ReceivedForm, SinkRoute, Sinks
from peertube.http.site import PodSite, Root
from peertube.http.transport import listen
from tests.http.serving import gate


def peak_kib() -> int:
    """The most memory that this process ever held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


async def peak(call: Call) -> object:
    """Say it."""
    return {"peak": peak_kib()}


async def check(call: Call, length: int | None) -> int:
    """Everything is welcome."""
    return 4 * 2**30


async def take(call: Call, form: ReceivedForm) -> object:
    """Say how much came."""
    return Reply({name: file.size for name, file in form.files.items()})


async def which(call: Call) -> str:
    """There is one file."""
    return "file"


async def open_chunk(call: Call, length: int | None, file: str) -> Incoming:
    """All of it."""
    path = Path(sys.argv[1]) / "chunks"
    path.touch()

    async def answer() -> Reply:
        size = path.stat().st_size
        path.unlink()
        return Reply({"chunk": size})

    return Incoming(path=path, length=length or 0, answer=answer)


def main() -> None:
    """Serve until killed."""
    folder = Path(sys.argv[1])
    names = iter(range(1000))
    at = gate()
    app = Klein()
    mount(app, "/api/v1", [Route("GET", "/peak", Access.ANYONE, peak)], at)
    answer_errors(app, at)
    route = SinkRoute("POST", "/api/v1/upload", Access.ANYONE, check, take, frozenset({"videofile"}), 1)
    chunks = ChunkRoute("PUT", "/api/v1/chunk", Access.ANYONE, which, open_chunk)
    sinks = Sinks(
        [route, chunks], gate=at, new_temporary=lambda: folder / f"part{next(names)}", in_thread=deferToThread
    )
    site = PodSite(Root({}, app.resource()), reactor=reactor, gate=at, sinks=sinks)
    port = listen(reactor, 0, site, "127.0.0.1")
    print(port.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
