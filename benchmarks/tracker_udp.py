"""CPU time per answer of our UDP tracker, of opentracker and of npm's bittorrent-tracker, in one run, in turn.

    .venv/bin/python benchmarks/tracker_udp.py [--rounds 5] [--seconds 3] [--json FILE]

Needs gcc, two cores, opentracker (``apt install opentracker``) and npm's tracker (``bin/setup test``); those that are
missing are left out. The load is `load/udp.c`: 10,000 torrents by Zipf, 100,000 peers, 30 peers wanted, 80 %
announces, 10 % scrapes, 10 % connects, 128 outstanding; once from 2,000 addresses and once from 16, when ours lets an
address have as many peers in a swarm as it likes.
"""

import tempfile
from pathlib import Path

from rows import against, options, report
from trackers import TORRENTS, compiled, in_turn, microseconds, npm_tracker, opentracker, ours

PEERS, OUTSTANDING = 100_000, 128
BUDGET = 1.1


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=5, seconds=3)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        load = compiled("udp", Path(folder))
        for addresses, first in ((2000, ours()), (16, ours(ports_per_address=PEERS))):
            found = [server for server in (first, opentracker(), npm_tracker()) if server is not None]
            servers = {server.name: server for server in found}
            arguments = [chosen.seconds, TORRENTS, PEERS, addresses, OUTSTANDING]
            runs = in_turn(servers, load, arguments, chosen.rounds)
            us = microseconds(runs.pop("ours"))
            for peer, of_peer in runs.items():
                what = f"UDP, {addresses:,} client addresses"
                budget = BUDGET if peer == "opentracker" else None
                rows.append(against(what, "us CPU/answer", us, peer, microseconds(of_peer), budget))
            if not runs:
                rows.append({"what": f"UDP, {addresses:,} client addresses", "unit": "us CPU/answer", "ours": us})
    report("tracker_udp", rows, chosen)


if __name__ == "__main__":
    main()
