"""The words between the pod and its seeder, the child process that seeds to browsers and to ordinary clients alike.

Each message is one line of JSON. The pod writes to the seeder's standard input and reads its standard output::

    pod     {"do": "configure", "listen": "0.0.0.0:10000", "tracker": "ws://127.0.0.1:9000/tracker/socket", ...}
    seeder  {"say": "listening", "port": 10000}
    pod     {"do": "add", "info_hash": "14c11e...", "torrent": "/.../a.torrent", "file": "/.../web-videos/a.mp4"}
    pod     {"do": "connect", "info_hash": "14c11e...", "peers": ["203.0.113.7:6881", "[2001:db8::1]:6881"]}
    seeder  {"say": "numbers", "memory": 31457280, "uploaded": 1048576, "torrents": [...]}
    pod     {"do": "remove", "info_hash": "14c11e..."}

`configure` comes first and once; numbers come every few seconds. The end of its standard input ends the seeder. What
either side does not understand ends the conversation: both are of one version.
"""

from typing import ClassVar, cast

import msgspec
from msgspec import Struct

LONGEST_LINE = 2**20
"""Bytes of a line; a longer one is a mistake."""


class Malformed(Exception):
    """A line that is no message."""


class Configure(Struct, frozen=True, tag_field="do", tag="configure"):
    """How to seed.

    :param listen: addresses and port for TCP and uTP, as libtorrent spells them.
    :param tracker: the WebSocket of the pod's own tracker.
    :param announce_seconds: how often to announce there.
    :param scratch: a folder for files that the pod has lost.
    :param fetch_limit: bytes that may be fetched there in all.
    :param connections: how many peers in all.
    :param upload_rate: bytes a second, 0 for any number.
    :param memory: bytes; the seeder ends itself above.
    :param stun_server: asked for our address as browsers see it; empty for nobody.
    :param allow_private: whether peers may have addresses that are not of the open internet.
    """

    listen: str
    tracker: str
    announce_seconds: int
    scratch: str
    fetch_limit: int
    connections: int
    upload_rate: int
    memory: int
    stun_server: str
    allow_private: bool


class Add(Struct, frozen=True, tag_field="do", tag="add"):
    """Take up a torrent.

    :param file: where its one file should lie; it is never written to. When it is not there, as after a disk was lost,
        it is fetched from whoever has it, for the others.
    """

    info_hash: str
    torrent: str
    file: str


class Remove(Struct, frozen=True, tag_field="do", tag="remove"):
    """Put a torrent down."""

    info_hash: str


class Connect(Struct, frozen=True, tag_field="do", tag="connect"):
    """Peers of a torrent that announced by UDP and HTTP, as ``address:port``."""

    info_hash: str
    peers: list[str]


class Listening(Struct, frozen=True, tag_field="say", tag="listening"):
    """Peers can come; 0 when no port could be had."""

    port: int


class TorrentNumbers(Struct, frozen=True):
    """One torrent: how many peers are connected, and whether all of its file is here."""

    info_hash: str
    peers: int
    complete: bool


class Numbers(Struct, frozen=True, tag_field="say", tag="numbers"):
    """How it goes: bytes since the start of the process, peers over TCP and uTP (clients) and WebRTC (browsers)."""

    memory: int
    uploaded: int
    downloaded: int
    clients: int
    browsers: int
    torrents: list[TorrentNumbers]


class Failed(Struct, frozen=True, tag_field="say", tag="failed"):
    """A torrent cannot be seeded; it is put down again."""

    info_hash: str
    reason: str


Command = Configure | Add | Remove | Connect
Report = Listening | Numbers | Failed

_encode = msgspec.json.Encoder().encode
_command = msgspec.json.Decoder(Command)
_report = msgspec.json.Decoder(Report)


def encode(message: Command | Report) -> bytes:
    """The line of a message."""
    return _encode(message) + b"\n"


def parse_command(line: bytes) -> Command:
    """What the pod wants. `Malformed` when that cannot be understood."""
    return cast(Command, _parsed(_command, line))


def parse_report(line: bytes) -> Report:
    """What the seeder says. `Malformed` when that cannot be understood."""
    return cast(Report, _parsed(_report, line))


class Lines:
    """Cuts a stream into lines."""

    longest: ClassVar[int] = LONGEST_LINE

    def __init__(self) -> None:
        self._rest = b""

    def receive(self, received: bytes) -> list[bytes]:
        """The lines that are whole now. `Malformed` when one grows too long."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        if len(self._rest) > self.longest:
            raise Malformed("a line without end")
        return lines


def _parsed(decoder: "msgspec.json.Decoder[Command] | msgspec.json.Decoder[Report]", line: bytes) -> object:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed("not a message") from error
