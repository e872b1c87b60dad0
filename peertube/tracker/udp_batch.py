"""A batch of datagrams, and the answers to it, where they lie in memory.

Slot k holds a sender's socket address and behind it what it sent; slot k of the replies what goes back to it. The
system reads and writes these bytes itself (`datagrams`), so nothing is copied that nobody looks at.
"""

import struct
from collections.abc import Iterator
from ipaddress import ip_address

from peertube.tracker.udp_codec import ANNOUNCE_FIELDS

BATCH = 64
DATAGRAM_SIZE = 2048
"""Bytes of a datagram that are read; no request is so long."""
REPLY_SIZE = 1024
REPLY_STEP = REPLY_SIZE + 64
"""Bytes from reply to reply: not a power of two, which would have them all compete for the same lines of a cache."""
ADDRESS_ROOM = 32
SLOT_SIZE = ADDRESS_ROOM + DATAGRAM_SIZE
SOCKET_ADDRESS_SIZE = {4: 16, 16: 28}
"""Bytes of struct sockaddr_in and sockaddr_in6, by those of an address."""
_ADDRESS = {4: "4x4s24x", 16: "8x16s8x"}
"""struct sockaddr_in and sockaddr_in6 in their room: of each only the address."""

Slot = tuple[bytes, bytes, int, bytes, bytes, int, int, int, bytes]
"""Address of the sender (4 or 16 bytes), then `udp_codec.ANNOUNCE_FIELDS`."""


def socket_address(name: bytes) -> tuple[int, tuple[str, int]]:
    """The bytes of an address, 4 or 16, and (address, port), in a struct sockaddr_in or sockaddr_in6."""
    port = int.from_bytes(name[2:4], "big")
    size, packed = (4, name[4:8]) if len(name) == SOCKET_ADDRESS_SIZE[4] else (16, name[8:24])
    return size, (str(ip_address(packed)), port)


class Batch:
    """Room for `BATCH` datagrams, and for the replies.

    :param address_size: bytes of an address, 4 or 16.
    """

    def __init__(self, address_size: int) -> None:
        self.address_size = address_size
        self.received = bytearray(BATCH * SLOT_SIZE)
        self.replies = bytearray(BATCH * REPLY_STEP)
        self.lengths: list[int] = []
        """Of the payloads that have come."""
        self.reply_lengths = [0] * BATCH
        """Of the replies, by slot; 0 for silence."""
        rest = DATAGRAM_SIZE - struct.calcsize(">" + ANNOUNCE_FIELDS)
        self._slots = struct.Struct(f">{_ADDRESS[address_size]}{ANNOUNCE_FIELDS}{rest}x")
        self._view = memoryview(self.received)
        self.slot_numbers, self.reply_starts = range(BATCH), range(0, BATCH * REPLY_STEP, REPLY_STEP)

    def slots(self) -> Iterator[Slot]:
        """All that have come, each read as an announce. Who is shorter shows leftovers of others: see `lengths`."""
        return self._slots.iter_unpack(self._view[: len(self.lengths) * SLOT_SIZE])

    def payload(self, number: int) -> bytes:
        """A whole datagram."""
        start = number * SLOT_SIZE + ADDRESS_ROOM
        return bytes(self._view[start : start + self.lengths[number]])

    def sender(self, number: int) -> bytes:
        """The socket address from which it came."""
        start = number * SLOT_SIZE
        return bytes(self._view[start : start + SOCKET_ADDRESS_SIZE[self.address_size]])

    def reply(self, number: int, reply: bytes | None) -> None:
        """Say this, or nothing, to the sender of a datagram."""
        self.reply_lengths[number] = 0
        if reply:
            start = number * REPLY_STEP
            self.replies[start : start + len(reply)] = reply
            self.reply_lengths[number] = len(reply)
