"""CPU time per message and memory per socket of our WebSocket tracker and npm's bittorrent-tracker, in turn.

    .venv/bin/python benchmarks/tracker_websocket.py [--rounds 5] [--seconds 4] [--json FILE]
    .venv/bin/python benchmarks/tracker_websocket.py --sockets 10000 --hold 60

Needs gcc, two cores and npm's tracker (``bin/setup test``; without it only ours is measured). The load is `load/ws.c`:
sockets in 100 swarms by Zipf, each announce with 5 offers of 600 bytes, every offer answered, 32 announces outstanding;
every message that a client receives is counted. With ``--hold`` only ours is measured: after their load the sockets
stay for so many seconds, each announcing with offers every two minutes as browsers do; told are the most memory seen,
that of the first two minutes, and that at the end.
"""

import tempfile
from pathlib import Path
from statistics import median

from rows import against, options, report
from trackers import Run, compiled, in_turn, microseconds, npm_tracker, ours

TORRENTS, OFFERS, BYTES, OUTSTANDING = 100, 5, 600, 32
BUDGET = 0.8


def kib_per_socket(runs: list[Run], sockets: int) -> float:
    """Median of the memory that sockets which have announced take."""
    return median((run["full_kib"] - run["empty_kib"]) / sockets for run in runs)


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=5, seconds=4, sockets=1000, hold=0)
    sockets, hold = chosen.sockets, chosen.hold
    peer = None if hold else npm_tracker()
    paths = {"ours": "/tracker/socket", "npm bittorrent-tracker": "/"}
    runs: dict[str, list[Run]] = {server.name: [] for server in (ours(), peer) if server is not None}
    with tempfile.TemporaryDirectory() as folder:
        load = compiled("ws", Path(folder))
        for _ in range(chosen.rounds):
            for server in (ours(), peer):
                if server is not None:
                    arguments = [chosen.seconds, TORRENTS, sockets, OFFERS, BYTES, OUTSTANDING, hold]
                    found = in_turn({server.name: server}, load, [*arguments, paths[server.name]], 1)
                    runs[server.name] += found[server.name]
    us, kib = microseconds(runs["ours"]), kib_per_socket(runs["ours"], sockets)
    what, memory = f"WebSocket, {sockets:,} sockets, offers", f"WebSocket, memory of {sockets:,} sockets"
    if peer is not None:
        theirs = runs[peer.name]
        rows = [
            against(what, "us CPU/message", us, peer.name, microseconds(theirs), BUDGET),
            against(memory, "KiB/socket", kib, peer.name, kib_per_socket(theirs, sockets)),
        ]
    else:
        rows = [
            {"what": what, "unit": "us CPU/message", "ours": us},
            {"what": memory, "unit": "KiB/socket", "ours": kib},
        ]
    if hold:
        for field, when in (
            ("held_first_kib", "most in 2 minutes"),
            ("held_kib", f"most in {hold} s"),
            ("held_end_kib", "then"),
        ):
            most = max(run[field] for run in runs["ours"])
            rows.append({"what": f"{sockets:,} sockets held, memory, {when}", "unit": "MiB", "ours": most / 1024})
        messages = [run["held_cpu"] / run["held_messages"] * 1e6 for run in runs["ours"]]
        rows.append(
            {"what": f"{sockets:,} sockets held, a message", "unit": "us CPU/message", "ours": median(messages)}
        )
        if any(run["held_errors"] for run in runs["ours"]):
            raise SystemExit("wrong answers while the sockets were held")
    report("tracker_websocket", rows, chosen)


if __name__ == "__main__":
    main()
