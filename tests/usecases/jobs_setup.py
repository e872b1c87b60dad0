"""Jobs on a real database with a clock of the test."""

from collections.abc import Mapping
from typing import Any

from twisted.internet.task import Clock

from peertube.model.jobs import Job
from peertube.shared.clock import SystemClock
from peertube.storage import jobs
from peertube.storage.sqlite import SqliteDatabase
from peertube.usecases.jobs import JobEnding, Jobs
from peertube.usecases.ports import Message

LEASE_SECONDS = 60


class ListedNews:
    """A publisher that writes down what it is told."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Message]] = []

    def publish(self, topic: str, message: Message) -> None:
        self.published.append((topic, message))


class NoChance:
    """Randomness without chance."""

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"

    def token(self) -> str:
        return "0" * 64

    def fraction(self) -> float:
        return 0.0


class JobsOnTest:
    """The use case and everything around it."""

    def __init__(self, database: SqliteDatabase, *, endings: Mapping[str, JobEnding] | None = None) -> None:
        self.reactor = Clock()
        self.reactor.advance(1_000_000)
        self.clock = SystemClock(reactor=self.reactor)
        self.news = ListedNews()
        self.database = database
        self.jobs = Jobs(
            database=database,
            clock=self.clock,
            randomness=NoChance(),
            publisher=self.news,
            lease_seconds=LEASE_SECONDS,
            endings=endings,
        )

    async def add(self, kind: str = "k", **more: Any) -> int:
        payload = more.pop("payload", {})
        return await self.database.write(jobs.add, kind, payload, self.clock.now_ms(), **more)

    async def job(self, job_id: int) -> Job:
        job = await self.database.read(jobs.by_id, job_id)
        assert job is not None
        return job
