"""Many datagrams with one system call: `recvmmsg` and `sendmmsg` through ctypes, or a plain loop where they are absent.

All structures are made once and used for every batch.
"""

import ctypes
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from twisted.logger import Logger

from peertube.tracker.udp_batch import (
    ADDRESS_ROOM,
    BATCH,
    DATAGRAM_SIZE,
    REPLY_STEP,
    SLOT_SIZE,
    SOCKET_ADDRESS_SIZE,
    Batch,
)

_DONT_WAIT = 0x40
_log = Logger()


class Answers(Protocol):
    """Knows what to reply. Replies have `udp_batch.REPLY_SIZE` bytes at most."""

    def answer(self, datagram: bytes, address: bytes, now: float, /) -> bytes | None:
        """The reply to a payload from an address (4 or 16 bytes); None or nothing for silence."""
        ...

    def answer_batch(self, batch: Batch, now: float, failed: Callable[[], None], /) -> None:
        """Put the replies to a whole batch where they belong; calls `failed` about one that gets none by mistake."""
        ...


class Datagrams(Protocol):
    """A socket that is read and written many datagrams at a time, never waiting."""

    def exchange(self, answers: Answers, now: float) -> int:
        """Receive up to `BATCH` datagrams and send the replies to them; how many came.

        Replies that the system does not take are lost, as datagrams are. A datagram that `answers` cannot cope with
        costs nobody else a reply.

        :param now: seconds since 1970.
        """
        ...


def datagrams_of(udp: socket.socket) -> Datagrams:
    """The fastest way to use this socket here."""
    if sys.platform == "linux" and sys.maxsize > 2**32 and hasattr(_libc, "recvmmsg") and hasattr(_libc, "sendmmsg"):
        return BatchedDatagrams(udp)
    return PlainDatagrams(udp)


def _failed() -> None:
    _log.failure("could not answer a datagram")


class PlainDatagrams:
    """One system call for each datagram."""

    def __init__(self, udp: socket.socket) -> None:
        self._socket = udp

    def exchange(self, answers: Answers, now: float) -> int:
        """See `Datagrams`."""
        received = 0
        while received < BATCH:
            try:
                payload, sender = self._socket.recvfrom(DATAGRAM_SIZE)
            except OSError:
                break
            received += 1
            try:
                address = socket.inet_pton(self._socket.family, sender[0].partition("%")[0])
                reply = answers.answer(payload, address, now)
            except Exception:
                _failed()
                continue
            if reply:
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


class _Headers:
    """The structures that point at the payloads of a batch and at the socket addresses of its senders."""

    def __init__(self, first_address: int, address_size: int, first_payload: int, payload_step: int, room: int) -> None:
        self._vectors = (_Vector * BATCH)()
        self._headers = (_Header * BATCH)()
        for k in range(BATCH):
            self._vectors[k] = _Vector(first_payload + k * payload_step, room)
            message = self._headers[k].message
            message.name, message.name_length = first_address + k * SLOT_SIZE, address_size
            message.vectors, message.vector_count = ctypes.addressof(self._vectors[k]), 1
        step = ctypes.sizeof(_Header) // 4
        self.received_lengths = memoryview(self._headers).cast("B").cast("I")[_Header.length.offset // 4 :: step]
        self.lengths_to_send = memoryview(self._vectors).cast("B").cast("Q")[1::2]
        self.start = ctypes.addressof(self._headers)


class BatchedDatagrams:
    """Up to `BATCH` datagrams with one system call.

    The reply to datagram k goes out from slot k to the very bytes where its sender's address was received.
    """

    def __init__(self, udp: socket.socket) -> None:
        self._fileno = udp.fileno()
        self._batch = Batch(4 if udp.family == socket.AF_INET else 16)
        size = SOCKET_ADDRESS_SIZE[self._batch.address_size]
        slots, replies = (
            ctypes.addressof(ctypes.c_char.from_buffer(buffer))
            for buffer in (self._batch.received, self._batch.replies)
        )
        self._in = _Headers(slots, size, slots + ADDRESS_ROOM, SLOT_SIZE, DATAGRAM_SIZE)
        self._out = _Headers(slots, size, replies, REPLY_STEP, 0)
        self._receive = _libc.recvmmsg
        self._receive.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
        self._send = _libc.sendmmsg
        self._send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]

    def exchange(self, answers: Answers, now: float) -> int:
        """See `Datagrams`."""
        count: int = self._receive(self._fileno, self._in.start, BATCH, _DONT_WAIT, None)
        if count <= 0:
            return 0
        batch, lengths = self._batch, self._out.lengths_to_send
        batch.lengths = self._in.received_lengths[:count].tolist()
        answers.answer_batch(batch, now, _failed)
        first = 0
        for slot, length in enumerate(batch.reply_lengths[:count]):
            if length:
                lengths[slot] = length
            else:
                self._send_slots(first, slot)
                first = slot + 1
        self._send_slots(first, count)
        return count

    def _send_slots(self, first: int, behind: int) -> None:
        """Send the replies in these slots; one that cannot be sent is passed over."""
        while first < behind:
            taken = self._send(self._fileno, self._out.start + first * _HEADER_SIZE, behind - first, _DONT_WAIT)
            first += taken if taken > 0 else 1
