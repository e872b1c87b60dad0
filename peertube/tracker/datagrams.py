"""Many datagrams with one system call: `recvmmsg` and `sendmmsg` through ctypes, or a plain loop where they are absent.

All structures are made once and used for every batch.
"""

import ctypes
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Any, Protocol

BATCH = 64
_DATAGRAM_SIZE = 2048
_REPLY_SIZE = 1024
_DONT_WAIT = 0x40


Datagram = tuple[bytes, bytes, Any]
"""Payload, address (4 or 16 bytes), and what `send` needs to reply to the sender."""


class Datagrams(Protocol):
    """A socket that is read and written many datagrams at a time, never waiting."""

    def receive(self) -> Sequence[Datagram]:
        """Up to `BATCH` datagrams; fewer when there are no more."""
        ...

    def send(self, replies: Sequence[tuple[bytes, Any]]) -> None:
        """Send each payload to its receiver; what the system does not take is lost, as datagrams are."""
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

    def receive(self) -> Sequence[Datagram]:
        """See `Datagrams`."""
        received = []
        try:
            for _ in range(BATCH):
                payload, sender = self._socket.recvfrom(_DATAGRAM_SIZE)
                address = socket.inet_pton(self._socket.family, sender[0].partition("%")[0])
                received.append((payload, address, sender))
        except OSError:
            pass
        return received

    def send(self, replies: Sequence[tuple[bytes, Any]]) -> None:
        """See `Datagrams`."""
        for payload, receiver in replies:
            try:
                self._socket.sendto(payload, receiver)
            except OSError:
                continue


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


_libc = ctypes.CDLL(None)


class _Buffers:
    """Room for a batch: payloads, addresses, and the structures that point at them."""

    def __init__(self, payload_size: int, address_size: int) -> None:
        self.payloads = memoryview(bytearray(BATCH * payload_size))
        self.addresses = memoryview(bytearray(BATCH * address_size))
        self._vectors = (_Vector * BATCH)()
        self.headers = (_Header * BATCH)()
        first_payload = ctypes.addressof(ctypes.c_char.from_buffer(self.payloads))
        first_address = ctypes.addressof(ctypes.c_char.from_buffer(self.addresses))
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
    """Up to `BATCH` datagrams with one system call."""

    def __init__(self, udp: socket.socket) -> None:
        self._fileno = udp.fileno()
        if udp.family == socket.AF_INET:
            self._sockaddr_size, self._address = struct.calcsize("HH4s8x"), slice(4, 8)
        else:
            self._sockaddr_size, self._address = struct.calcsize("HHI16sI"), slice(8, 24)
        self._in = _Buffers(_DATAGRAM_SIZE, self._sockaddr_size)
        self._out = _Buffers(_REPLY_SIZE, self._sockaddr_size)
        self._receive = _libc.recvmmsg
        self._receive.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
        self._send = _libc.sendmmsg
        self._send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]

    def receive(self) -> Sequence[Datagram]:
        """See `Datagrams`."""
        count = self._receive(self._fileno, self._in.start, BATCH, _DONT_WAIT, None)
        if count <= 0:
            return ()
        payloads, size, part = self._in.payloads, self._sockaddr_size, self._address
        senders = bytes(self._in.addresses[: count * size])
        received = []
        for k, length in enumerate(self._in.received_lengths[:count].tolist()):
            start = k * _DATAGRAM_SIZE
            sender = senders[k * size : k * size + size]
            received.append((bytes(payloads[start : start + length]), sender[part], sender))
        return received

    def send(self, replies: Sequence[tuple[bytes, Any]]) -> None:
        """See `Datagrams`."""
        payloads, addresses, size = self._out.payloads, self._out.addresses, self._sockaddr_size
        lengths = self._out.lengths_to_send
        for k, (payload, receiver) in enumerate(replies):
            start, length = k * _REPLY_SIZE, len(payload)
            payloads[start : start + length] = payload
            lengths[k] = length
            addresses[k * size : k * size + size] = receiver
        sent, count = 0, len(replies)
        while sent < count:
            taken = self._send(self._fileno, self._out.start + sent * ctypes.sizeof(_Header), count - sent, _DONT_WAIT)
            sent += taken if taken > 0 else 1
