"""Videos as the REST API shows them: the names of PeerTube 6.3, and beside them those that 7.x and 8.x gave.

Shapes: ``summary`` is an item of a list, ``details`` the answer to ``GET /videos/<id>``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from peertube.api.representations.accounts import account_full, account_summary
from peertube.api.representations.channels import channel_full, channel_summary
from peertube.api.representations.times import iso
from peertube.model.taxonomy import (
    CATEGORIES,
    COMMENTS_POLICIES,
    LANGUAGES,
    LICENCES,
    PRIVACIES,
    STATES,
    UNKNOWN,
)
from peertube.model.video_sources import VideoSource
from peertube.model.videos import CommentsPolicy, Video, VideoDetails, VideoFile
from peertube.policy.short_uuid import shorten
from peertube.usecases.video_urls import PREVIEWS, THUMBNAILS, VideoUrls

Json = dict[str, Any]

TRUNCATED_LENGTH = 250
_THUMBNAIL_SIZE = (280, 157)
_PREVIEW_SIZE = (850, 480)


def truncated(description: str | None) -> str | None:
    """At most 250 characters, cut between words where that is possible, with an ellipsis."""
    if description is None or len(description) <= TRUNCATED_LENGTH:
        return description
    cut = description[: TRUNCATED_LENGTH - 3]
    return (cut.rsplit(maxsplit=1)[0] if " " in cut else cut) + "..."


class VideoRepresentations:
    """Turns videos into JSON.

    :param viewers_of: how many watch a video (by its number) now.
    """

    def __init__(self, *, urls: VideoUrls, viewers_of: Callable[[int], int]) -> None:
        self._urls = urls
        self._web = urls.settings.webserver
        self._viewers_of = viewers_of

    def summary(self, video: Video) -> Json:
        """An item of a list."""
        return {
            **self._common(video, truncated(video.fields.description)),
            "account": account_summary(video.account, self._web),
            "channel": channel_summary(video.channel, self._web),
        }

    def managed(self, video: Video) -> Json:
        """An item of a list for its owner, or for those who see all."""
        return {
            **self.summary(video),
            **_scheduled(video),
            "state": _constant(STATES, video.state),
            "waitTranscoding": video.fields.wait_transcoding,
            "blacklisted": False,
            "blacklistedReason": None,
            "blockedOwner": False,
            "blockedServer": False,
        }

    def details(self, details: VideoDetails) -> Json:
        """The whole video."""
        video, fields = details.video, details.video.fields
        return {
            **self._common(video, fields.description),
            **_scheduled(video),
            "account": account_full(video.account, self._web),
            "channel": channel_full(video.channel, video.account, self._web),
            "blacklisted": False,
            "blacklistedReason": None,
            "streamingPlaylists": [],
            "files": self.files(details),
            "support": fields.support,
            "descriptionPath": f"/api/v1/videos/{video.uuid}/description",
            "tags": list(fields.tags),
            "commentsEnabled": fields.comments_policy is not CommentsPolicy.DISABLED,
            "commentsPolicy": _constant(COMMENTS_POLICIES, fields.comments_policy),
            "downloadEnabled": fields.download_enabled,
            "waitTranscoding": fields.wait_transcoding,
            "inputFileUpdatedAt": None if video.input_file_updated_ms is None else iso(video.input_file_updated_ms),
            "state": _constant(STATES, video.state),
            "trackerUrls": self._urls.trackers(video),
        }

    def files(self, details: VideoDetails) -> list[Json]:
        """The playable files of a video, largest resolution first."""
        return [self._file(details.video, file) for file in details.files]

    def _common(self, video: Video, description: str | None) -> Json:
        fields = video.fields
        published = fields.originally_published_ms
        return {
            "id": video.id,
            "uuid": video.uuid,
            "shortUUID": shorten(video.uuid),
            "url": self._urls.watch(video),
            "name": fields.name,
            "category": _constant(CATEGORIES, fields.category),
            "licence": _constant(LICENCES, fields.licence),
            "language": _constant(LANGUAGES, fields.language),
            "privacy": _constant(PRIVACIES, fields.privacy),
            "nsfw": fields.nsfw,
            "nsfwFlags": int(fields.nsfw_flags),
            "nsfwSummary": fields.nsfw_summary,
            "truncatedDescription": truncated(fields.description),
            "description": description,
            "isLocal": video.is_local,
            "duration": video.duration,
            "aspectRatio": video.aspect_ratio,
            "views": video.views,
            "viewers": self._viewers_of(video.id),
            "likes": video.likes,
            "dislikes": video.dislikes,
            **self._pictures(video),
            "embedPath": f"/videos/embed/{video.uuid}",
            "createdAt": iso(video.created_ms),
            "updatedAt": iso(video.updated_ms),
            "publishedAt": iso(video.published_ms),
            "originallyPublishedAt": None if published is None else iso(published),
            "isLive": False,
        }

    def _pictures(self, video: Video) -> Json:
        thumbnail = None if video.thumbnail_name is None else THUMBNAILS + video.thumbnail_name
        preview = None
        if video.preview_name is not None:
            preview = PREVIEWS + video.preview_name
        elif video.preview_url is not None:
            preview = f"{PREVIEWS}{video.uuid}.jpg"
        sized = ((thumbnail, _THUMBNAIL_SIZE), (preview, _PREVIEW_SIZE))
        return {
            "thumbnailPath": thumbnail,
            "previewPath": preview,
            "thumbnails": [
                {"fileUrl": self._urls.origin + path, "width": width, "height": height, "aspectRatio": "16:9"}
                for path, (width, height) in sized
                if path is not None
            ],
        }

    def _file(self, video: Video, file: VideoFile) -> Json:
        return {
            "id": file.id,
            "resolution": _resolution(file.resolution),
            "width": file.width,
            "height": file.height,
            "magnetUri": self._urls.magnet(video, file),
            "size": file.size,
            "fps": file.fps,
            "torrentUrl": self._urls.torrent(file),
            "torrentDownloadUrl": self._urls.torrent_download(file),
            "fileUrl": self._urls.file(video, file),
            "fileDownloadUrl": self._urls.file_download(video, file),
            "metadataUrl": self._urls.metadata(video, file),
            "hasAudio": file.has_audio,
            "hasVideo": file.has_video,
            "storage": 0 if video.is_local else None,
        }


def metadata(details: VideoDetails, file: VideoFile) -> Json:
    """What is known of a file's streams, in the words of ffprobe."""
    streams: list[Json] = []
    if file.has_video:
        streams.append(
            {
                "index": 0,
                "codec_type": "video",
                "width": file.width,
                "height": file.height,
                "avg_frame_rate": f"{file.fps}/1",
            }
        )
    if file.has_audio:
        streams.append({"index": len(streams), "codec_type": "audio"})
    video = details.video
    bit_rate = file.size * 8 // video.duration if video.duration else 0
    return {
        "format": {
            "nb_streams": len(streams),
            "duration": video.duration,
            "size": file.size,
            "bit_rate": bit_rate,
        },
        "streams": streams,
        "chapters": [],
    }


def source(found: VideoSource, download_url: str | None = None) -> Json:
    """The file that a video was made of; `download_url` for those who may have it."""
    return {
        "inputFilename": found.filename,
        "filename": found.filename,
        "resolution": _resolution(found.resolution),
        "size": found.size,
        "width": found.width,
        "height": found.height,
        "fps": found.fps,
        "fileDownloadUrl": download_url,
        "createdAt": iso(found.created_ms),
    }


def _resolution(lines: int) -> Json:
    return {"id": lines, "label": f"{lines}p" if lines else "Audio only"}


def _scheduled(video: Video) -> Json:
    """When the video gets another privacy by itself; nothing for one that does not, as PeerTube shows it."""
    schedule = video.fields.schedule
    if schedule is None:
        return {}
    return {"scheduledUpdate": {"updateAt": iso(schedule.update_ms), "privacy": int(schedule.privacy)}}


def _constant(labels: Mapping[Any, str], value: int | str | None) -> Json:
    """A number or code with its label, as ``{"id": 2, "label": "Films"}``."""
    plain = int(value) if isinstance(value, int) else value
    return {"id": plain, "label": UNKNOWN if value is None else labels.get(value, UNKNOWN)}
