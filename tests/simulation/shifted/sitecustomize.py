"""For processes of the simulation: what is particular to one of several pods on one machine.

``SIMULATE_CLOCK_SHIFT``: the clock of the whole process is wrong by so many seconds. ``SIMULATE_SOURCE``: the address
from which it connects to others, so that they can be told apart.
"""

import os
import socket
import time

_shift = float(os.environ.get("SIMULATE_CLOCK_SHIFT") or 0)
if _shift:
    _right = time.time
    time.time = lambda: _right() + _shift

_source = os.environ.get("SIMULATE_SOURCE")
if _source:
    _connect = socket.socket.connect_ex

    def _connect_from_source(self, address):
        outward = self.family == socket.AF_INET and self.type == socket.SOCK_STREAM and address[0].startswith("127.")
        if outward and not self.getsockname()[1]:
            self.bind((_source, 0))
        return _connect(self, address)

    socket.socket.connect_ex = _connect_from_source
