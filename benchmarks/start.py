"""Start of a pod: from the start of the process (exec) to the first answer of ``/livez``, of a pod that ran before.

    .venv/bin/python benchmarks/start.py [--rounds 5] [--json FILE]

The pod has its database, keys and first user; the code is compiled and in the page cache, as after a restart. Asked
every 5 ms over a new connection. Also told: CPU time until then, which says more on a busy machine.
"""

import compileall
import os
import time
from pathlib import Path
from unittest.mock import patch

from measured import Connection, cpu_seconds, middle, pods
from rows import options, report

import peertube
from peertube.cli.play import stop
from tests.end_to_end.pods import Api

BUDGET_SECONDS = 1.5


def answers(port: int) -> bool:
    """Whether the pod lives."""
    try:
        connection = Connection(port)
    except OSError:
        return False
    try:
        return connection.get("/livez")[0] == 200
    except (TimeoutError, ConnectionError):
        return False
    finally:
        connection.close()


def start(api: Api) -> tuple[float, float]:
    """Seconds, and seconds of CPU."""
    began = time.monotonic()
    process = api.pod.start()
    while not answers(api.pod.port):
        time.sleep(0.005)
    seconds, used = time.monotonic() - began, cpu_seconds(process.pid)
    stop([process])
    return seconds, used


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=5)
    compileall.compile_dir(Path(peertube.__file__).parent, quiet=2)
    with pods(1) as network, patch.dict(os.environ):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        (api,) = network.apis
        network.kill(1)
        runs = [start(api) for _ in range(chosen.rounds)]
    what = "start of a pod to its first answer"
    rows = [
        {"what": what, "unit": "s", "ours": middle([run[0] for run in runs]), "budget": f"{BUDGET_SECONDS} s"},
        {"what": f"{what}, CPU", "unit": "s CPU", "ours": middle([run[1] for run in runs])},
    ]
    report("start", rows, chosen)


if __name__ == "__main__":
    main()
