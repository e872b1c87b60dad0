"""For processes of the simulation: what is particular to one of several pods on one machine.

``SIMULATE_CLOCK``: a file with a number (8 bytes) of seconds by which the clock of the whole process is wrong; it may
change at any time. ``SIMULATE_SOURCE``: the address from which it connects to others, so that they can be told apart.
"""

import mmap
import os
import socket
import struct
import time

_clock = os.environ.get("SIMULATE_CLOCK")
if _clock:
    _right = time.time
    with open(_clock, "rb") as _file:
        _shift = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)
    time.time = lambda: _right() + struct.unpack_from("d", _shift)[0]

_source = os.environ.get("SIMULATE_SOURCE")
if _source:
    _connect = socket.socket.connect_ex

    def _connect_from_source(self, address):
        outward = self.family == socket.AF_INET and self.type == socket.SOCK_STREAM and address[0].startswith("127.")
        if outward and not self.getsockname()[1]:
            self.bind((_source, 0))
        return _connect(self, address)

    socket.socket.connect_ex = _connect_from_source
