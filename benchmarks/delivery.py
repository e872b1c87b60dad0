"""How quickly friends are told: updates of videos to 50 live friends, alone and beside 200 dead ones.

    .venv/bin/python benchmarks/delivery.py [--live 50] [--dead 200] [--videos 200] [--rounds 2] [--json FILE]

The pod is a whole node (SQLite, its real sender, signatures and guarded client) in this process. The friends are a
small server in another one, which reads every batch and takes it. The dead ones accept no connection, or accept it and
say nothing, in equal parts. A round tells every friend of an update of every video.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from rows import options, report
from twisted.internet import reactor as default
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from peertube.config.schema import Settings, Storage
from peertube.model import topics
from peertube.model.deliveries import DeliveryKind
from peertube.node import Node
from peertube.signatures import keys
from peertube.storage import deliveries, pods
from tests.storage.publishers import add_publisher, add_video, uuid_of

reactor: Any = default
_ANSWER = b'{"refused":[]}'
_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_ANSWER), _ANSWER)
_LONGEST_SECONDS = 300
SERVE = "serve"


def be_friends(count: int) -> None:
    """Take every request on `count` ports, which are told first."""

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                await reader.readexactly(int(sizes[0].partition(b":")[2]) if sizes else 0)
                writer.write(_TAKEN)
                await writer.drain()
        writer.close()

    async def serve() -> None:
        servers = [await asyncio.start_server(taken, "127.0.0.1", 0, limit=2**24) for _ in range(count)]
        print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
        await asyncio.Event().wait()

    asyncio.run(serve())


def friends_of(count: int) -> tuple["subprocess.Popen[bytes]", list[int]]:
    """A process that is so many friends, and their ports."""
    process = subprocess.Popen([sys.executable, __file__, SERVE, str(count)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def dead(count: int) -> tuple[list[int], list[socket.socket]]:
    """Ports of which half refuse, and half accept and say nothing; and what must be kept for that."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets[: count // 2]:
        each.close()
    return ports, sockets[count // 2 :]


async def started(folder: Path, ports: list[int], videos: int) -> tuple[Node, list[int]]:
    """A node whose friends are at these ports, and the ids of these."""
    kinds = list(Storage.model_fields)
    settings = Settings.model_validate(
        {
            "webserver": {"https": False, "hostname": "localhost", "port": 9099},
            "database": {"path": folder / "peertube.sqlite3"},
            "storage": {kind: folder / kind for kind in kinds},
            "friends": {"require_https": False},
            "outbound": {"allow_private_addresses": True},
            "tracker": {"enabled": False},
        }
    )
    node = Node(settings, reactor, listening=False)
    os.environ["PT_INITIAL_ROOT_PASSWORD"] = "password"
    await node.start()
    key = keys.public_pem(keys.generate().public_key())
    now_ms = int(time.time() * 1000)

    async def fill(tx: Any) -> list[int]:
        publisher = await add_publisher(tx)
        for number in range(videos):
            await add_video(tx, number, publisher.channel_id)
        some = {"email": "", "protocol": 4, "score": 20, "now_ms": now_ms}
        return [await pods.add(tx, host=f"localhost:{port}", public_key=f"{key}{port}", **some) for port in ports]

    return node, await node._ground.database.write(fill)


async def told(node: Node, friends: list[int], living: set[int], videos: int) -> tuple[float, float]:
    """Tell all of an update of every video; seconds and CPU seconds until the living know."""
    database, now_ms = node._ground.database, int(time.time() * 1000)

    async def note(tx: Any) -> None:
        for number in range(videos):
            await deliveries.add(tx, DeliveryKind.UPDATE_VIDEO, uuid_of(number), 2, now_ms)

    await database.write(note)
    begun, cpu = time.monotonic(), time.process_time()
    node._ground.publisher.publish(topics.DELIVERIES, {"pods": friends})
    while living & (await database.read(deliveries.waiting_by_pod)).keys():
        if time.monotonic() > begun + _LONGEST_SECONDS:
            raise SystemExit("the friends were not told in time")
        await deferLater(reactor, 0.02)
    return time.monotonic() - begun, time.process_time() - cpu


async def run(chosen: Any) -> None:
    """Both figures."""
    rows: list[dict[str, Any]] = []
    for label, dying in (("", 0), (f" beside {chosen.dead} dead", chosen.dead)):
        process, living = friends_of(chosen.live)
        gone, kept = dead(dying)
        with tempfile.TemporaryDirectory() as folder:
            node, friends = await started(Path(folder), [*living, *gone], chosen.videos)
            seconds = [
                await told(node, friends, set(friends[: chosen.live]), chosen.videos) for _ in range(chosen.rounds)
            ]
            await node.stop()
        process.kill()
        process.wait()
        for each in kept:
            each.close()
        items = chosen.live * chosen.videos
        what = f"updates told to {chosen.live} live friends{label}"
        rows += [
            {"what": what, "unit": "items/s", "ours": items / median(wall for wall, _ in seconds)},
            {"what": what, "unit": "us CPU/item", "ours": 1e6 * median(cpu for _, cpu in seconds) / items},
        ]
    report("delivery", rows, chosen)


def main() -> None:
    """Run it in the reactor."""
    if sys.argv[1:2] == [SERVE]:
        be_friends(int(sys.argv[2]))
        return
    chosen = options(__doc__, live=50, dead=200, videos=200, rounds=2)
    errors: list[BaseException] = []

    async def wrapped() -> None:
        try:
            await run(chosen)
        except BaseException as error:
            errors.append(error)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(wrapped()))
    reactor.run()
    if errors:
        raise errors[0]
    sys.stdout.flush()


if __name__ == "__main__":
    main()
