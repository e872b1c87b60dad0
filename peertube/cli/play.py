"""``bin/play``: a small network of pods on this machine, to try things out.

Every pod runs as in production (``twistd peertube``), with what one machine needs: its own folder, loopback allowed,
no https between pods, short intervals, and PeerTube's demo presets of friends (each pod offers those after it).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import click
import yaml
from attrs import frozen

from peertube.config.schema import Storage

CHECKOUT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 20


@frozen
class DemoPod:
    """One pod of the demonstration: its number from 1, and where it lives."""

    number: int
    count: int
    first_port: int
    directory: Path

    @property
    def name(self) -> str:
        """What its files are called after."""
        return f"pod{self.number}"

    @property
    def port(self) -> int:
        """Its HTTP and UDP port."""
        return self.first_port + self.number - 1

    @property
    def origin(self) -> str:
        """Where a browser finds it."""
        return f"http://localhost:{self.port}"

    @property
    def folder(self) -> Path:
        """Where its data lies."""
        return self.directory / self.name

    @property
    def configuration(self) -> Path:
        """Its configuration file."""
        return self.directory / f"{self.name}.yaml"

    @property
    def pid_file(self) -> Path:
        """Where twistd writes its process id."""
        return self.directory / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """Its log."""
        return self.directory / f"{self.name}.log"

    @property
    def password(self) -> str:
        """The password of its user ``root``."""
        return f"test{self.number}"

    def settings(self) -> dict[str, object]:
        """What differs from ``etc/peertube.yaml``."""
        storage = {kind: str(self.folder / kind.replace("_", "-")) for kind in Storage.model_fields}
        later = range(self.number + 1, self.count + 1)
        return {
            "listen": {"hostname": "127.0.0.1", "port": self.port},
            "webserver": {"https": False, "hostname": "localhost", "port": self.port},
            "database": {"engine": "sqlite", "path": str(self.folder / "peertube.sqlite3")},
            "storage": storage,
            "admin": {"email": f"admin{self.number}@example.com"},
            "instance": {"name": f"Pod {self.number}"},
            "friends": {
                "preset_hosts": [f"localhost:{self.first_port + number - 1}" for number in later],
                "require_https": False,
                "retry_seconds": 2,
            },
            "outbound": {"allow_private_addresses": True},
            "jobs": {"poll_seconds": 1},
            "tracker": {"interval": 30, "websocket_interval": 10},
            "rates_limit": {"api": {"window": 10, "max": 10_000}},
        }

    def prepare(self, *, keep: bool) -> None:
        """Write the configuration; remove what an earlier network left, unless it is to go on."""
        if not keep:
            self.remove()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configuration.write_text(yaml.safe_dump(self.settings(), sort_keys=False))

    def remove(self) -> None:
        """Remove all that the pod wrote."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for path in (self.configuration, self.pid_file, self.log):
            path.unlink(missing_ok=True)

    def start(self, more: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """Run the pod, with `more` variables in its environment."""
        self.pid_file.unlink(missing_ok=True)
        twistd = Path(sys.executable).with_name("twistd")
        command = [str(twistd), "--nodaemon", "--pidfile", str(self.pid_file), "--logfile", str(self.log)]
        command += ["peertube", "--config", str(self.configuration)]
        search = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
        environment = {"PT_INITIAL_ROOT_PASSWORD": self.password, **os.environ, "PYTHONPATH": search, **(more or {})}
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False


def stop(processes: "list[subprocess.Popen[bytes]]") -> None:
    """End the pods; those that do not end by themselves are killed."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(pods: list[DemoPod], processes: "list[subprocess.Popen[bytes]]") -> str | None:
    """Wait until every pod answers; what went wrong, if something did."""
    until = time.monotonic() + START_SECONDS
    for pod, process in zip(pods, processes, strict=True):
        while not pod.is_ready():
            if process.poll() is not None:
                return f"{pod.name} ended with status {process.returncode}; see {pod.log}"
            if time.monotonic() > until:
                return f"{pod.name} does not answer after {START_SECONDS} s; see {pod.log}"
            time.sleep(0.1)
    return None


@click.command()
@click.argument("count", default=3, type=click.IntRange(1, 50))
@click.option("--dir", "directory", type=click.Path(path_type=Path), default=None, help="Where the pods live.")
@click.option("--port", default=9001, type=click.IntRange(1024, 65000), help="Port of the first pod.")
@click.option("--keep", is_flag=True, help="Go on with the pods that lie in DIR, and leave them there.")
def main(count: int, directory: Path | None, port: int, keep: bool) -> None:
    """Run COUNT pods at http://localhost:9001 and so on, until Ctrl-C."""
    directory = (directory or CHECKOUT / "pods").resolve()
    directory.mkdir(parents=True, exist_ok=True)
    pods = [DemoPod(number, count, port, directory) for number in range(1, count + 1)]
    for pod in pods:
        if pod.is_ready():
            raise click.ClickException(f"something answers at {pod.origin} already")
        pod.prepare(keep=keep)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    processes: list[subprocess.Popen[bytes]] = []
    problem: str | None = None
    try:
        for pod in pods:
            processes.append(pod.start())
        problem = wait_until_ready(pods, processes)
        if problem is None:
            for pod in pods:
                click.echo(f"{pod.name}: {pod.origin}  user root, password {pod.password}  (log: {pod.log})")
            click.echo("Ctrl-C stops them all.")
            while all(process.poll() is None for process in processes):
                time.sleep(0.5)
            ended = next(pod for pod, process in zip(pods, processes, strict=True) if process.poll() is not None)
            problem = f"{ended.name} ended; see {ended.log}"
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        stop(processes)
        if not keep and problem is None:
            for pod in pods:
                pod.remove()
    if problem is not None:
        raise click.ClickException(problem)


if __name__ == "__main__":
    main()
