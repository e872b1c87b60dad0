"""Memory of our tracker and of opentracker per peer: 1,000,000 peers in 10,000 swarms, announced over UDP.

    .venv/bin/python benchmarks/tracker_memory.py [--rounds 1] [--json FILE]

Needs gcc, two cores and opentracker (``apt install opentracker``; without it only ours is measured). The load is
`load/udp.c` with 2,000 addresses, so that ours may not refuse the 500 peers of one; the figure is how much the
resident memory of the process has grown when all have announced once.
"""

import tempfile
from pathlib import Path
from statistics import median

from rows import against, options, report
from trackers import TORRENTS, compiled, in_turn, opentracker, ours

PEERS, ADDRESSES, OUTSTANDING = 1_000_000, 2000, 128
BUDGET_BYTES = 16


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=1, seconds=0)
    servers = {one.name: one for one in (ours(ports_per_address=PEERS), opentracker()) if one is not None}
    with tempfile.TemporaryDirectory() as folder:
        arguments = [chosen.seconds, TORRENTS, PEERS, ADDRESSES, OUTSTANDING]
        runs = in_turn(servers, compiled("udp", Path(folder)), arguments, chosen.rounds)
    bytes_per_peer = {
        name: median((run["rss_after_kib"] - run["rss_before_kib"]) * 1024 / PEERS for run in found)
        for name, found in runs.items()
    }
    us, what = bytes_per_peer.pop("ours"), "memory, 1,000,000 peers"
    rows = [against(what, "bytes/peer", us, peer, theirs) for peer, theirs in bytes_per_peer.items()]
    rows = rows or [{"what": what, "unit": "bytes/peer", "ours": us}]
    for row in rows:
        row["budget"] = f"{BUDGET_BYTES} bytes"
    report("tracker_memory", rows, chosen)


if __name__ == "__main__":
    main()
