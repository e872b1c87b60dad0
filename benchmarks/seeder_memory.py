"""Memory of the hybrid seeder with many torrents in demand at once.

    .venv/bin/python benchmarks/seeder_memory.py [--torrents 200] [--rounds 1] [--json FILE]

The seeder is started as a pod does it, and gets so many torrents of 4 MiB each. A client (libtorrent, TCP) fetches all
of them from it at once; told are its own memory before, with the torrents taken up, and the most while it serves. The
bound is `seeding.hybrid.max_memory`, above which it ends itself; a pod gives it 100 torrents at most.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import libtorrent
from rows import options, report

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from peertube.torrents.seeder_messages import (  # noqa: E402
    Add,
    Command,
    Configure,
    Lines,
    Listening,
    Numbers,
    Report,
    encode,
    parse_report,
)

SIZE, PIECE = 4 * 2**20, 2**18
BOUND = 256 * 2**20


class Seeder:
    """A run of it."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "peertube.torrents.seeder"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._lines, self._said = Lines(), list[Report]()
        self.tell(
            Configure(
                listen="127.0.0.1:0",
                tracker="ws://127.0.0.1:9/tracker/socket",
                announce_seconds=120,
                scratch=str(folder / "scratch"),
                fetch_limit=2**30,
                connections=200,
                upload_rate=0,
                memory=BOUND,
                stun_server="",
                allow_private=True,
            )
        )

    def tell(self, command: Command) -> None:
        """Say what to do."""
        assert self._process.stdin is not None
        self._process.stdin.write(encode(command))
        self._process.stdin.flush()

    def next(self) -> Report:
        """What it says next."""
        assert self._process.stdout is not None
        while not self._said:
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                raise SystemExit("the seeder has ended")
            self._said += [parse_report(line) for line in self._lines.receive(data)]
        return self._said.pop(0)

    def numbers(self) -> Numbers:
        """How it goes."""
        while not isinstance(said := self.next(), Numbers):
            pass
        return said

    def close(self) -> None:
        """No more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def make(folder: Path, number: int) -> tuple[libtorrent.torrent_info, Path, Path]:
    """A file and its torrent."""
    file, torrent = folder / f"{number}.mp4", folder / f"{number}.torrent"
    content = hashlib.sha256(str(number).encode()).digest() * (SIZE // 32)
    file.write_bytes(content)
    pieces = b"".join(hashlib.sha1(content[at : at + PIECE]).digest() for at in range(0, SIZE, PIECE))
    info = {b"name": file.name.encode(), b"length": SIZE, b"piece length": PIECE, b"pieces": pieces}
    torrent.write_bytes(libtorrent.bencode({b"info": info}))
    return libtorrent.torrent_info(str(torrent)), torrent, file


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=1, torrents=200)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [make(folder, number) for number in range(chosen.torrents)]
        seeder, port = Seeder(folder), 0
        while not port:
            said = seeder.next()
            port = said.port if isinstance(said, Listening) else 0
        before = seeder.numbers().memory
        for info, torrent, file in made:
            seeder.tell(Add(str(info.info_hash()), str(torrent), str(file)))
        while len((numbers := seeder.numbers()).torrents) < chosen.torrents or not all(
            one.complete for one in numbers.torrents
        ):
            pass
        loaded = most = seeder.numbers().memory
        client = libtorrent.session(
            {"listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False, "active_limit": -1}
            | {"active_downloads": -1, "allow_multiple_connections_per_ip": True, "connections_limit": 500}
        )
        handles = []
        (folder / "client").mkdir()
        for info, _, _ in made:
            parameters = libtorrent.add_torrent_params()
            parameters.ti, parameters.save_path = info, str(folder / "client")
            handles.append(client.add_torrent(parameters))
        until, done = time.monotonic() + 120, 0
        while done < chosen.torrents and time.monotonic() < until:
            for handle in handles:
                if not handle.status().num_peers and not handle.status().is_seeding:
                    handle.connect_peer(("127.0.0.1", port))
            most = max(most, seeder.numbers().memory)
            done = sum(handle.status().is_seeding for handle in handles)
        seeder.close()
    mib, what = 2**20, f"seeder with {chosen.torrents} torrents"
    rows = [
        {"what": "seeder without torrents", "ours": before / mib},
        {"what": f"{what}, taken up", "ours": loaded / mib},
        {"what": f"{what}, most while {done} of them are fetched", "ours": most / mib, "budget": f"{BOUND // mib} MiB"},
    ]
    report("seeder_memory", [{**row, "unit": "MiB"} for row in rows], chosen)


if __name__ == "__main__":
    main()
