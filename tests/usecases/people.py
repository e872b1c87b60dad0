"""What tests with logins share: every use case around users over a real database, with a clock that tests move."""

import hashlib
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from twisted.internet.task import Clock

from peertube.config.current import Current
from peertube.config.schema import Limit, Settings
from peertube.model import topics
from peertube.model.mails import Mail
from peertube.model.users import Role, Viewer
from peertube.node.people import PeopleUseCases
from peertube.shared.clock import SystemClock
from peertube.shared.memory import MemoryCounters
from peertube.shared.randomness import SystemRandomness
from peertube.storage.query import Query
from peertube.usecases.channels import Channels
from peertube.usecases.new_users import UserRequest
from peertube.usecases.sessions import Sessions, Tokens
from tests.storage.databases import open_memory_database

START_SECONDS = 1_700_000_000
ADDRESS = "192.0.2.7"
PASSWORD = "correct horse"


async def no_progress(percent: int) -> None:
    """Nobody looks."""


class FastHasher:
    """A salted hash that takes no time. `verified` records the hashes that were looked at."""

    def __init__(self) -> None:
        self.verified: list[str] = []
        self._salt = 0

    async def hash(self, password: str) -> str:
        self._salt += 1
        return self._of(str(self._salt), password)

    async def verify(self, password_hash: str, password: str) -> bool:
        self.verified.append(password_hash)
        salt, _, _ = password_hash.partition("$")
        return password_hash == self._of(salt, password)

    def _of(self, salt: str, password: str) -> str:
        return f"{salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"


class RecordingPublisher:
    """Delivers at once, and keeps what was published in one list."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Mapping[str, Any]]] = []
        self._subscribers: list[tuple[str, Callable[[Mapping[str, Any]], object]]] = []

    def subscribe(self, topic: str, subscriber: Callable[[Mapping[str, Any]], object]) -> None:
        self._subscribers.append((topic, subscriber))

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        self.published.append((topic, message))
        for wanted, subscriber in self._subscribers:
            if wanted == topic:
                subscriber(message)

    def of(self, topic: str) -> list[Mapping[str, Any]]:
        """The messages of one topic, in order."""
        return [message for published, message in self.published if published == topic]


class RecordingMailer:
    """Keeps what it sends, or fails with `error`."""

    def __init__(self) -> None:
        self.sent: list[tuple[Mail, str]] = []
        self.error: Exception | None = None

    async def send(self, mail: Mail, message_id: str) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append((mail, message_id))


class People:
    """A pod as far as people matter; `open` before use, `close` after."""

    async def open(self, settings: Mapping[str, Any] | None = None) -> None:
        self.settings = Settings.model_validate(
            {"webserver": {"https": False, "hostname": "localhost", "port": 9001}, **(settings or {})}
        )
        self.reactor = Clock()
        self.reactor.advance(START_SECONDS)
        self.clock = SystemClock(reactor=self.reactor)
        self.randomness = SystemRandomness()
        self.publisher = RecordingPublisher()
        self.hasher = FastHasher()
        self.counters = MemoryCounters(reactor=self.reactor)
        self.database = await open_memory_database()
        self.mailer = RecordingMailer()
        self.current = Current(self.settings)
        self.people = PeopleUseCases(
            settings=self.settings,
            current=self.current,
            database=self.database,
            clock=self.clock,
            randomness=self.randomness,
            publisher=self.publisher,
            counters=self.counters,
            hasher=self.hasher,
            mailer=self.mailer,
        )
        self.logins, self.outbox = self.people.logins, self.people.outbox
        await self.people.secret_box.start()
        self.sessions = self.new_sessions()
        self.users, self.my_account = self.people.users, self.people.my_account
        self.channels = Channels(
            database=self.database,
            clock=self.clock,
            randomness=self.randomness,
            publisher=self.publisher,
            settings=self.settings,
        )
        await self.sessions.start()
        await self.users.ensure_root("root password")

    async def close(self) -> None:
        await self.sessions.stop()
        await self.database.stop()

    def new_sessions(self) -> Sessions:
        """Sessions as another process of the pod has them."""
        made = Sessions(
            database=self.database,
            clock=self.clock,
            randomness=self.randomness,
            publisher=self.publisher,
            logins=self.logins,
            secret=self.settings.secrets.peertube,
            lifetime=self.settings.oauth2.token_lifetime,
        )
        self.publisher.subscribe(topics.SESSIONS, made.sessions_ended)
        self.publisher.subscribe(topics.USERS, made.users_changed)
        return made

    async def add(self, username: str, role: Role = Role.USER, **more: Any) -> int:
        """A user with the usual password; the id."""
        request = UserRequest(username=username, email=f"{username}@pod.example", password=PASSWORD, role=role, **more)
        user_id, _ = await self.users.create(None, request)
        return user_id

    async def log_in(self, username: str, password: str = PASSWORD, address: str = ADDRESS) -> Tokens:
        """Tokens of a login."""
        return await self.sessions.log_in(username, password, address=address, user_agent="a test")

    async def mails(self) -> list[Mail]:
        """What lies in the outbox, oldest first; it is empty afterwards."""
        sent = len(self.mailer.sent)
        rows = await self.database.read(lambda tx: tx.all(Query("select id from mails order by id")))
        for row in rows:
            job = SimpleNamespace(payload={"mail": row["id"]})
            await self.outbox.send(job, no_progress)
        return [mail for mail, _ in self.mailer.sent[sent:]]

    async def viewer(self, username: str, password: str = PASSWORD) -> Viewer:
        """A user who has just logged in."""
        tokens = await self.log_in(username, password)
        return await self.sessions.viewer_for_access_token(tokens.access_token)


GENEROUS = {"rates_limit": {"login": Limit(window=300, max=1000).model_dump()}}
"""Settings for tests that log in more often than a person would."""
