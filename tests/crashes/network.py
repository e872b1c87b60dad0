"""Two pods that are friends; either is killed and started again on the same folder."""

import json
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import yaml

from peertube.cli.play import DemoPod
from peertube.failpoints import VARIABLE
from tests.crashes.client import Client
from tests.crashes.oracle import Oracle
from tests.end_to_end.pods import free_ports
from tests.servers import PostgresqlServer

READY_SECONDS = 60
SETTLED_SECONDS = 60

_NAMED = (
    ("web-videos", "select file_name from video_files where file_name is not null"),
    ("torrents", "select torrent_name from video_files where torrent_name is not null"),
    ("thumbnails", "select thumbnail_name from videos where thumbnail_name is not null"),
    ("captions", "select file_name from video_captions"),
    ("storyboards", "select file_name from storyboards"),
    ("previews", "select preview_name from videos where preview_name is not null"),
    ("tmp-persistent", "select thumbnail_name from resumable_uploads where video_id is null and thumbnail_name <> ''"),
)
_UNFINISHED = "select file_name, received, kept from resumable_uploads where video_id is null"
"""Uploads in chunks. The row comes before the file; and names under which the file is kept before it is moved."""

_TO_DISCARD = "select payload from jobs where kind = 'discard-files' and state in ('waiting', 'active')"
"""Where several processes may be at work, nobody knows at the start which writes a crash has interrupted: their files
are left to the jobs that were noted before them."""

_DUE = "select count(*) from jobs where state in ('waiting', 'active') and run_at_ms <= {now_ms}"
_WORK = (
    "select count(*) from jobs where state in ('waiting', 'active') and run_at_ms < {now_ms} + 60000",
    "select count(*) from deliveries",
)


class SqliteRows:
    """The database of a pod in its folder, looked at from outside."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def settings(self) -> dict[str, object]:
        """What the configuration says."""
        return {"engine": "sqlite", "path": str(self._path)}

    def prepare(self) -> None:
        """The folder is new."""

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        uri = f"file:{self._path}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as database:
            return list(database.execute(text))

    def damage(self) -> str | None:
        """What is wrong with the file."""
        [(verdict,)] = self.rows("pragma quick_check")
        return None if verdict == "ok" else str(verdict)


class PostgresqlRows:
    """A database of a pod on a server of the test's own."""

    def __init__(self, server: PostgresqlServer, name: str) -> None:
        self._server = server
        self._name = name

    def settings(self) -> dict[str, object]:
        """What the configuration says."""
        where = {"hostname": "127.0.0.1", "port": self._server.port, "username": "postgres"}
        return {"engine": "postgresql", "name": self._name, **where}

    def prepare(self) -> None:
        """Make it, or make it anew."""
        with closing(self._connect("postgres")) as database, database.cursor() as cursor:
            cursor.execute(f'drop database if exists "{self._name}" with (force)')
            cursor.execute(f'create database "{self._name}"')

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with closing(self._connect(self._name)) as database, database.cursor() as cursor:
            cursor.execute(text)
            return list(cursor.fetchall())

    def damage(self) -> str | None:
        """The server was not killed."""
        return None

    def _connect(self, name: str) -> Any:
        database = psycopg2.connect(host="127.0.0.1", port=self._server.port, dbname=name, user="postgres")
        database.autocommit = True
        return database


