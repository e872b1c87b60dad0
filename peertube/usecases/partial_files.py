"""What uploads in chunks have on the disk before they are videos, and how it goes with their rows."""

from peertube.model.resumable_uploads import ResumableUpload
from peertube.storage import jobs, resumable_uploads
from peertube.storage.database import Transaction
from peertube.usecases.unnamed_files import DISCARD_FILES

KIND = "tmp_persistent"
"""Where partial files lie."""


async def discard_files_of_user(tx: Transaction, user_id: int, now_ms: int) -> bool:
    """Note that the files of a user's unfinished uploads are to be removed, before the user goes with their rows;
    whether there are any."""
    files = files_of(await resumable_uploads.unfinished(tx, user_id))
    if files:
        await jobs.add(tx, DISCARD_FILES, {"files": files}, now_ms)
    return bool(files)


def files_of(uploads: list[ResumableUpload]) -> dict[str, list[str]]:
    """What uploads that are no videos have left, by kind; in this order it can be removed beside a finish."""
    files: dict[str, list[str]] = {KIND: [], "web_videos": [], "thumbnails": [], "previews": [], "torrents": []}
    for upload in uploads:
        if upload.video is not None:
            continue
        names = (upload.file_name, upload.thumbnail_name, upload.preview_name)
        files[KIND] += [name for name in names if name is not None]
        if upload.kept is not None:
            files["web_videos"].append(upload.kept.video)
            files["thumbnails"].append(upload.kept.thumbnail)
            files["previews"].append(upload.kept.preview)
            files["torrents"].append(upload.kept.torrent)
    return {kind: names for kind, names in files.items() if names}
