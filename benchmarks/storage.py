"""Transactions and reads per second on SQLite and on PostgreSQL, in one run, in turn.

    .venv/bin/python benchmarks/storage.py [--rounds 5] [--seconds 2]

Both engines run as a pod has them: every transaction is on disk before it is told of (SQLite in a file in the
temporary folder, PostgreSQL with its defaults, started for the run; without PostgreSQL only SQLite is measured). A
transaction reads a row and updates it; a read gets one row by its key. They are asked one after the other, and by 32
at once. Prints medians of the rounds and, of this process, the CPU time of one.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet import epollreactor

epollreactor.install()

from twisted.internet import reactor, task  # noqa: E402
from twisted.internet.defer import Deferred, gatherResults  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent.parent))

from peertube.storage.database import Database, Transaction  # noqa: E402
from peertube.storage.migrate import migrate_file  # noqa: E402
from peertube.storage.postgresql import PostgresqlDatabase  # noqa: E402
from peertube.storage.postgresql_connection import Server  # noqa: E402
from peertube.storage.postgresql_migrate import migrate_server  # noqa: E402
from peertube.storage.query import Query  # noqa: E402
from peertube.storage.sqlite import SqliteDatabase  # noqa: E402
from tests import servers  # noqa: E402

ROWS, TOGETHER, CONNECTIONS = 1_000, (1, 32), 8
_ADD = Query("insert into settings (key, value) values (:key, :value)")
_GET = Query("select value from settings where key = :key")
_SET = Query("update settings set value = :value where key = :key")


async def fill(tx: Transaction) -> None:
    """What is read and written."""
    await tx.many(_ADD, [{"key": f"row {number}", "value": "0"} for number in range(ROWS)])


async def read(tx: Transaction, number: int) -> str:
    """One row."""
    value: str = (await tx.one(_GET, key=f"row {number % ROWS}"))["value"]
    return value


async def transaction(tx: Transaction, number: int) -> None:
    """Read, then write."""
    value = await read(tx, number)
    await tx.run(_SET, key=f"row {number % ROWS}", value=str(int(value) + 1))


async def rate(one: Callable[[int], Awaitable[object]], together: int, seconds: float) -> tuple[float, float]:
    """How many per second, and microseconds of our CPU time for each."""
    done = 0
    until = time.perf_counter() + seconds

    async def lane() -> None:
        nonlocal done
        while time.perf_counter() < until:
            done += 1
            await one(done * 7)

    began, cpu = time.perf_counter(), time.process_time()
    await gatherResults([Deferred.fromCoroutine(lane()) for _ in range(together)])
    return done / (time.perf_counter() - began), (time.process_time() - cpu) / done * 1e6


async def measure(engines: dict[str, Database], rounds: int, seconds: float) -> dict[str, dict[str, list[float]]]:
    """Medians by what is done and by engine."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for what in ("read", "transaction"):
            for together in TOGETHER:
                for name, database in engines.items():
                    ask: Any = database.read if what == "read" else database.write
                    function: Any = read if what == "read" else transaction
                    result = await rate(lambda n, ask=ask, f=function: ask(f, n), together, seconds)
                    found.setdefault((f"{what}, {together} at once", name), []).append(result)
    table: dict[str, dict[str, list[float]]] = {}
    for (what, name), results in found.items():
        table.setdefault(what, {})[name] = [median(each) for each in zip(*results, strict=True)]
    return table


def show(table: dict[str, dict[str, list[float]]]) -> None:
    """As a table."""
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    names = list(next(iter(table.values())))
    print(f"{'per second (µs of our CPU)':30}" + "".join(f"{name:>22}" for name in names))
    for what, results in table.items():
        print(f"{what:30}" + "".join(f"{results[name][0]:>13,.0f} ({results[name][1]:>4.0f})  " for name in names))


async def main(_: object, arguments: argparse.Namespace) -> None:
    """Open both, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pod.sqlite3"
        migrate_file(path)
        engines: dict[str, Any] = {"sqlite": SqliteDatabase(reactor=reactor, path=path)}
        private = None
        if servers.no_postgresql() is None:
            private = servers.PostgresqlServer(durable=True)
            private.start()
            server = Server(hostname=str(private.folder), port=private.port, name="postgres", username="postgres")
            migrate_server(server)
            engines["postgresql"] = PostgresqlDatabase(reactor=reactor, server=server, size=CONNECTIONS)
        try:
            for database in engines.values():
                await database.start()
                await database.write(fill)
            table = await measure(engines, arguments.rounds, arguments.seconds)
        finally:
            for database in engines.values():
                await database.stop()
            if private is not None:
                private.remove()
    print(json.dumps(table)) if arguments.json else show(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    task.react(lambda clock: Deferred.fromCoroutine(main(clock, chosen)))
