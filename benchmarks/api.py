"""CPU per answer of the anonymous API: list, detail, search, configuration.

    .venv/bin/python benchmarks/api.py [--videos 1000] [--engine sqlite] [--rounds 5] [--requests 200] [--json FILE]

A pod as in production, one process, asked over one kept connection. The database holds copies of one video
(`many_videos`). ``--engine postgresql`` starts a server of its own and tells its CPU apart. Medians of the rounds.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import many_videos
import psycopg2
from measured import Connection, cpu_seconds, middle, pid_of, pods
from rows import options, report

from tests.end_to_end.pods import make_clip
from tests.servers import PostgresqlServer

BUDGETS = {"list": ("1 ms", "0.5 ms"), "detail": ("0.7 ms", "0.3 ms"), "search": ("1.2 ms", "0.8 ms")}
BUDGETS["config"] = ("0.15 ms", "")
"""Of ours, and of PostgreSQL (DESIGN section 8)."""


def of_server(server: PostgresqlServer) -> Callable[[], float]:
    """CPU seconds of all processes that belong to a PostgreSQL."""

    def used() -> float:
        total = 0.0
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = status.read_text()
                if "(postgres)" in text:
                    total += cpu_seconds(int(status.parent.name))
            except (OSError, ValueError):
                continue
        return total

    return used


def measure(port: int, pid: int, path: str, requests: int, server: Callable[[], float]) -> tuple[float, float, float]:
    """Milliseconds of CPU of the pod and of the database per answer, and of waiting."""
    connection = Connection(port)
    connection.get(path)
    before, database, began = cpu_seconds(pid), server(), time.monotonic()
    for _ in range(requests):
        status, _ = connection.get(path)
        if status != 200:
            raise SystemExit(f"wrong answer to {path}: {status}")
    used, seconds, later = cpu_seconds(pid) - before, time.monotonic() - began, server() - database
    connection.close()
    return used * 1000 / requests, later * 1000 / requests, seconds * 1000 / requests


def main() -> None:
    """Measure and print."""
    asked = options(__doc__, videos=1000, engine="sqlite", rounds=5, requests=200)
    server, environment = None, {"PEERTUBE_RATES_LIMIT_API_MAX": "1000000"}
    if asked.engine == "postgresql":
        server = PostgresqlServer(durable=True)
        server.start()
        connection = psycopg2.connect(host="127.0.0.1", port=server.port, user="postgres", dbname="postgres")
        connection.autocommit = True
        connection.cursor().execute("create database pod")
        connection.close()
        environment["DATABASE_URL"] = f"postgresql://postgres@127.0.0.1:{server.port}/pod"
    try:
        with tempfile.TemporaryDirectory() as name, pods(1, environment) as network:
            (api,) = network.apis
            uuid = api.upload(make_clip(Path(name) / "clip.mp4", seconds=1), "The first one")["uuid"]
            api.published(uuid)
            if server is None:
                many_videos.on_sqlite(api.pod.folder / "peertube.sqlite3", asked.videos)
            else:
                many_videos.on_postgresql("127.0.0.1", server.port, "pod", asked.videos)
            paths = {
                "list": "/api/v1/videos?count=15",
                "detail": f"/api/v1/videos/{uuid}",
                "search": "/api/v1/search/videos?search=amber",
                "config": "/api/v1/config",
            }
            of_database = of_server(server) if server is not None else lambda: 0.0
            runs: dict[str, list[tuple[float, float, float]]] = {what: [] for what in paths}
            for _ in range(asked.rounds):
                for what, path in paths.items():
                    runs[what].append(measure(api.pod.port, pid_of(api), path, asked.requests, of_database))
    finally:
        if server is not None:
            server.remove()
    rows, where = [], f"{asked.videos:,} videos on {'SQLite' if server is None else 'PostgreSQL'}"
    for what, results in runs.items():
        ours, database, waited = (middle([run[column] for run in results]) for column in range(3))
        budget, of_postgresql = BUDGETS[what]
        rows.append({"what": f"{what}, {where}", "unit": "ms CPU", "ours": ours, "budget": budget})
        if server is not None and of_postgresql:
            name = f"{what}, {where}: its share"
            rows.append({"what": name, "unit": "ms CPU", "ours": database, "budget": of_postgresql})
        print(f"{what}: answered after {waited:.2f} ms")
    report("api", rows, asked)


if __name__ == "__main__":
    main()
