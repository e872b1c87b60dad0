"""What becomes of an upload whose publication was given up: its job failed for good, was cancelled, or died with it."""

from collections.abc import Mapping
from typing import Any

from peertube.model.jobs import Job
from peertube.model.videos import VideoState
from peertube.storage import jobs, videos
from peertube.storage.database import Transaction
from peertube.usecases.unnamed_files import DISCARD_FILES

_MADE = {"thumbnails": "thumbnail", "previews": "preview", "torrents": "torrent"}


async def note(tx: Transaction, job: Job, now_ms: int) -> None:
    """The video of a ``publish-video`` job says that preparing it failed, and what was made for it goes.

    A retry of the job still mends it. Only the files go when the video is gone; nothing happens when it is ready.
    """
    found = await videos.details_by_uuid(tx, job.payload["video"])
    if found is not None and found.video.state is not VideoState.TO_TRANSCODE:
        return
    if found is not None:
        await videos.set_state(tx, found.video.id, VideoState.TRANSCODING_FAILED, now_ms)
    await jobs.add(tx, DISCARD_FILES, {"files": made(job.payload)}, now_ms)


def made(payload: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names, by kind of file, under which such a job keeps what it makes."""
    return {kind: [payload[key]] for kind, key in _MADE.items()}
