"""The seeder: a program of its own with a libtorrent session, which speaks WebRTC with browsers and TCP and uTP with
ordinary clients, so that each can have what the other one has.

The pod starts it as ``python -m peertube.torrents.seeder`` and talks with it as `seeder_messages` says. It reads what
strangers send, so it runs apart from the pod: with little priority, a limit on memory, no way to the pod's database,
and it never writes to a file of the pod. Peers outside the open internet are refused unless the pod allows them; it
asks no DHT, no local network, no router, and announces to nobody but the pod's own tracker over its WebSocket. The
pod itself announces it to the swarms of ordinary clients, under the address by which the world reaches the pod.
"""

import os
import resource
import select
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import libtorrent

from peertube.policy.addresses import special_ranges
from peertube.torrents.seeder_messages import (
    Add,
    Command,
    Configure,
    Connect,
    Failed,
    Lines,
    Listening,
    Malformed,
    Numbers,
    Remove,
    Report,
    TorrentNumbers,
    encode,
    parse_command,
)

_TURN_SECONDS = 0.5
_TURNS_PER_REPORT = 4
_NICENESS = 5
_OFFERS = 5
_GOODBYE_SECONDS = 2
_BLOCKED = 1
_ALERTS_KEPT = 1000
_HEADROOM = 2**28
"""Bytes that are reserved but not held: stacks of threads, room that the allocator keeps."""


class TooMuchMemory(Exception):
    """More than was allowed; the pod starts another seeder."""


class Seeder:
    """One session and its torrents."""

    def __init__(self, settings: Configure) -> None:
        self._settings = settings
        self._session = libtorrent.session(cast(Any, _session_settings(settings)))
        if not settings.allow_private:
            self._session.set_ip_filter(_filter())
        self._torrents: dict[str, Any] = {}
        self._fetched: dict[str, int] = {}
        self._clients = self._uploaded = self._downloaded = 0

    def obey(self, command: Command) -> Report | None:
        """Do what the pod wants."""
        match command:
            case Add():
                return self._add(command)
            case Remove():
                self._remove(command.info_hash)
            case Connect():
                self._connect(command)
            case Configure():
                raise Malformed("configured twice")
        return None

    def listening(self) -> Listening:
        """Where peers can come."""
        return Listening(self._session.listen_port() if self._session.is_listening() else 0)

    def failures(self) -> list[Failed]:
        """Torrents that broke since the last call; they are put down. Also takes note of what `numbers` will tell."""
        failed = []
        self._session.post_session_stats()
        for alert in self._session.pop_alerts():
            if isinstance(alert, libtorrent.session_stats_alert):
                counted = alert.values
                self._clients = counted["peer.num_tcp_peers"] + counted["peer.num_utp_peers"]
                self._clients = max(0, self._clients - counted["peer.num_peers_half_open"])
                self._uploaded = counted["net.sent_payload_bytes"]
                self._downloaded = counted["net.recv_payload_bytes"]
            elif isinstance(alert, libtorrent.torrent_error_alert | libtorrent.file_error_alert):
                info_hash = str(alert.handle.info_hashes().v1)
                if info_hash in self._torrents:
                    self._remove(info_hash)
                    failed.append(Failed(info_hash, alert.error.message()))
        return failed

    def numbers(self) -> Numbers:
        """How it goes."""
        torrents = []
        for info_hash, handle in self._torrents.items():
            peers = [peer for peer in handle.get_peer_info() if not peer.flags & (peer.connecting | peer.handshake)]
            torrents.append(TorrentNumbers(info_hash, len(peers), bool(handle.status(0).is_seeding)))
        clients = min(self._clients, sum(torrent.peers for torrent in torrents))
        browsers = sum(torrent.peers for torrent in torrents) - clients
        return Numbers(own_memory(), self._uploaded, self._downloaded, clients, browsers, torrents)

    def close(self) -> None:
        """Say goodbye to the tracker and to peers."""
        for info_hash in list(self._torrents):
            self._remove(info_hash)
        del self._session

    def _add(self, command: Add) -> Failed | None:
        if command.info_hash in self._torrents:
            return None
        try:
            parameters: Any = libtorrent.load_torrent_file(command.torrent)
            if str(parameters.info_hashes.v1) != command.info_hash or parameters.ti.num_files() != 1:
                return Failed(command.info_hash, "another torrent")
            if not self._place(parameters, command):
                return Failed(command.info_hash, "the file is not there, and too large to be fetched from others")
            parameters.trackers, parameters.tracker_tiers = [self._settings.tracker], [0]
            parameters.url_seeds = []
            self._torrents[command.info_hash] = self._session.add_torrent(parameters)
        except (RuntimeError, OSError) as error:
            return Failed(command.info_hash, str(error))
        return None

    def _place(self, parameters: Any, command: Add) -> bool:
        """Say where the file is, or where it shall be; False when it can be nowhere.

        In seed mode pieces are checked when they are first sent; in upload mode nothing is written.
        """
        flags = libtorrent.torrent_flags
        parameters.flags = flags.override_trackers | flags.override_web_seeds | flags.disable_dht | flags.disable_lsd
        size, file = parameters.ti.total_size(), Path(command.file)
        with suppress(OSError):
            if file.stat().st_size == size:
                parameters.save_path, parameters.renamed_files = str(file.parent), {0: file.name}
                parameters.flags |= flags.seed_mode | flags.upload_mode
                return True
        if sum(self._fetched.values()) + size > self._settings.fetch_limit:
            return False
        self._fetched[command.info_hash] = size
        folder = Path(self._settings.scratch, command.info_hash)
        folder.mkdir(parents=True, exist_ok=True)
        parameters.save_path, parameters.renamed_files = str(folder), {0: "file"}
        return True

    def _remove(self, info_hash: str) -> None:
        handle = self._torrents.pop(info_hash, None)
        if handle is not None:
            self._session.remove_torrent(handle)
            self._fetched.pop(info_hash, None)
            shutil.rmtree(Path(self._settings.scratch, info_hash), ignore_errors=True)

    def _connect(self, command: Connect) -> None:
        handle = self._torrents.get(command.info_hash)
        if handle is None:
            return
        for peer in command.peers:
            address, _, port = peer.rpartition(":")
            with suppress(RuntimeError):
                handle.connect_peer((address.strip("[]"), int(port)))


