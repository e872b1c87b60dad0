"""The pod's log: ``/server/logs``, and reports of browsers: ``/server/logs/client``."""

from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from peertube.api.representations.times import iso
from peertube.api.video_parameters import Choices
from peertube.http.routing import Access, Call, Route
from peertube.model.logs import Level, LogFilter, LogLine
from peertube.model.users import Right
from peertube.usecases.logs import ClientReport, Logs


class LogParameters(BaseModel):
    """From when until when, how grave, and of which parts of the pod."""

    start_date: Annotated[datetime, Field(alias="startDate")]
    end_date: Annotated[datetime | None, Field(alias="endDate")] = None
    level: Level = Level.INFO
    tags_one_of: Annotated[Choices, Field(alias="tagsOneOf")] = []


class ReportedLevel(Enum):
    """How grave a browser finds something."""

    WARN = "warn"
    ERROR = "error"


class ClientLogBody(BaseModel):
    """What went wrong in a browser."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    level: ReportedLevel
    message: Annotated[str, Field(min_length=1, max_length=2_000)]
    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    stack_trace: Annotated[str, Field(max_length=5_000)] = ""
    user_agent: Annotated[str, Field(max_length=500)] = ""
    meta: Annotated[str, Field(max_length=2_000)] = ""


class LogsApi:
    """Routes about the log."""

    def __init__(self, *, logs: Logs) -> None:
        self._logs = logs

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/server/logs", Right.MANAGE_LOGS, self.lines, query=LogParameters),
            Route("POST", "/server/logs/client", Access.ANYONE, self.report, body=ClientLogBody),
        ]

    async def lines(self, call: Call) -> object:
        """The newest lines of the log that are asked for, oldest first."""
        asked = call.parameters(LogParameters)
        until_ms = 2**53 if asked.end_date is None else _ms(asked.end_date)
        wanted = LogFilter(_ms(asked.start_date), until_ms, asked.level, frozenset(asked.tags_one_of))
        return [_shown(line) for line in await self._logs.lines(wanted)]

    async def report(self, call: Call) -> None:
        """Tell of something that went wrong in a browser."""
        body = await call.body(ClientLogBody)
        self._logs.report(ClientReport(**{**body.model_dump(), "level": Level(body.level.value)}), call.address)


def _ms(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _shown(line: LogLine) -> dict[str, object]:
    return {
        "level": line.level.value,
        "message": line.message,
        "timestamp": iso(line.time_ms),
        "label": line.label,
        "tags": list(line.tags),
    }
