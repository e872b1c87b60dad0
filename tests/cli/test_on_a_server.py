"""``peertubectl`` on a pod whose database is a PostgreSQL server, with processes that run."""

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from peertube.model import topics
from peertube.node.engines import publisher_of
from peertube.shared.news import SharedPublisher
from tests import servers
from tests.cli.offline import OfflineCase
from tests.shared.redis import until
from tests.storage.databases import open_postgresql_database
from tests.storage.deferred import deferred
from tests.usecases.work_world import WorkOnTest


class ServerTests(OfflineCase):
    """The same commands."""

    skip = servers.no_postgresql()

    async def open_database(self) -> dict[str, object]:
        """On the private server of the run."""
        self.database = await open_postgresql_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        server = self.database._server
        where = {"hostname": server.hostname, "port": server.port, "name": server.name, "username": server.username}
        return {"engine": "postgresql", **where}

    async def a_process(self) -> SharedPublisher:
        """A process of the pod that runs, as far as news go."""
        publisher = publisher_of(self.settings, reactor)
        assert isinstance(publisher, SharedPublisher)
        await publisher.start()
        self.addCleanup(lambda: Deferred.fromCoroutine(publisher.stop()))
        return publisher

    async def test_users_jobs_files(self) -> None:
        """One of each group of commands."""
        migrated = await self.ctl("migrate")
        self.assertEqual("postgresql", migrated["engine"])
        made = await self.ctl("create-user", "bob", "--email", "bob@pod.example")
        self.assertEqual("bob", made["username"])
        await WorkOnTest(self.database).add("k")
        self.assertEqual(1, (await self.ctl("jobs", "list"))["total"])
        await self.storage.start()
        checked = await self.ctl("storage", "fsck")
        self.assertEqual([], [value for value in checked.values() if isinstance(value, list) and value], checked)

    async def test_processes_hear_of_it(self) -> None:
        """At once, not when they look for themselves the next time."""
        process = await self.a_process()
        heard: list[Any] = []
        process.subscribe(topics.JOBS, heard.append)
        await self.ctl("jobs", "pause")
        await self.ctl("jobs", "resume")
        await until(lambda: heard)
