"""A process that writes rows, 16 at a time, and says on standard output which are done. Ended from outside."""

import os
import sys

from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred

from peertube.storage.sqlite import SqliteDatabase
from tests.storage.database_contract import add


async def _lane(database: SqliteDatabase, run: str, lane: int) -> None:
    for number in range(1_000_000):
        key = f"{run}-{lane}-{number}"
        await database.write(add, key)
        os.write(1, f"{key}\n".encode())


async def _main(path: str, run: str) -> None:
    database = SqliteDatabase(reactor=reactor, path=path)
    await database.start()
    for lane in range(16):
        ensureDeferred(_lane(database, run, lane))


if __name__ == "__main__":
    reactor.callWhenRunning(lambda: ensureDeferred(_main(sys.argv[1], sys.argv[2])))
    reactor.run()
