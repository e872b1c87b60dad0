"""What tests with a real Redis begin with."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.shared.redis import Redis
from tests import servers


async def until(what: Callable[[], object]) -> None:
    """Wait for something that other processes bring about."""
    for _ in range(1_000):
        if what():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("waited in vain")


class RedisTests(TestCase):
    """A Redis of the run, or one of the test's own that it may stop."""

    skip = servers.no_redis()
    timeout = 60

    def setUp(self) -> None:
        self.prefix = f"{uuid4()} "
        self.server: Any = None

    async def own_server(self) -> servers.RedisServer:
        """One that may be stopped."""
        self.server = servers.RedisServer()
        self.addCleanup(self.server.remove)
        await deferToThread(self.server.start)
        return self.server

    def redis(self, **settings: Any) -> Redis:
        """A connection, not started."""
        port = (self.server or servers.redis()).port
        return Redis(reactor=reactor, **{"hostname": "127.0.0.1", "port": port, "timeout_seconds": 1, **settings})

    async def started(self, part: Any) -> Any:
        """A part that is stopped with the test."""
        await part.start()
        self.addCleanup(lambda: Deferred.fromCoroutine(part.stop()))
        return part
