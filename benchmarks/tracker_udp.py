"""CPU time per answer of our UDP tracker and of opentracker, in one run, in turn.

    .venv/bin/python benchmarks/tracker_udp.py [--rounds 3] [--seconds 5]

Needs gcc, two cores, and opentracker (``apt install opentracker``; without it only ours is measured). The load is
`load/udp.c`: 10,000 torrents by Zipf, 100,000 peers at 2,000 addresses, 30 peers wanted, 80 % announces, 10 % scrapes,
10 % connects, 128 outstanding. The server runs on the first core, the load on the last.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
TORRENTS, PEERS, ADDRESSES, OUTSTANDING = 10_000, 100_000, 2_000, 128
NOBODY = 65534


def info_hash(torrent: int) -> bytes:
    """As `load/udp.c` makes them."""
    return b"%08x" % torrent + b"x" * 12


def serve(port: int) -> None:
    """Our tracker alone, until killed."""
    from twisted.internet import epollreactor

    epollreactor.install()
    from twisted.internet import reactor
    from twisted.internet.defer import ensureDeferred

    from peertube.config.schema import TrackerSettings
    from peertube.tracker.part import TrackerPart, tracker_of

    settings = TrackerSettings(requests_per_minute=0)
    part = TrackerPart(
        tracker=tracker_of(settings), interface="127.0.0.1", udp_port=port, reactor=reactor, secret=os.urandom(32)
    )
    part.set_known(info_hash(torrent) for torrent in range(TORRENTS))
    ensureDeferred(part.start())
    reactor.run()


def start_ours(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """A process of ours."""
    environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
    return subprocess.Popen([sys.executable, __file__, "--serve", str(port)], env=environment)


def start_opentracker(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Debian's build wants a white list and refuses to run as root."""
    folder.chmod(0o755)
    white_list = folder / "whitelist.txt"
    white_list.write_text("".join(f"{info_hash(torrent).hex()}\n" for torrent in range(TORRENTS)))
    configuration = folder / "opentracker.conf"
    configuration.write_text(f"listen.udp 127.0.0.1:{port}\naccess.whitelist {white_list}\ntracker.rootdir {folder}\n")
    as_somebody: dict[str, Any] = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    return subprocess.Popen(
        ["opentracker", "-f", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_somebody,
    )


def wait_until_it_answers(port: int) -> None:
    """Ask for a connection id until there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.connect(("127.0.0.1", port))
        for _ in range(100):
            try:
                client.send((0x41727101980).to_bytes(8, "big") + bytes(8))
                client.recv(64)
            except OSError:
                time.sleep(0.05)
            else:
                return
    raise SystemExit("the tracker does not answer")


def free_port() -> int:
    """A UDP port that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def measure(start: Any, load: Path, folder: Path, seconds: float) -> dict[str, float]:
    """One run of one server."""
    port, cores = free_port(), sorted(os.sched_getaffinity(0))
    server = start(port, folder)
    try:
        os.sched_setaffinity(server.pid, {cores[0]})
        wait_until_it_answers(port)
        numbers = [port, server.pid, seconds, TORRENTS, PEERS, ADDRESSES, OUTSTANDING]
        outcome = subprocess.run(
            ["taskset", "-c", str(cores[-1]), str(load), *map(str, numbers)], check=True, capture_output=True
        )
    finally:
        server.kill()
        server.wait()
    found: dict[str, float] = json.loads(outcome.stdout)
    if found["bad"] or found["errors"]:
        raise SystemExit(f"wrong answers: {found}")
    return found


def report(name: str, runs: list[dict[str, float]]) -> float:
    """Print the median of the runs; microseconds of CPU per answer."""
    microseconds = median(run["cpu"] / run["answers"] * 1e6 for run in runs)
    rate = max(run["answers"] / run["seconds"] for run in runs)
    peers = median(run["handed_out"] / run["announces"] for run in runs)
    lost = sum(run["lost"] for run in runs)
    print(
        f"{name:12} {microseconds:6.2f} us CPU/answer  {rate:9,.0f} answers/s  {peers:5.1f} peers/announce  lost {lost}"
    )
    return microseconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--serve", type=int, metavar="PORT", help="run our tracker alone")
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve)
        return
    servers = {"ours": start_ours}
    if shutil.which("opentracker"):
        servers["opentracker"] = start_opentracker
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load = folder / "udp"
        subprocess.run(["gcc", "-O2", "-o", str(load), str(HERE / "load" / "udp.c"), "-lm"], check=True)
        runs: dict[str, list[dict[str, float]]] = {server: [] for server in servers}
        for _ in range(options.rounds):
            for server, start in servers.items():
                runs[server].append(measure(start, load, folder, options.seconds))
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    figures = {server: report(server, runs[server]) for server in servers}
    if "opentracker" in figures:
        print(f"ours / opentracker: {figures['ours'] / figures['opentracker']:.2f}")


if __name__ == "__main__":
    main()
