"""Memory of a pod that does nothing, with everything on that it can do by itself.

    .venv/bin/python benchmarks/idle_memory.py [--rounds 3] [--json FILE]

A pod that ran before, with tracker (UDP, HTTP, WebSocket) and hybrid seeding, after its pages and its API have been
asked for once and 10 s have passed: resident memory of the main process.
"""

import time

from measured import Connection, memory, middle, pid_of, pods
from rows import options, report

BUDGET_MIB = 120
PATHS = ("/", "/videos/local", "/login", "/about", "/api/v1/videos?count=15", "/api/v1/config", "/nodeinfo/2.0.json")
SETTLED_SECONDS = 10


def measure() -> float:
    """MiB."""
    with pods(1, {"PEERTUBE_SEEDING_HYBRID_ENABLED": "true", "PEERTUBE_SEEDING_HYBRID_PORT": "0"}) as network:
        (api,) = network.apis
        connection = Connection(api.pod.port)
        for path in PATHS:
            connection.get(path)
        connection.close()
        time.sleep(SETTLED_SECONDS)
        return memory(pid_of(api)) / 2**20


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=3)
    used = middle([measure() for _ in range(chosen.rounds)])
    report("idle_memory", [{"what": "idle pod", "unit": "MiB", "ours": used, "budget": f"{BUDGET_MIB} MiB"}], chosen)


if __name__ == "__main__":
    main()
