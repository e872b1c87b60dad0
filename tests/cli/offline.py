"""Commands of `peertubectl` run in a thread, on a pod whose database and folders the test looks at from the reactor."""

import json
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.cli.main import main
from peertube.config.schema import Settings, Storage
from peertube.files.certs import Certs
from peertube.files.local import LocalStorage
from tests.storage.databases import TestDatabase, open_file_database
from tests.storage.deferred import deferred

KINDS = tuple(Storage.model_fields)


class OfflineCase(TestCase):
    """A pod that does not run; its database is open here, too."""

    async def setUp(self) -> None:
        from twisted.internet import reactor

        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        tree = {
            "webserver": {"https": False, "hostname": "pod.example", "port": 80},
            "database": await self.open_database(),
            "storage": {kind: str(self.folder / kind) for kind in KINDS},
        }
        self.config = self.folder / "pod.yaml"
        self.config.write_text(yaml.safe_dump(tree))
        self.settings = Settings.model_validate(tree)
        self.storage = LocalStorage(reactor, self.settings.storage)
        self.certs = Certs(reactor, self.settings.storage.certs)

    async def open_database(self) -> dict[str, object]:
        """Make the pod's database, open here too, and say where it is."""
        path = self.folder / "pod.sqlite3"
        self.database: TestDatabase = await open_file_database(path)
        self.addCleanup(lambda: deferred(self.database.stop()))
        return {"path": str(path)}

    async def run_command(self, *arguments: object, given: str = "") -> Result:
        """What `peertubectl` answers, as people see it."""
        words = ["--config", str(self.config), *map(str, arguments)]
        result: Result = await deferToThread(CliRunner().invoke, main, words, input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    async def ctl(self, *arguments: object, status: int = 0) -> Any:
        """What it answers to programs."""
        result = await self.run_command("--json", *arguments)
        self.assertEqual(status, result.exit_code, result.output)
        self.assertEqual("", result.stderr)
        return json.loads(result.stdout)
