"""An upload of 1 GiB: how fast, with how much CPU, and how much memory it takes.

    .venv/bin/python benchmarks/upload.py [--rounds 3] [--mib 1024] [--folder DIR] [--json FILE]

curl sends a clip with zeros behind it, which players ignore, over loopback. The pod syncs it before it answers, so a
slow disk decides: what the disk itself takes (the same bytes written and synced by one plain program) is told beside,
and ``--folder /dev/shm`` leaves the disk out. Memory is the growth of the most that the process held (VmHWM).
"""

import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from measured import cpu_seconds, memory, middle, pid_of, pods, reset_peak
from rows import options, report

from tests.end_to_end.pods import make_clip

BUDGET_MB, BUDGET_MIB = 300, 20


def of_disk(folder: Path, size: int) -> float:
    """MB/s that a plain program can write and sync."""
    block, began = bytes(2**20), time.monotonic()
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(size // len(block)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return size / 1e6 / (time.monotonic() - began)


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, rounds=3, mib=1024, folder=tempfile.gettempdir())
    size, runs, disk = chosen.mib * 2**20, [], []
    with (
        patch.object(tempfile, "tempdir", chosen.folder),
        tempfile.TemporaryDirectory() as name,
        pods(1) as network,
    ):
        (api,) = network.apis
        pid, large = pid_of(api), make_clip(Path(name) / "clip.mp4", seconds=10)
        os.truncate(large, size)
        for number in range(chosen.rounds):
            disk.append(of_disk(Path(name), size))
            reset_peak(pid)
            before, used, began = memory(pid), cpu_seconds(pid), time.monotonic()
            uuid = api.upload(large, f"Large {number}")["uuid"]
            seconds = time.monotonic() - began
            used, growth = cpu_seconds(pid) - used, (memory(pid, "VmHWM") - before) / 2**20
            runs.append((size / 1e6 / seconds, used, growth))
            api.published(uuid)
            api.call("DELETE", f"/videos/{uuid}")
    speed, used, growth = (middle([run[column] for run in runs]) for column in range(3))
    what, place = f"upload of {chosen.mib} MiB", "" if chosen.folder != "/dev/shm" else ", files in memory"
    rows = [
        {"what": what + place, "unit": "MB/s", "ours": speed, "budget": f"{BUDGET_MB} MB/s at least"},
        {"what": f"the same bytes written and synced by one program{place}", "unit": "MB/s", "ours": middle(disk)},
        {"what": f"{what}{place}, CPU", "unit": "s CPU", "ours": used},
        {"what": f"{what}{place}, more memory", "unit": "MiB", "ours": growth, "budget": f"{BUDGET_MIB} MiB"},
    ]
    report("upload", rows, chosen)


if __name__ == "__main__":
    main()
