"""Work on the pod's database from the console, whether the pod runs or not.

Nothing is asked of a pod that runs: what a command changes stands in the database. Its processes hear of it at once
where Redis or PostgreSQL carry news, and find it within seconds otherwise.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from attrs import frozen
from twisted.internet.defer import ensureDeferred
from twisted.internet.threads import blockingCallFromThread

from peertube.cli.console import EXIT_REFUSED, EXIT_UNAVAILABLE, Console
from peertube.config.schema import DatabaseSettings, Settings
from peertube.errors import Invalid, PodError
from peertube.node.engines import publisher_of, server_of
from peertube.service import Parts
from peertube.shared.clock import SystemClock
from peertube.shared.memory import MemoryPublisher
from peertube.shared.news import SharedPublisher
from peertube.storage.database import StorageError
from peertube.storage.migrate import migrate_file
from peertube.storage.postgresql import PostgresqlDatabase
from peertube.storage.postgresql_migrate import migrate_server
from peertube.storage.sqlite import SqliteDatabase

Outcome = TypeVar("Outcome")

_WAIT_SECONDS = 10


@frozen
class Ground:
    """What a command stands on."""

    reactor: Any
    settings: Settings
    database: SqliteDatabase | PostgresqlDatabase
    clock: SystemClock
    publisher: MemoryPublisher | SharedPublisher


Work = Callable[[Ground], Awaitable[Outcome]]


def work_on_database(console: Console, work: Work[Outcome], settings: Settings | None = None) -> Outcome:
    """Bring the pod's database up to date and do the work; whatever refuses ends the program with its reason."""
    known = settings or console.load().settings
    bring_up_to_date(console, known.database)
    try:
        return _in_reactor(known, work)
    except Invalid as error:
        problems = tuple(f"{field}: {fault}" for field, fault in error.fields.items())
        console.fail(EXIT_REFUSED, error.code, "not possible" if problems else error.detail, problems=problems)
    except PodError as error:
        console.fail(EXIT_REFUSED, error.code, error.detail)
    except StorageError as error:
        console.fail(EXIT_UNAVAILABLE, "database", f"the database cannot be used: {error}")


def bring_up_to_date(console: Console, settings: DatabaseSettings) -> str:
    """Migrate the pod's database; gives the pod's own UUID. A database that is not there ends the program."""
    if settings.engine == "sqlite" and not settings.path.exists():
        console.fail(
            EXIT_UNAVAILABLE,
            "no_database",
            f"there is no database at {settings.path.absolute()}: start the pod once, or name its --config",
        )
    try:
        if settings.engine == "sqlite":
            return migrate_file(settings.path, wait_seconds=_WAIT_SECONDS)
        return migrate_server(server_of(settings), boot_seconds=_WAIT_SECONDS, wait_seconds=_WAIT_SECONDS)
    except StorageError as error:
        console.fail(EXIT_UNAVAILABLE, "database", str(error))


def _in_reactor(settings: Settings, work: Work[Outcome]) -> Outcome:
    """Do the work in the reactor: in the one that runs, when this is one of its threads, or in one for this."""
    from twisted.internet import reactor as default

    reactor: Any = default
    if reactor.running:
        done: list[Outcome] = []

        async def work_there() -> None:
            done.append(await _worked(reactor, settings, work))

        begin: Any = lambda: ensureDeferred(work_there())  # noqa: E731  # its type is more than the stubs know
        blockingCallFromThread(reactor, begin)
        return done[0]
    results: list[Outcome] = []
    errors: list[BaseException] = []

    async def run() -> None:
        try:
            results.append(await _worked(reactor, settings, work))
        except BaseException as error:
            errors.append(error)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: ensureDeferred(run()))
    reactor.run()
    if errors:
        raise errors[0]
    return results[0]


async def _worked(reactor: Any, settings: Settings, work: Work[Outcome]) -> Outcome:
    where = settings.database
    database: SqliteDatabase | PostgresqlDatabase
    if where.engine == "sqlite":
        database = SqliteDatabase(reactor=reactor, path=where.path, readers=1)
    else:
        database = PostgresqlDatabase(reactor=reactor, server=server_of(where), size=2, boot_seconds=_WAIT_SECONDS)
    publisher = publisher_of(settings, reactor)
    parts = Parts(
        [("database", database), *([("news", publisher)] if isinstance(publisher, SharedPublisher) else [])],
    )
    await parts.start()
    try:
        return await work(
            Ground(
                reactor=reactor,
                settings=settings,
                database=database,
                clock=SystemClock(reactor=reactor),
                publisher=publisher,
            )
        )
    finally:
        await parts.stop()
