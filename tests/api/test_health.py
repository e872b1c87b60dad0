"""Signs of life, and of not being able to work."""

from twisted.trial.unittest import TestCase

from peertube.api.health import HealthApi
from peertube.errors import InsufficientStorage
from peertube.storage.database import DatabaseUnavailable
from peertube.usecases.instance import LOW_WATER_BYTES, READY_MS, Instance
from tests.http.serving import NOW_MS, Client, gate, resource


class Pod:
    """A database and folders that may be broken, and a clock."""

    def __init__(self) -> None:
        self.database_error: Exception | None = None
        self.write_error: Exception | None = None
        self.free = LOW_WATER_BYTES
        self.ms = NOW_MS
        self.written: list[str] = []

    def now_ms(self) -> int:
        return self.ms

    async def read(self, interaction, *arguments) -> None:
        if self.database_error is not None:
            raise self.database_error

    async def free_bytes(self) -> int:
        return self.free

    async def write(self, kind: str, name: str, content: bytes) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.written.append(name)

    async def discard(self, kind: str, names: list[str]) -> None:
        for name in names:
            self.written.remove(name)


class HealthTests(TestCase):
    """`/livez` and `/readyz`."""

    def setUp(self) -> None:
        self.pod = Pod()
        instance = Instance(database=self.pod, storage=self.pod, clock=self.pod)
        self.client = Client(resource(HealthApi(instance=instance).routes(), gate(), prefix=""))

    async def test_a_living_process_says_so_whatever_else_is_broken(self) -> None:
        self.pod.database_error = DatabaseUnavailable()
        answer = await self.client.ask("GET", "/livez")
        self.assertEqual((answer.status, answer.json), (200, {"status": "ok"}))

    async def test_a_ready_pod(self) -> None:
        answer = await self.client.ask("GET", "/readyz")
        self.assertEqual((answer.status, answer.header("Cache-Control")), (200, "no-store"))
        self.assertEqual(self.pod.written, [])

    async def test_each_reason_is_named(self) -> None:
        self.pod.database_error = DatabaseUnavailable("dsn with a password")
        self.pod.free = LOW_WATER_BYTES - 1
        answer = await self.client.ask("GET", "/readyz")
        self.assertEqual((answer.status, answer.header("Retry-After")), (503, "5"))
        self.assertEqual(
            answer.json["reasons"], ["The database does not answer", "There is hardly any room left for videos"]
        )
        self.assertNotIn(b"password", answer.body)
        self.assertEqual(len(self.flushLoggedErrors(DatabaseUnavailable)), 1)

    async def test_a_full_disk(self) -> None:
        self.pod.write_error = InsufficientStorage("full")
        answer = await self.client.ask("GET", "/readyz")
        self.assertEqual(answer.json["reasons"], ["The storage folders cannot be written"])
        self.flushLoggedErrors(InsufficientStorage)

    async def test_it_recovers_by_itself_and_asks_the_disk_seldom(self) -> None:
        self.pod.free = 0
        self.assertEqual((await self.client.ask("GET", "/readyz")).status, 503)
        self.pod.free = LOW_WATER_BYTES
        self.assertEqual((await self.client.ask("GET", "/readyz")).status, 503)
        self.pod.ms += READY_MS
        self.assertEqual((await self.client.ask("GET", "/readyz")).status, 200)
