"""From the upload of a clip of 10 s, without transcoding, to its being published, and to its being seen at a friend.

    .venv/bin/python benchmarks/publication.py [--rounds 9] [--json FILE]

Two pods that are friends, as ``bin/play`` runs them (SQLite, short intervals). Published is what has a torrent and is
in the API; both pods are asked every 5 ms. curl uploads; its start counts.
"""

import tempfile
import time
from pathlib import Path

from measured import middle, pods
from rows import options, report

from tests.end_to_end.pods import Api, ApiError, make_clip

PUBLISHED_SECONDS, VISIBLE_SECONDS = 0.5, 1


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
    chosen = options(__doc__, rounds=9)
    publishing, visible = [], []
    with tempfile.TemporaryDirectory() as name, pods(2, friends=True) as network:
        here, there = network.apis
        clip = make_clip(Path(name) / "clip.mp4", seconds=10)
        for number in range(chosen.rounds):
            began = time.monotonic()
            uuid = here.upload(clip, f"Clip {number}")["uuid"]
            until(here, uuid)
            publishing.append(time.monotonic() - began)
            until(there, uuid)
            visible.append(time.monotonic() - began)
    rows = [
        {"what": "upload of a clip, published", "ours": middle(publishing), "budget": f"{PUBLISHED_SECONDS} s"},
        {"what": "upload of a clip, seen at a friend", "ours": middle(visible), "budget": f"{VISIBLE_SECONDS} s"},
    ]
    report("publication", [{**row, "unit": "s"} for row in rows], chosen)


if __name__ == "__main__":
    main()
