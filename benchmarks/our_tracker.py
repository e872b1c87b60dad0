"""Our tracker alone, for the benchmarks: ``our_tracker.py PORT PORTS_PER_ADDRESS``, until killed.

It serves UDP, HTTP and WebSocket on one port of loopback, with the front and the site of a pod. PORTS_PER_ADDRESS is
how many peers one address may have in a swarm: 8 in a pod, more where a load has few addresses. For the same reason
addresses may ask as often as they like and have as many sockets as they like.
"""

import os
import sys
from random import random
from typing import Any, cast

from twisted.internet import epollreactor

epollreactor.install()
from trackers import TORRENTS, info_hash  # noqa: E402 (after the reactor)
from twisted.internet import reactor  # noqa: E402
from twisted.internet.defer import ensureDeferred  # noqa: E402
from twisted.web.resource import Resource  # noqa: E402

from peertube.http.addresses import ClientAddresses  # noqa: E402
from peertube.http.authentication import Gate  # noqa: E402
from peertube.http.front import listening_with  # noqa: E402
from peertube.http.problems import Problems  # noqa: E402
from peertube.http.routing import client_address  # noqa: E402
from peertube.http.site import PodSite, Root  # noqa: E402
from peertube.tracker import webtorrent  # noqa: E402
from peertube.tracker.announce import Tracker  # noqa: E402
from peertube.tracker.part import TrackerPart  # noqa: E402


def main(port: int, ports_per_address: int) -> None:
    """Serve."""
    webtorrent._MAX_SOCKETS_PER_ADDRESS = 1_000_000
    tracker = Tracker(
        private=True,
        interval=900,
        websocket_interval=120,
        max_swarms=1_000_000,
        max_peers_per_swarm=2_000_000,
        requests_per_minute=0,
        max_sockets=1_000_000,
        rng=random,
        ports_per_address=ports_per_address,
    )
    clock = cast(Any, reactor)
    part = TrackerPart(tracker=tracker, interface="127.0.0.1", udp_port=port, reactor=clock, secret=os.urandom(32))
    part.set_known(info_hash(torrent) for torrent in range(TORRENTS))
    nothing = cast(Any, None)
    gate = Gate(
        tokens=nothing,
        counters=nothing,
        clock=nothing,
        limit=nothing,
        problems=Problems({}),
        addresses=ClientAddresses(["loopback"]),
        tasks=nothing,
    )
    root = Root({b"tracker": part.resource(lambda request: client_address(gate, request))}, Resource())
    site = PodSite(root, reactor=clock, gate=gate)
    listening_with(part.short_path(gate.addresses.client), lambda _: lambda: None)(clock, port, site, "127.0.0.1")
    ensureDeferred(part.start())
    clock.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
