"""How one interaction is run on a connection to PostgreSQL."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred

from peertube.failpoints import reach
from peertube.storage.database import DatabaseUnavailable, InteractionSuspended, StorageError, Transaction
from peertube.storage.postgresql_connection import Connection
from peertube.storage.postgresql_transaction import (
    ConnectionGone,
    PostgresqlTransaction,
    Raced,
    Statement,
    refuses_writes,
)

_RACES = 50
"""How often an interaction may lose a race before its caller is told to come back."""

_LOSSES = 3
"""How often an interaction may lose its connection."""


@define(eq=False)
class Asked:
    """An interaction that somebody waits for. `cancelled` when nobody waits any more."""

    call: Callable[[Transaction], Awaitable[Any]]
    reading: bool
    answer: Deferred[Any]
    since: float
    cancelled: bool = False
    races: int = 0
    losses: int = 0


@define
class Outcome:
    """What came of an interaction; `again` when nothing of it was kept and it may be run once more."""

    result: Any = None
    error: BaseException | None = None
    effects: list[Callable[[], object]] = field(factory=list)
    again: bool = False


async def run(connection: Connection, asked: Asked) -> Outcome:
    """Run an interaction once, in a transaction of its own. A read's transaction is left to `end_with_next`."""
    tx = PostgresqlTransaction()
    connection.begin(reading=asked.reading)
    try:
        result = await _driven(connection, tx, asked.call(tx))
        if tx.failed is not None:
            raise tx.failed
    except BaseException as error:
        if not asked.reading and tx.failed is not None and refuses_writes(tx.failed.__cause__):
            # It stands by for another server; the next connection may lead to that one.
            tx.failed = ConnectionGone(str(tx.failed))
            connection.close()
        await connection.rollback()
        return _failed(asked, tx.failed or error, error)
    if asked.reading:
        return Outcome(result, effects=tx.effects)
    try:
        reach("database.commit")
        await connection.commit()
        reach("database.committed")
    except Raced as error:
        return _failed(asked, error, error)
    except ConnectionGone as error:
        return Outcome(error=DatabaseUnavailable(f"the connection was lost during the commit: {error}"))
    except StorageError as error:
        await connection.rollback()
        return Outcome(error=error)
    except OSError as error:
        await connection.rollback()
        return Outcome(error=DatabaseUnavailable(str(error)))
    return Outcome(result, effects=tx.effects)


async def _driven(connection: Connection, tx: PostgresqlTransaction, interaction: Awaitable[Any]) -> Any:
    """Run the interaction to its end, asking its statements for it."""
    steps: Any = interaction.__await__()
    resume: Callable[[], Any] = partial(next, steps)
    while True:
        try:
            asked = resume()
        except StopIteration as end:
            return end.value
        if not isinstance(asked, Statement):
            steps.close()
            raise InteractionSuspended("an interaction may await nothing but its transaction")
        try:
            answer = await connection.ask(asked)
        except StorageError as error:
            tx.failed = error
            resume = partial(steps.throw, error)
        else:
            resume = partial(steps.send, answer)


def _failed(asked: Asked, cause: BaseException, error: BaseException) -> Outcome:
    """Undone. `cause` is what went wrong first, `error` what the interaction made of it."""
    if isinstance(cause, Raced):
        asked.races += 1
        if asked.races < _RACES:
            return Outcome(error=cause, again=True)
        return Outcome(error=DatabaseUnavailable(f"others were faster {_RACES} times: {cause}"))
    if isinstance(cause, ConnectionGone):
        asked.losses += 1
        return Outcome(error=cause, again=asked.losses < _LOSSES)
    return Outcome(error=error)
