"""The words between the pod and the other processes that share the port of its UDP tracker.

Each message is MessagePack with its length in front (4 bytes, big-endian), over a Unix socket that a process inherits::

    pod      configure   which of how many it is, how to track, the secret of the connection ids
    pod      know        all torrents of the pod that this process has the swarms of
    pod      learn       torrents that were published
    pod      forget      torrents that are public no longer
    pod      announce    a client that came by HTTP, or the pod's own seeder     process  announced
    pod      count       whose counts are wanted                                 process  counted
    process  numbers     every few seconds: how much there is, what is most in demand
    process  scrape      a client has asked by UDP for torrents of several processes; the pod answers it

`configure` comes first and once. The end of the connection ends the process. Info-hashes are 20 bytes, several of them
joined; addresses are 4 or 16 bytes.
"""

from collections.abc import Iterable
from typing import cast

import msgspec
from msgspec import Struct

LONGEST_MESSAGE = 2**20
HASHES_AT_ONCE = 40_000
"""So that a message stays within its bound."""
MOST_WANTED = 1000
"""Of so many torrents in demand a process tells."""


class Malformed(Exception):
    """Not a message."""


class Configure(Struct, frozen=True, tag="configure"):
    """How to track.

    :param index: which of the processes this is; the pod itself is 0.
    :param tells_demand: whether anybody wants to know which torrents are wanted.
    """

    index: int
    processes: int
    secret: bytes
    private: bool
    interval: int
    max_swarms: int
    max_peers_per_swarm: int
    requests_per_minute: int
    tells_demand: bool


class Know(Struct, frozen=True, tag="know"):
    """Torrents of the pod, of which this process has the swarms: some of all, and whether these are the last of them.

    All are told when a process begins, and it does not listen before.
    """

    info_hashes: bytes
    last: bool


class Learn(Struct, frozen=True, tag="learn"):
    """Torrents that were published."""

    info_hashes: bytes


class Forget(Struct, frozen=True, tag="forget"):
    """Torrents that are public no longer."""

    info_hashes: bytes


class Announce(Struct, frozen=True, tag="announce"):
    """An announce, as `Tracker.announce` takes it; `number` comes back with the answer."""

    number: int
    info_hash: bytes
    address: bytes
    port: int
    left: int
    event: int
    wanted: int


class Count(Struct, frozen=True, tag="count"):
    """Asks for counts."""

    number: int
    info_hashes: bytes


class Announced(Struct, frozen=True, tag="announced"):
    """The answer to an announce; `others` are peers of the other address family; `refused` says why there is none."""

    number: int
    complete: int = 0
    incomplete: int = 0
    downloaded: int = 0
    peers: bytes = b""
    others: bytes = b""
    refused: str = ""


class Counted(Struct, frozen=True, tag="counted"):
    """(complete, downloaded, incomplete) of each torrent asked for; None where nobody is."""

    number: int
    counts: list[tuple[int, int, int] | None]


class Numbers(Struct, frozen=True, tag="numbers"):
    """Counts by the names of `TrackerNumbers`, and how many peers want each torrent that is in demand."""

    numbers: dict[str, int]
    wanted: dict[bytes, int]


class Scrape(Struct, frozen=True, tag="scrape"):
    """A scrape whose sender has proved itself and is within its limit; `sender` is its socket address."""

    sender: bytes
    transaction_id: bytes
    info_hashes: bytes


Command = Configure | Know | Learn | Forget | Announce | Count
Report = Announced | Counted | Numbers | Scrape

encode = msgspec.msgpack.Encoder().encode
_command = msgspec.msgpack.Decoder(Command)
_report = msgspec.msgpack.Decoder(Report)


def parse_command(message: bytes) -> Command:
    """What the pod wants. `Malformed` when that cannot be understood."""
    return cast(Command, _parsed(_command, message))


def parse_report(message: bytes) -> Report:
    """What a process says. `Malformed` when that cannot be understood."""
    return cast(Report, _parsed(_report, message))


def joined(info_hashes: Iterable[bytes]) -> list[bytes]:
    """Info-hashes in as many pieces as they need messages; one at least."""
    hashes = list(info_hashes)
    starts = range(0, max(1, len(hashes)), HASHES_AT_ONCE)
    return [b"".join(hashes[start : start + HASHES_AT_ONCE]) for start in starts]


def separate(info_hashes: bytes) -> list[bytes]:
    """The info-hashes again."""
    return [info_hashes[start : start + 20] for start in range(0, len(info_hashes), 20)]


def _parsed(decoder: "msgspec.msgpack.Decoder[Command] | msgspec.msgpack.Decoder[Report]", message: bytes) -> object:
    try:
        return decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Malformed("not a message") from error
