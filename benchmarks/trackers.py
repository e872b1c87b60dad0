"""What the benchmarks of the tracker share: our tracker and those of others as processes, loads, figures.

Servers run on the first core, loads on the last; a run of one server follows a run of another, so that all meet the
same machine. The figure is server CPU time per answer, which says less about what else the machine is doing than
answers per second do.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen

HERE = Path(__file__).parent
CLIENTS = HERE.parent / "tests" / "clients"
TORRENTS = 10_000
NOBODY = 65534

Run = dict[str, float]


def info_hash(torrent: int) -> bytes:
    """As the loads make them."""
    return b"%08x" % torrent + b"x" * 12


@frozen
class Server:
    """A tracker that can be started.

    :param start: from a port and a folder of its own to the process.
    """

    name: str
    start: Callable[[int, Path], subprocess.Popen[bytes]]


def ours(*, ports_per_address: int = 8) -> Server:
    """Our tracker alone: UDP, and HTTP with WebSocket behind the same front and site as in a pod."""

    def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
        return subprocess.Popen(
            [sys.executable, str(HERE / "our_tracker.py"), str(port), str(ports_per_address)], env=environment
        )

    return Server("ours", start)


def opentracker() -> Server | None:
    """Debian's build, which wants a white list and refuses to run as root; None when it is not installed."""

    def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
        folder.chmod(0o755)
        white_list = folder / "whitelist.txt"
        white_list.write_text("".join(f"{info_hash(torrent).hex()}\n" for torrent in range(TORRENTS)))
        configuration = folder / "opentracker.conf"
        configuration.write_text(
            f"listen.udp 127.0.0.1:{port}\nlisten.tcp 127.0.0.1:{port}\n"
            f"access.whitelist {white_list}\ntracker.rootdir {folder}\n"
        )
        as_somebody: dict[str, Any] = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(["opentracker", "-f", str(configuration)], **silent, **as_somebody)

    return Server("opentracker", start) if shutil.which("opentracker") else None


def npm_tracker() -> Server | None:
    """npm's bittorrent-tracker; None when it is not installed (``bin/setup test``)."""

    def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["node", "tracker.mjs", str(port)], cwd=CLIENTS)

    installed = (CLIENTS / "node_modules" / "bittorrent-tracker").is_dir() and shutil.which("node")
    return Server("npm bittorrent-tracker", start) if installed else None


def free_port() -> int:
    """A port that is free for UDP and TCP."""
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        return port


def until_it_listens(port: int) -> None:
    """Wait until a connection is accepted."""
    for _ in range(200):
        with socket.socket() as client:
            try:
                client.connect(("127.0.0.1", port))
            except OSError:
                time.sleep(0.05)
            else:
                return
    raise SystemExit("the tracker does not answer")


def rss_kib(pid: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def measure(server: Server, load: list[str], folder: Path, arguments: list[object]) -> Run:
    """One run: the load gets port and process id of the server, then `arguments`; what it printed, and more."""
    port, cores = free_port(), sorted(os.sched_getaffinity(0))
    process = server.start(port, folder)
    try:
        os.sched_setaffinity(process.pid, {cores[0]})
        until_it_listens(port)
        time.sleep(0.3)
        before = rss_kib(process.pid)
        command = ["taskset", "-c", str(cores[-1]), *load, str(port), str(process.pid), *map(str, arguments)]
        outcome = subprocess.run(command, check=False, capture_output=True)
        if outcome.returncode:
            raise SystemExit(f"the load failed with {server.name}: {outcome.stderr.decode()}")
        after = rss_kib(process.pid)
    finally:
        process.kill()
        process.wait()
    found: Run = json.loads(outcome.stdout)
    if found.get("bad") or found.get("errors"):
        raise SystemExit(f"wrong answers of {server.name}: {found}")
    return {"rss_before_kib": before, "rss_after_kib": after, **found}


def in_turn(
    servers: Mapping[str, Server], load: list[str], arguments: list[object], rounds: int
) -> dict[str, list[Run]]:
    """`rounds` runs of each, one after the other."""
    runs: dict[str, list[Run]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            with tempfile.TemporaryDirectory() as folder:
                runs[name].append(measure(server, load, Path(folder), arguments))
    return runs


def microseconds(runs: list[Run], answers: str = "answers") -> float:
    """Median CPU time per answer."""
    return median(run["cpu"] / run[answers] * 1e6 for run in runs)


def compiled(name: str, folder: Path) -> list[str]:
    """The command of a load, compiled from ``load/NAME.c``."""
    program = folder / name
    subprocess.run(["gcc", "-O2", "-o", str(program), str(HERE / "load" / f"{name}.c"), "-lm"], check=True)
    return [str(program)]