class MortalPod:
    """A pod that dies and comes back."""

    def __init__(self, pod: DemoPod, server: PostgresqlServer | None = None) -> None:
        self.pod = pod
        self._rows: SqliteRows | PostgresqlRows = SqliteRows(pod.folder / "peertube.sqlite3")
        if server is not None:
            self._rows = PostgresqlRows(server, pod.name)
        self.process: subprocess.Popen[bytes] | None = None
        self.longest_start = 0.0
        self._failpoints = pod.directory / f"{pod.name}.failpoints"

    def prepare(self) -> None:
        """Write a configuration with short waits."""
        self.pod.prepare(keep=False)
        self._rows.prepare()
        settings = yaml.safe_load(self.pod.configuration.read_text())
        settings["database"] = self._rows.settings()
        settings["friends"]["retry_seconds"] = 0.5
        settings["jobs"]["poll_seconds"] = 0.5
        settings["tracker"]["enabled"] = False
        self.pod.configuration.write_text(yaml.safe_dump(settings))

    def arm(self, failpoints: str) -> None:
        """Arm failpoints of the pod, whether it runs or will be started."""
        new = self._failpoints.with_suffix(".new")
        new.write_text(failpoints)
        new.replace(self._failpoints)

    def start(self) -> bool:
        """Run until it answers; False when it died before."""
        begun = time.monotonic()
        self.process = self.pod.start({VARIABLE: str(self._failpoints)})
        while time.monotonic() < begun + READY_SECONDS:
            if self.process.poll() is not None:
                return False
            if self.pod.is_ready():
                self.longest_start = max(self.longest_start, time.monotonic() - begun)
                return True
            time.sleep(0.05)
        raise AssertionError(f"{self.pod.name} does not answer after {READY_SECONDS} s; see {self.pod.log}")

    def start_and_kill(self, after_seconds: float) -> None:
        """Begin to start, and do not get far."""
        self.process = self.pod.start()
        time.sleep(after_seconds)
        self.kill()

    def died(self, within_seconds: float) -> bool:
        """Wait for the end of the process, which must be SIGKILL."""
        assert self.process is not None
        try:
            status = self.process.wait(within_seconds)
        except subprocess.TimeoutExpired:
            return False
        if status != -signal.SIGKILL:
            raise AssertionError(f"{self.pod.name} ended with status {status}; see {self.pod.log}")
        return True

    def kill(self) -> None:
        """SIGKILL; nothing when it is dead already."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def unfinished(self) -> int:
        """Jobs and deliveries that wait."""
        return sum(self._count(text) for text in _WORK)

    def due(self) -> int:
        """Jobs that could be run now, or are."""
        return self._count(_DUE)

    def check_files(self, oracle: Oracle) -> None:
        """Every file has a row, every row has its file, and the database is whole."""
        named: dict[str, set[str]] = {}
        for folder, text in _NAMED:
            named.setdefault(folder, set()).update(row[0] for row in self._rows.rows(text))
        unfinished = self._rows.rows(_UNFINISHED)
        damage = self._rows.damage()
        if damage is not None:
            oracle.problem(f"{self.pod.name}: database: {damage}")
        named["tmp"] = set()
        allowed = self._check_unfinished(unfinished, oracle)
        if isinstance(self._rows, PostgresqlRows):
            for (payload,) in self._rows.rows(_TO_DISCARD):
                allowed |= {name for names in json.loads(payload)["files"].values() for name in names}
        for folder, names in named.items():
            there = {path.name for path in (self.pod.folder / folder).iterdir() if path.name != ".peertube-node"}
            for name in sorted(there - names - allowed):
                oracle.problem(f"{self.pod.name}: orphan file {folder}/{name}")
            for name in sorted(names - there):
                oracle.problem(f"{self.pod.name}: row without file {folder}/{name}")

    def _count(self, text: str) -> int:
        [(count,)] = self._rows.rows(text.format(now_ms=int(time.time() * 1000)))
        return int(count)

    def _check_unfinished(self, rows: list[tuple[Any, ...]], oracle: Oracle) -> set[str]:
        """Each acknowledged byte is in the one file or the other. Gives all names that may be there."""
        allowed = set()
        for file_name, received, kept in rows:
            names = {key: name for key, name in json.loads(kept or "{}").items() if isinstance(name, str)}
            allowed |= {file_name, *names.values()}
            places = [self.pod.folder / "tmp-persistent" / file_name]
            places += [self.pod.folder / "web-videos" / names["video"]] if "video" in names else []
            there = max((path.stat().st_size for path in places if path.exists()), default=0)
            if there < received:
                oracle.problem(f"{self.pod.name}: lost: {received - there} acknowledged bytes of {file_name}")
        return allowed


class MortalNetwork:
    """Pod 1, whose users upload, and its friend, pod 2.

    :param server: where their databases are; in files of their own otherwise.
    """

    def __init__(self, server: PostgresqlServer | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="crashes-"))
        first = free_ports(2)
        self.origin, self.friend = (MortalPod(DemoPod(number, 2, first, self.directory), server) for number in (1, 2))
        self.clients = {1: Client(self.origin.pod), 2: Client(self.friend.pod)}
        self.oracle = Oracle()

    def start(self) -> None:
        """Start both and make them friends."""
        for mortal in (self.origin, self.friend):
            mortal.prepare()
            assert mortal.start(), f"{mortal.pod.name} died; see {mortal.pod.log}"
        for client in self.clients.values():
            client.log_in()
        host = self.friend.pod.origin.removeprefix("http://")
        self.clients[1].send_json("POST", "/api/v1/pods/make-friends", {"hosts": [host]})
        self._eventually("friends", lambda: self.clients[1].ask("GET", "/api/v1/pods").json["total"] == 1)

    def check(self) -> None:
        """Wait until nothing is left to be done, and compare everything with what was acknowledged."""
        mortals = (self.origin, self.friend)
        self._eventually("work to end", lambda: not any(mortal.unfinished() for mortal in mortals))
        self.oracle.settle(self.clients[1].mine(), self.clients[1].channels())
        expected = self.oracle.friends_view()
        for number, client in self.clients.items():
            shown = [(one.uuid, one.name) for one in client.public()]
            if len(shown) != len(set(shown)) or set(shown) != expected:
                self.oracle.problem(f"pod {number} shows {set(shown) ^ expected} differently, {len(shown)} in all")
        for mortal in mortals:
            mortal.check_files(self.oracle)

    def stop(self, *, keep: bool = False) -> None:
        """End the pods and remove their folder."""
        for mortal in (self.origin, self.friend):
            mortal.kill()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _eventually(self, what: str, question: object) -> None:
        assert callable(question)
        until = time.monotonic() + SETTLED_SECONDS
        while not question():
            if time.monotonic() > until:
                left = {mortal.pod.name: mortal.unfinished() for mortal in (self.origin, self.friend)}
                self.oracle.problem(f"waited {SETTLED_SECONDS} s for {what}; unfinished: {left}")
                return
            time.sleep(0.05)
