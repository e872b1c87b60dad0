"""Many datagrams with one system call: `recvmmsg` and `sendmmsg` through ctypes, or a plain loop where they are absent.

All structures are made once and used for every batch.
"""

import ctypes
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from twisted.logger import Logger

BATCH = 64
_DATAGRAM_SIZE = 2048
REPLY_SIZE = 1024
_DONT_WAIT = 0x40
_log = Logger()


Answer = Callable[[bytes, bytes], bytes | None]
"""From a payload and its sender's address (4 or 16 bytes) to the reply, of `REPLY_SIZE` bytes at most, or None."""


class Datagrams(Protocol):
    """A socket that is read and written many datagrams at a time, never waiting."""

    def exchange(self, answer: Answer) -> int:
        """Receive up to `BATCH` datagrams and send the replies to them; how many came.

        Replies that the system does not take are lost, as datagrams are. A datagram that `answer` cannot cope with
        costs nobody else a reply.
        """
        ...


def datagrams_of(udp: socket.socket) -> Datagrams:
    """The fastest way to use this socket here."""
    if sys.platform == "linux" and sys.maxsize > 2**32 and hasattr(_libc, "recvmmsg") and hasattr(_libc, "sendmmsg"):
        return BatchedDatagrams(udp)
    return PlainDatagrams(udp)


class PlainDatagrams:
    """One system call for each datagram."""

    def __init__(self, udp: socket.socket) -> None:
        self._socket = udp

    def exchange(self, answer: Answer) -> int:
        """See `Datagrams`."""
        received = 0
        while received < BATCH:
            try:
                payload, sender = self._socket.recvfrom(_DATAGRAM_SIZE)
            except OSError:
                break
            received += 1
            try:
                reply = answer(payload, socket.inet_pton(self._socket.family, sender[0].partition("%")[0]))
            except Exception:
                _log.failure("could not answer a datagram")
                continue
            if reply is not None:
                with suppress(OSError):
                    self._socket.sendto(reply, sender)
        return received


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    """struct msghdr of 64-bit Linux."""

    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Header(ctypes.Structure):
    """struct mmsghdr: a message and the length of what was received."""

    _fields_ = [("message", _Message), ("length", ctypes.c_uint32)]


_HEADER_SIZE = ctypes.sizeof(_Header)
_libc = ctypes.CDLL(None)


class _Slots:
    """Room for the payloads of a batch, and the structures that point at it and at `BATCH` socket addresses."""

    def __init__(self, payload_size: int, addresses: memoryview) -> None:
        self.payloads = bytearray(BATCH * payload_size)
        self._vectors = (_Vector * BATCH)()
        self.headers = (_Header * BATCH)()
        address_size = len(addresses) // BATCH
        first_payload = ctypes.addressof(ctypes.c_char.from_buffer(self.payloads))
        first_address = ctypes.addressof(ctypes.c_char.from_buffer(addresses))
        for k in range(BATCH):
            self._vectors[k] = _Vector(first_payload + k * payload_size, payload_size)
            message = self.headers[k].message
            message.name, message.name_length = first_address + k * address_size, address_size
            message.vectors, message.vector_count = ctypes.addressof(self._vectors[k]), 1
        step = ctypes.sizeof(_Header) // 4
        self.received_lengths = memoryview(self.headers).cast("B").cast("I")[_Header.length.offset // 4 :: step]
        self.lengths_to_send = memoryview(self._vectors).cast("B").cast("Q")[1::2]
        self.start = ctypes.addressof(self.headers)


class BatchedDatagrams:
    """Up to `BATCH` datagrams with one system call.

    The reply to datagram k goes out from slot k to the very bytes where its sender's address was received.
    """

    def __init__(self, udp: socket.socket) -> None:
        self._fileno = udp.fileno()
        if udp.family == socket.AF_INET:
            self._sockaddr_size, self._address = struct.calcsize("HH4s8x"), slice(4, 8)
        else:
            self._sockaddr_size, self._address = struct.calcsize("HHI16sI"), slice(8, 24)
        self._senders = bytearray(BATCH * self._sockaddr_size)
        self._in = _Slots(_DATAGRAM_SIZE, memoryview(self._senders))
        self._out = _Slots(REPLY_SIZE, memoryview(self._senders))
        self._receive = _libc.recvmmsg
        self._receive.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
        self._send = _libc.sendmmsg
        self._send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]

    def exchange(self, answer: Answer) -> int:
        """See `Datagrams`."""
        count: int = self._receive(self._fileno, self._in.start, BATCH, _DONT_WAIT, None)
        if count <= 0:
            return 0
        payloads, senders, size = memoryview(self._in.payloads), bytes(self._senders), self._sockaddr_size
        replies, lengths = self._out.payloads, self._out.lengths_to_send
        first = at = start = 0
        sender = self._address.start
        address_size = self._address.stop - sender
        for k, length in enumerate(self._in.received_lengths[:count].tolist()):
            try:
                reply = answer(bytes(payloads[at : at + length]), senders[sender : sender + address_size])
            except Exception:
                _log.failure("could not answer a datagram")
                reply = None
            if reply is None:
                self._send_slots(first, k)
                first = k + 1
            else:
                lengths[k] = length = len(reply)
                replies[start : start + length] = reply
            at += _DATAGRAM_SIZE
            start += REPLY_SIZE
            sender += size
        self._send_slots(first, count)
        return count

    def _send_slots(self, first: int, behind: int) -> None:
        """Send the replies in these slots; one that cannot be sent is passed over."""
        while first < behind:
            taken = self._send(self._fileno, self._out.start + first * _HEADER_SIZE, behind - first, _DONT_WAIT)
            first += taken if taken > 0 else 1
