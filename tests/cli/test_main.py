"""The operator's commands, run as the operator runs them."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube import __version__
from peertube.cli.main import main
from peertube.storage import users
from peertube.storage.migrate import migrate_file
from tests.storage.databases import open_file_database

_CHECKOUT = Path(__file__).resolve().parent.parent.parent


class ConfigTests(SynchronousTestCase):
    """``check-config`` and what every command shares."""

    def setUp(self) -> None:
        self.good = Path(self.mktemp())
        self.good.write_text("listen: {port: 1234, prot: 5}\n")
        self.bad = Path(self.mktemp())
        self.bad.write_text("listen: {port: 70000}\ntracker: {private: perhaps}\n")

    def _peertubectl(self, *arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"PORT": None})

    def test_good(self) -> None:
        """Warnings do not count as mistakes."""
        for arguments in (["--config", self.good, "check-config"], ["check-config", "--config", self.good]):
            result = self._peertubectl(*arguments)
            self.assertEqual(result.exit_code, 0)
            self.assertIn("0.0.0.0:1234", result.stdout)
            self.assertIn("did you mean listen.port?", result.stderr)

    def test_json(self) -> None:
        """One object on standard output and nothing else, good or bad, wherever the option stands."""
        result = self._peertubectl("--json", "check-config", "-c", self.good)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["origin"], len(answer["warnings"]), result.stderr), ("https://localhost", 1, ""))
        result = self._peertubectl("check-config", "-c", self.bad, "--json")
        answer = json.loads(result.stdout)
        self.assertEqual((result.exit_code, answer["error"], len(answer["problems"])), (78, "configuration", 2))

    def test_bad(self) -> None:
        """Every mistake, in whole lines, and the status that systemd calls a configuration error."""
        result = self._peertubectl("check-config", "-c", self.good, "-c", self.bad)
        self.assertEqual((result.exit_code, result.stdout), (78, ""))
        for key in ("listen.port: ", "tracker.private: "):
            self.assertEqual(sum(key in line for line in result.stderr.splitlines()), 1)

    def test_wrong_usage(self) -> None:
        """Told apart from a refusal."""
        for arguments in (["no-such-command"], ["create-user"], ["check-config", "extra"]):
            self.assertEqual(self._peertubectl(*arguments).exit_code, 2)

    def test_version(self) -> None:
        """The one thing that always works."""
        self.assertEqual(json.loads(self._peertubectl("version", "--json").stdout)["peertube"], __version__)
        self.assertIn(__version__, self._peertubectl("version").stdout)


class UsersTests(TestCase):
    """Users made straight in the database, by the script of the checkout."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.path = self.folder / "peertube.sqlite3"

    def _peertubectl(self, *arguments: str, given: str = "") -> tuple[int, Any]:
        environ = {**os.environ, "DATABASE_URL": f"sqlite:///{self.path}"}
        ended = subprocess.run(
            [str(_CHECKOUT / "bin" / "peertubectl"), "--json", *arguments],
            input=given,
            env=environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ended.returncode, json.loads(ended.stdout) if ended.stdout else ended.stderr

    async def test_create_and_reset(self) -> None:
        """Passwords are shown only when they were made up, and are stored hashed."""
        migrate_file(self.path)
        status, ann = self._peertubectl("create-user", "ann", "--email", "ann@example.com")
        self.assertEqual((status, ann["username"], ann["role"], len(ann["password"])), (0, "ann", "user", 24))
        first = await self._hash("ann")
        self.assertTrue(first.startswith("$argon2id$"))

        self.assertEqual(self._peertubectl("create-user", "ann", "--email", "a@example.com")[0], 1)
        status, answer = self._peertubectl("create-user", "b d", "--email", "x", "--password-stdin", given="pw\n")
        self.assertEqual(status, 1)
        self.assertEqual([line.partition(":")[0] for line in answer["problems"]], ["username", "email", "password"])

        status, answer = self._peertubectl("reset-password", "ann", "--password-stdin", given="another one\n")
        self.assertEqual((status, answer), (0, {"username": "ann"}))
        self.assertNotEqual(await self._hash("ann"), first)
        self.assertEqual(self._peertubectl("reset-password", "bob")[0], 1)

    def test_no_database(self) -> None:
        """A wrong --config must not make an empty database somewhere."""
        status, answer = self._peertubectl("reset-password", "root")
        self.assertEqual((status, answer["error"]), (69, "no_database"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_foreign_database(self) -> None:
        """Somebody else's file is left alone."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("create table theirs (x)")
        status, answer = self._peertubectl("reset-password", "root")
        self.assertEqual((status, answer["error"]), (69, "database"))

    async def _hash(self, username: str) -> str:
        database = await open_file_database(self.path)
        try:
            user = await database.read(users.by_username, username)
        finally:
            await database.stop()
        assert user is not None
        return user.password_hash
