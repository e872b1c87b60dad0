"""Where the pages, pictures and files of a video are: as `VideoUrls`, but relative where they are on this pod.

A relative address also works for someone who reached the pod under another of its names.
"""

from attrs import frozen

from peertube.model.channels import Channel
from peertube.model.videos import Video, VideoDetails, VideoFile
from peertube.policy.short_uuid import shorten
from peertube.usecases.video_urls import PREVIEWS, THUMBNAILS, TORRENTS, VideoUrls


@frozen
class Links:
    """Addresses for links, pictures and players."""

    urls: VideoUrls

    @property
    def origin(self) -> str:
        """The start of this pod's absolute addresses."""
        return self.urls.origin

    def watch(self, video: Video) -> str:
        """The page of a video here."""
        return f"/w/{shorten(video.uuid)}"

    @property
    def host(self) -> str:
        """This pod's own host."""
        return self.origin.partition("://")[2]

    def channel(self, channel: Channel) -> str:
        """The page of a channel here."""
        return f"/c/{channel.name}" if channel.is_local else f"/c/{channel.name}@{channel.host}"

    def embed(self, video: Video) -> str:
        """The player that other sites show in a frame."""
        return f"/videos/embed/{video.uuid}"

    def origin_page(self, video: Video) -> str:
        """The page of a video on the server it came from."""
        return self.origin + self.watch(video) if video.is_local else self.urls.watch(video)

    def thumbnail(self, video: Video) -> str | None:
        """The small picture."""
        return None if video.thumbnail_name is None else THUMBNAILS + video.thumbnail_name

    def preview(self, video: Video) -> str | None:
        """The large picture. That of a video of another pod is fetched when it is first asked for."""
        if video.preview_name is not None:
            return PREVIEWS + video.preview_name
        return None if video.preview_url is None else f"/static/previews/{video.uuid}.jpg"

    def file(self, video: Video, file: VideoFile) -> str | None:
        """The file itself, for players."""
        return self._relative(self.urls.file(video, file))

    def download(self, video: Video, file: VideoFile) -> str | None:
        """The file, to be saved."""
        return self._relative(self.urls.file_download(video, file))

    def torrent(self, file: VideoFile) -> str | None:
        """The torrent file."""
        return file.torrent_url if file.torrent_name is None else TORRENTS + file.torrent_name

    def torrent_download(self, file: VideoFile) -> str | None:
        """The torrent file, to be saved."""
        return self._relative(self.urls.torrent_download(file))

    def magnet(self, video: Video, file: VideoFile) -> str | None:
        """The magnet link of a file; None before its torrent exists."""
        return self.urls.magnet(video, file)

    def _relative(self, url: str | None) -> str | None:
        return url.removeprefix(self.origin) if url is not None and url.startswith(self.origin + "/") else url


def playable(details: VideoDetails) -> VideoFile | None:
    """The file that a player starts with: the largest that is at most 1080 pixels high, else the smallest."""
    with_pictures = [file for file in details.files if file.has_video] or list(details.files)
    fitting = [file for file in with_pictures if file.resolution <= 1080]
    if fitting:
        return fitting[0]
    return with_pictures[-1] if with_pictures else None