def _session_settings(settings: Configure) -> dict[str, Any]:
    return {
        "listen_interfaces": settings.listen,
        "listen_system_port_fallback": False,
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "user_agent": "PeerTube pod",
        "connections_limit": settings.connections,
        "unchoke_slots_limit": max(8, settings.connections // 4),
        "upload_rate_limit": settings.upload_rate,
        "ignore_limits_on_local_network": False,
        "webtorrent_stun_server": settings.stun_server,
        "max_webtorrent_offers": _OFFERS,
        "min_websocket_announce_interval": settings.announce_seconds,
        "allow_multiple_connections_per_ip": True,
        "no_connect_privileged_ports": not settings.allow_private,
        "max_queued_disk_bytes": 2**20,
        "max_peer_recv_buffer_size": 2**18,
        "send_buffer_watermark": 2**18,
        "hashing_threads": 1,
        "aio_threads": 2,
        "alert_mask": libtorrent.alert.category_t.error_notification,
        "alert_queue_size": _ALERTS_KEPT,
        "stop_tracker_timeout": 1,
        "close_redundant_connections": True,
        "min_reconnect_time": 10,
        "active_seeds": -1,
        "active_limit": -1,
        "active_downloads": -1,
    }


def _filter() -> Any:
    """Refuses TCP and uTP with whoever is not of the open internet.

    libtorrent does not ask it about WebRTC. There the pod's tracker leaves such addresses out of the offers and
    answers that it passes on to the seeder (`peertube.tracker.candidates`); a peer that comes from there by itself
    must still know the secret of that one connection (ICE).
    """
    made = libtorrent.ip_filter()
    for first, last in special_ranges():
        made.add_rule(first, last, _BLOCKED)
    return made


def own_memory() -> int:
    """Bytes of memory of this process that are its own, not pages of files."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _write(report: Report) -> None:
    line = encode(report)
    while line:
        line = line[os.write(1, line) :]


def _commands(lines: Lines, seconds: float) -> list[Command] | None:
    """What the pod has written within so many seconds; None when it will write no more."""
    if not select.select([0], [], [], seconds)[0]:
        return []
    received = os.read(0, 65_536)
    return [parse_command(line) for line in lines.receive(received)] if received else None


def _configured(lines: Lines) -> tuple[Configure, list[Command]] | None:
    """The first message and what came with it."""
    while (commands := _commands(lines, 60)) is not None:
        if commands:
            first, *others = commands
            if not isinstance(first, Configure):
                raise Malformed("not configured")
            return first, others
    return None


def _seed(seeder: Seeder, settings: Configure, lines: Lines, commands: list[Command] | None) -> None:
    """Until the pod says no more."""
    turn = 0
    told = 0
    while commands is not None:
        for command in commands:
            failed = seeder.obey(command)
            if failed is not None:
                _write(failed)
        for failure in seeder.failures():
            _write(failure)
        listening = seeder.listening()
        if listening.port != told:
            told = listening.port
            _write(listening)
        if turn % _TURNS_PER_REPORT == 0:
            numbers = seeder.numbers()
            _write(numbers)
            if numbers.memory > settings.memory:
                raise TooMuchMemory
        turn += 1
        commands = _commands(lines, _TURN_SECONDS)


def main() -> int:
    """Seed until standard input ends; the exit status."""
    os.nice(_NICENESS)
    lines = Lines()
    try:
        configured = _configured(lines)
        if configured is None:
            return 0
        settings, commands = configured
        # What it holds is looked at every few seconds; this is for what cannot wait so long.
        most = settings.memory + _HEADROOM
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        shutil.rmtree(settings.scratch, ignore_errors=True)
        seeder = Seeder(settings)
        try:
            _seed(seeder, settings, lines, commands)
        finally:
            seeder.close()
            shutil.rmtree(settings.scratch, ignore_errors=True)
    except BrokenPipeError:
        return 0
    except Malformed as error:
        sys.stderr.write(f"cannot understand the pod: {error}\n")
        return 2
    except TooMuchMemory:
        sys.stderr.write("used more memory than seeding.hybrid.max_memory allows\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
