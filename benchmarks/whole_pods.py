"""Whole pods: start, idle memory, publication, propagation to a friend, an upload of many bytes.

    .venv/bin/python benchmarks/whole_pods.py [--rounds 5] [--mib 1024] [--json]

Two pods that are friends, as ``bin/play`` runs them (SQLite, short intervals). The large upload is a clip with zeros
behind it, which players ignore; memory is the growth of the most that the process held (VmHWM).
"""

import tempfile
import time
from pathlib import Path

from measured import memory, middle, options, pid_of, pods, reset_peak, tell

from tests.end_to_end.pods import Api, ApiError, eventually, make_clip


def published(api: Api, uuid: str) -> bool:
    """Whether a pod shows a video."""
    try:
        return bool(api.call("GET", f"/videos/{uuid}")["files"][0].get("torrentUrl"))
    except (ApiError, IndexError):
        return False


def until(api: Api, uuid: str) -> None:
    """Wait, looking every few milliseconds."""
    while not published(api, uuid):
        time.sleep(0.005)


def main() -> None:
    """Measure and print."""
    asked = options(__doc__, rounds=5, mib=1024)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, pods(1) as network:
        start = time.monotonic() - began
        time.sleep(2)
        idle = memory(pid_of(network.apis[0])) / 2**20
    publishing, visible = [], []
    with tempfile.TemporaryDirectory() as name, pods(2, friends=True) as network:
        here, there = network.apis
        clip = make_clip(Path(name) / "clip.mp4", seconds=10)
        for number in range(asked.rounds):
            began = time.monotonic()
            uuid = here.upload(clip, f"Clip {number}")["uuid"]
            until(here, uuid)
            publishing.append(time.monotonic() - began)
            until(there, uuid)
            visible.append(time.monotonic() - began)
        large = Path(name) / "large.mp4"
        large.write_bytes(clip.read_bytes())
        with large.open("ab") as file:
            file.truncate(asked.mib * 2**20)
        pid = pid_of(here)
        reset_peak(pid)
        before, began = memory(pid), time.monotonic()
        uuid = here.upload(large, "Large")["uuid"]
        seconds = time.monotonic() - began
        growth = (memory(pid, "VmHWM") - before) / 2**20
        eventually(lambda: published(here, uuid), seconds=60)
    figures = {
        "start s": start,
        "idle MiB": idle,
        "published s": middle(publishing),
        "visible s": middle(visible),
        "upload MB/s": asked.mib * 2**20 / 1e6 / seconds,
        "upload growth MiB": growth,
    }
    budgets = ("1.5", "120", "0.5", "1", "at least 300", "20")
    lines = [
        f"{what:18} {value:8.2f} (budget {budget})"
        for (what, value), budget in zip(figures.items(), budgets, strict=True)
    ]
    tell(asked.json, figures, lines)


if __name__ == "__main__":
    main()
