"""Several processes on one UDP port, each with whole swarms: the kernel picks the socket by the info-hash.

With SO_REUSEPORT alone the kernel spreads datagrams by their addresses, so every swarm is torn into as many parts as
there are sockets. A classic BPF program (SO_ATTACH_REUSEPORT_CBPF, Linux 4.5) chooses instead:

    announce, scrape   the first byte of the (first) info-hash modulo the number of sockets
    anything shorter   (a connect) any socket, by the kernel's own hash: all processes share the secret of the ids

Sockets count in the order in which they were bound. A scrape of several torrents goes to who has the first of them.
"""

import ctypes
import socket
import struct
from collections.abc import Sequence

_SO_ATTACH_REUSEPORT_CBPF = 51
_INFO_HASH_AT = 16
_SHORTEST_WITH_INFO_HASH = 36
_ANY = 0xFFFFFFFF
_LOAD_LENGTH, _LOAD_BYTE = 0x80, 0x30
_JUMP_IF_AT_LEAST, _MODULO = 0x35, 0x94
_RETURN_CONSTANT, _RETURN_ACCUMULATOR = 0x06, 0x16


def is_possible() -> bool:
    """Whether this system can share a port so."""
    return hasattr(socket, "SO_REUSEPORT") and hasattr(ctypes.CDLL(None), "recvmmsg")


def owner(info_hash: bytes, sockets: int) -> int:
    """Which of so many sockets, counted from 0, gets the announces of a torrent."""
    return info_hash[0] % sockets


def program(sockets: int) -> bytes:
    """The classic BPF program that steers to one of so many sockets: instructions of 8 bytes (struct sock_filter)."""
    instructions = (
        (_LOAD_LENGTH, 0, 0, 0),
        (_JUMP_IF_AT_LEAST, 1, 0, _SHORTEST_WITH_INFO_HASH),
        (_RETURN_CONSTANT, 0, 0, _ANY),
        (_LOAD_BYTE, 0, 0, _INFO_HASH_AT),
        (_MODULO, 0, 0, sockets),
        (_RETURN_ACCUMULATOR, 0, 0, 0),
    )
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def share(sockets: Sequence[socket.socket], address: tuple[str, int]) -> int:
    """Bind UDP sockets, which nobody has bound yet, to one port, and steer datagrams among them; the port.

    `OSError` when the port is taken or the system cannot do this. Call it before the sockets go to their processes.
    """
    host, port = address
    # Any process of ours that shares the port too would be one of the group: first see that it is free.
    with socket.socket(sockets[0].family, socket.SOCK_DGRAM) as probe:
        if probe.family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((host, port))
        port = int(probe.getsockname()[1])
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, port))
        port = int(one.getsockname()[1])
    filters = ctypes.create_string_buffer(program(len(sockets)))
    length = len(filters.raw) // 8
    sockets[0].setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, struct.pack("@HP", length, ctypes.addressof(filters))
    )
    return port
