"""Two processes of one pod, whole, on one PostgreSQL and without Redis."""

from twisted.trial.unittest import TestCase

from peertube.node import Node
from tests import servers
from tests.network import Answer, Network, eventually, request
from tests.storage.databases import TemporaryDatabase, open_postgresql_database
from tests.storage.deferred import deferred


class TwoProcessesTests(TestCase):
    """Both have the settings of the first pod of a network."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        database = await open_postgresql_database()
        assert isinstance(database, TemporaryDatabase)
        self.addCleanup(lambda: deferred(database.stop()))
        server = database._server
        where = {"hostname": server.hostname, "port": server.port, "name": server.name, "username": server.username}
        self.network = Network(1, lambda: {"database": {"engine": "postgresql", **where}})
        self.addCleanup(lambda: deferred(self.network.stop()))
        await self.network.start()
        self.pod = self.network.pods[0]
        self.other: Node = self.pod._new_node()
        self.addCleanup(lambda: deferred(self.other.stop()))
        await self.other.start()

    async def ask_other(self, path: str) -> Answer:
        """What the second process answers to root."""
        return await request(self.other, "GET", f"/api/v1{path}", {"Authorization": f"Bearer {self.pod.token}"})

    async def test_a_session_that_ends_in_one_ends_in_the_other(self) -> None:
        """At once, though the other remembers it for a minute."""
        self.assertEqual(200, (await self.ask_other("/users/me")).status)
        self.assertEqual(200, (await self.pod.call("POST", "/users/revoke-token")).status)

        async def refused() -> bool:
            return (await self.ask_other("/users/me")).status == 401

        await eventually(refused, "the end of the session")

    async def test_one_sweeps_for_both(self) -> None:
        """And both can when the first has gone."""
        locks = self.pod.node._ground.locks
        await self.other._sweep()
        self.assertIsNone(await locks.acquire("sweep", 60))
        await self.other.stop()

        async def free() -> bool:
            return await locks.acquire("sweep", 60) is not None

        await eventually(free, "the end of the lock")
