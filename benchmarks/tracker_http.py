"""CPU time per answer of our HTTP tracker, of opentracker and of npm's bittorrent-tracker, in one run, in turn.

    .venv/bin/python benchmarks/tracker_http.py [--rounds 5] [--seconds 3] [--json FILE]

Needs gcc, two cores, opentracker (``apt install opentracker``) and npm's tracker (``bin/setup test``); those that are
missing are left out. The load is `load/http.c`: 10,000 torrents by Zipf, 20,000 peers at 16 addresses, 30 peers wanted,
90 % announces, 10 % scrapes, 64 connections; once a new connection for each request, once kept connections (which
opentracker does not have). Ours answers on the same port as a pod, with its site behind.
"""

import tempfile
from pathlib import Path

from rows import against, options, report
from trackers import TORRENTS, compiled, in_turn, microseconds, npm_tracker, opentracker, ours

PEERS, CONNECTIONS = 20_000, 64
BUDGETS = {(0, "opentracker"): 1.3, (1, "npm bittorrent-tracker"): 0.15}


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=5, seconds=3)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        load = compiled("http", Path(folder))
        for keep, what in ((0, "HTTP, a connection for each request"), (1, "HTTP, kept connections")):
            peers = [npm_tracker(), None if keep else opentracker()]
            servers = {server.name: server for server in (ours(ports_per_address=PEERS), *peers) if server is not None}
            arguments = [chosen.seconds, TORRENTS, PEERS, CONNECTIONS, keep, "/"]
            runs = in_turn(servers, load, arguments, chosen.rounds)
            us = microseconds(runs.pop("ours"))
            for peer, of_peer in runs.items():
                budget = BUDGETS.get((keep, peer))
                rows.append(against(what, "us CPU/answer", us, peer, microseconds(of_peer), budget))
            if not runs:
                rows.append({"what": what, "unit": "us CPU/answer", "ours": us})
    report("tracker_http", rows, chosen)


if __name__ == "__main__":
    main()
