"""The pod's log: who looks after the pod reads it, and browsers report what went wrong in them."""

from typing import Protocol

from attrs import frozen
from twisted.logger import Logger

from peertube.config.schema import Limit, LogSettings
from peertube.errors import Forbidden
from peertube.model.logs import Level, LogFilter, LogLine
from peertube.usecases import attempts
from peertube.usecases.ports import Counters

CLIENT = "peertube.client"
"""The label of what browsers report."""

_BROWSERS = Logger(namespace=CLIENT)


class LogBook(Protocol):
    """Keeps the log."""

    async def read(self, wanted: LogFilter) -> list[LogLine]:
        """The newest lines that are asked for, oldest first."""
        ...


@frozen
class ClientReport:
    """What went wrong in a browser, as its script tells it."""

    level: Level
    message: str
    url: str
    stack_trace: str = ""
    user_agent: str = ""
    meta: str = ""


class Logs:
    """What can be done with the log.

    :param limit: how many reports one address may send (`rates_limit.receive_client_log`).
    """

    def __init__(self, *, book: LogBook, counters: Counters, settings: LogSettings, limit: Limit) -> None:
        self._book = book
        self._counters = counters
        self._settings = settings
        self._limit = limit

    async def lines(self, wanted: LogFilter) -> list[LogLine]:
        """The newest lines that are asked for, oldest first."""
        return await self._book.read(wanted)

    def report(self, report: ClientReport, address: str) -> None:
        """Write down what went wrong in somebody's browser.

        :raises Forbidden: the pod does not want to know (`log.accept_client_log`).
        :raises TooManyRequests: from this address there were too many.
        """
        if not self._settings.accept_client_log:
            raise Forbidden("This pod takes no reports of browsers")
        attempts.count_of_address(self._counters, "client-log", address, self._limit, "You told us enough for now.")
        write = _BROWSERS.error if report.level is Level.ERROR else _BROWSERS.warn
        write(
            "browser: {text} at {url} ({agent}) {meta} {trace}",
            text=report.message,
            url=report.url,
            agent=report.user_agent,
            meta=report.meta,
            trace=report.stack_trace,
        )
