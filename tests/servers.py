"""Private servers for tests: PostgreSQL and Redis, started once for a run and stopped at its end.

They listen on loopback and on sockets in a temporary folder, as a user of the system without rights when the tests
run as root. Where a program is missing, the suites that need it are skipped.
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

_START_SECONDS = 60
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class CannotStart(Exception):
    """A private server did not come up."""


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL that is installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda path: int(path.parent.name.split(".")[0]), default=None)


def no_postgresql() -> str | None:
    """Why tests with PostgreSQL are skipped."""
    return None if postgresql_programs() is not None else "PostgreSQL is not installed"


def no_redis() -> str | None:
    """Why tests with Redis are skipped."""
    return None if shutil.which("redis-server") is not None else "redis-server is not installed"


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class _Server:
    """A child process in a temporary folder that ends with us, however we end."""

    at_once = signal.SIGKILL
    """What ends the server without waiting for anything."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="peertube-test-"))
        self.port = free_port()
        self._user = _somebody()
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    def _run(self, arguments: Sequence[str | Path]) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=None if self._user is None else self._user.pw_uid,
                group=None if self._user is None else self._user.pw_gid,
                extra_groups=None if self._user is None else [],
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                preexec_fn=lambda: ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGQUIT),
            )

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + _START_SECONDS
        while not ready():
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                raise CannotStart((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as connecting:
            return connecting.connect_ex(("127.0.0.1", self.port)) == 0

    def send(self, which: signal.Signals) -> None:
        """Send a signal to the process."""
        if self._process is not None:
            self._process.send_signal(which)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the process; its data stay."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            process.wait(_START_SECONDS)

    def remove(self) -> None:
        """End the process and remove its data."""
        self.stop(self.at_once)
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresqlServer(_Server):
    """A cluster of its own; its user is ``postgres``, without password.

    :param durable: write to disk as real ones do, which tests have no need of.
    """

    at_once = signal.SIGQUIT
    """The postmaster takes its children with it. (Redis would ignore this where our own parent ignores it.)"""

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self._durable = durable

    def start(self) -> None:
        """Start it (again)."""
        programs = postgresql_programs()
        if programs is None:
            raise CannotStart(no_postgresql())
        data = self.folder / "data"
        if not data.exists():
            options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--no-instructions"]
            making = self._run([programs / "initdb", *options, "--pgdata", data])
            if making.wait(_START_SECONDS):
                raise CannotStart((self.folder / "log").read_text(errors="replace")[-2000:])
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
            settings |= {"shared_buffers": "64MB", "max_wal_size": "256MB"}
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        self._process = self._run([programs / "postgres", "-D", data, *options])
        self._wait_until(self._ready)

    def _ready(self) -> bool:
        programs = postgresql_programs()
        assert programs is not None
        asking = [programs / "pg_isready", "--quiet", "--host", self.folder, "--port", str(self.port)]
        return subprocess.run(asking, check=False).returncode == 0


class RedisServer(_Server):
    """A Redis that keeps nothing."""

    def start(self) -> None:
        """Start it (again)."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = self._run([shutil.which("redis-server") or "redis-server", *options, "--dir", self.folder])
        self._wait_until(self._answers)


@cache
def postgresql() -> PostgresqlServer:
    """The PostgreSQL of this run."""
    server = PostgresqlServer()
    atexit.register(server.remove)
    server.start()
    return server


@cache
def redis() -> RedisServer:
    """The Redis of this run."""
    server = RedisServer()
    atexit.register(server.remove)
    server.start()
    return server


def _somebody() -> pwd.struct_passwd | None:
    """The user that servers run as when we are root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
