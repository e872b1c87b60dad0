"""PostgreSQL does what every engine does, and what only a server can show."""

from twisted.trial.unittest import TestCase

from tests import servers
from tests.storage.database_contract import DatabaseContract
from tests.storage.databases import open_postgresql_database
from tests.storage.deferred import deferred


class ServerTests(DatabaseContract, TestCase):
    """On a server of our own."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=5)
        self.addCleanup(lambda: deferred(self.database.stop()))
