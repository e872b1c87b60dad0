"""CPU per byte of the web seed and of nginx: ranges of 1 MiB of one file over kept connections, plain TCP.

    .venv/bin/python benchmarks/web_seed.py [--rounds 5] [--requests 1000] [--connections 8] [--json FILE]

A pod serves a video of its own; nginx (``apt install nginx``; without it only ours is measured) serves the same file
with sendfile and one worker. Both in one run, in turn; the file is in the page cache. Servers run on the first core,
the load on the last.
"""

import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measured import Connection, cpu_seconds, middle, pid_of, pin, pods, together
from rows import against, options, report

from tests.end_to_end.pods import free_ports, make_clip

RANGE = 2**20
BUDGET = 1.7
_NGINX = """daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000; keepalive_timeout 65;
{temporary} server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }} }}
"""


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """Serves a folder; the port and the process."""
    port = free_ports(1)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, temporary=temporary, port=port, root=root))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def measure(port: int, pid: int, path: str, size: int, requests: int, connections: int) -> tuple[float, float]:
    """Nanoseconds of CPU of the server per KiB, and MB a second."""
    each = requests // connections

    def fetch(number: int) -> None:
        rng = random.Random(number)
        connection = Connection(port)
        for _ in range(each):
            start = rng.randrange(0, size - RANGE)
            answer = connection.get(path, f"Range: bytes={start}-{start + RANGE - 1}\r\n")
            if answer != (206, RANGE):
                raise SystemExit(f"wrong answer: {answer}")
        connection.close()

    before, began = cpu_seconds(pid), time.monotonic()
    together(connections, fetch)
    used, seconds = cpu_seconds(pid) - before, time.monotonic() - began
    count = each * connections * RANGE
    return used * 1e9 / (count / 1024), count / seconds / 1e6


def main() -> None:
    """Measure and print."""
    asked = options(__doc__, rounds=5, requests=1000, connections=8)
    with tempfile.TemporaryDirectory() as name, pods(1) as network:
        folder, (api,) = Path(name), network.apis
        folder.chmod(0o755)
        clip = make_clip(folder / "clip.mp4", seconds=40, size="1280x720", bitrate="16M")
        uuid = api.upload(clip, "Web seed")["uuid"]
        api.published(uuid)
        served = api.call("GET", f"/videos/{uuid}")["files"][0]["fileUrl"].rpartition("/")[2]
        servers = {"ours": (api.pod.port, pid_of(api), f"/static/web-videos/{served}")}
        pin(pid_of(api), server=True)
        with nginx(folder, folder) as (port, pid):
            if shutil.which("nginx") or Path("/usr/sbin/nginx").exists():
                servers["nginx"] = (port, pid, "/clip.mp4")
                pin(pid, server=True)
            runs: dict[str, list[tuple[float, float]]] = {server: [] for server in servers}
            for _ in range(asked.rounds):
                for server, (where, process, path) in servers.items():
                    runs[server].append(
                        measure(where, process, path, clip.stat().st_size, asked.requests, asked.connections)
                    )
    what, unit = "web seed, ranges of 1 MiB", "ns CPU/KiB"
    cpu = {server: middle([run[0] for run in results]) for server, results in runs.items()}
    if "nginx" in runs:
        rows = [against(what, unit, cpu["ours"], "nginx", cpu["nginx"], BUDGET)]
    else:
        rows = [{"what": what, "unit": unit, "ours": cpu["ours"]}]
    rows += [
        {"what": f"{what}, {server}", "unit": "MB/s", "ours": max(run[1] for run in results)}
        for server, results in runs.items()
    ]
    report("web_seed", rows, asked)


if __name__ == "__main__":
    main()
