"""What a user says of a file whose chunks will come, and the row that is made of it."""

import hashlib
from pathlib import Path

from attrs import frozen

from peertube.model.resumable_uploads import ResumableUpload
from peertube.model.users import Viewer
from peertube.model.videos import VideoFields
from peertube.usecases.ports import Randomness, Vault


@frozen
class NewUpload:
    """What a user says of a file whose chunks will come.

    :param size: bytes of the whole file.
    :param modified: when the file was changed, as the user's program says it; None when it does not.
    :param thumbnail: a picture that the owner sent, as a temporary file; the same for `preview`.
    :param passwords: of a video that is protected by them.
    :param replaces: the number of the video whose file this one shall replace; None for one that becomes a video.
    """

    filename: str
    size: int
    channel_id: int
    fields: VideoFields
    content_type: str | None = None
    modified: str | None = None
    thumbnail: Path | None = None
    preview: Path | None = None
    passwords: tuple[str, ...] = ()
    replaces: int | None = None


def described(viewer: Viewer, request: NewUpload, randomness: Randomness, vault: Vault, now_ms: int) -> ResumableUpload:
    """The row of a new upload, with names and an id that nobody can guess; its passwords are sealed."""
    name = randomness.uuid()
    parts = (request.filename, str(request.size), request.modified or "", str(request.replaces or ""))
    fingerprint = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return ResumableUpload(
        id=randomness.token(),
        user_id=viewer.user.id,
        fingerprint=None if request.modified is None else fingerprint,
        filename=request.filename,
        channel_id=request.channel_id,
        fields=request.fields,
        size=request.size,
        received=0,
        file_name=f"{name}.part",
        created_ms=now_ms,
        updated_ms=now_ms,
        thumbnail_name=None if request.thumbnail is None else f"{name}.thumbnail",
        preview_name=None if request.preview is None else f"{name}.preview",
        passwords=tuple(vault.seal(password) for password in request.passwords),
        replaces=request.replaces,
    )
