"""Absolute URLs of a video's files: made from relative names for ours, as the origin says for those of other pods."""

from attrs import frozen

from peertube.config.schema import Settings
from peertube.model.videos import Video, VideoFile
from peertube.policy import visibility
from peertube.torrents import magnet

WEB_VIDEOS = "/static/web-videos/"
PRIVATE_WEB_VIDEOS = WEB_VIDEOS + "private/"
TORRENTS = "/lazy-static/torrents/"
THUMBNAILS = "/lazy-static/thumbnails/"
PREVIEWS = "/lazy-static/previews/"
CAPTIONS = "/lazy-static/video-captions/"
STORYBOARDS = "/lazy-static/storyboards/"


@frozen
class VideoUrls:
    """Where the world finds the files of a video."""

    settings: Settings

    @property
    def origin(self) -> str:
        """The start of every URL of this pod."""
        return self.settings.webserver.origin

    def announce_tiers(self) -> list[list[str]]:
        """Where clients find peers of our videos: WebSocket for browsers, HTTP and UDP for programs."""
        if not self.settings.tracker.enabled:
            return []
        web = self.settings.webserver
        tiers = [[f"{web.websocket_origin}/tracker/socket"], [f"{web.origin}/tracker/announce"]]
        if self.settings.tracker.udp.enabled:
            port = self.settings.tracker.udp.port or self.settings.listen.port
            tiers.append([f"udp://{web.hostname}:{port}/announce"])
        return tiers

    def trackers(self, video: Video) -> list[str]:
        """The announce URLs of a video, as its origin names them."""
        return [url for tier in self.announce_tiers() for url in tier] if video.is_local else list(video.trackers)

    def file(self, video: Video, file: VideoFile) -> str | None:
        """Where the file is served."""
        if file.file_name is None:
            return file.file_url
        return f"{self.origin}{WEB_VIDEOS if visibility.is_open(video) else PRIVATE_WEB_VIDEOS}{file.file_name}"

    def file_download(self, video: Video, file: VideoFile) -> str | None:
        """Where the file is served to be saved."""
        if file.file_name is None:
            return file.file_url
        return f"{self.origin}/download/web-videos/{video.uuid}-{file.resolution}{file.extname}"

    def torrent(self, file: VideoFile) -> str | None:
        """Where the torrent file is served."""
        return file.torrent_url if file.torrent_name is None else f"{self.origin}{TORRENTS}{file.torrent_name}"

    def torrent_download(self, file: VideoFile) -> str | None:
        """Where the torrent file is served to be saved."""
        if file.torrent_name is None:
            return file.torrent_url
        return f"{self.origin}/download/torrents/{file.torrent_name}"

    def web_seeds(self, video: Video, file: VideoFile) -> list[str]:
        """Web seeds (BEP 19): the file's URL; none for a file that not everybody may fetch."""
        url = self.file(video, file)
        return [url] if url is not None and visibility.is_open(video) else []

    def magnet(self, video: Video, file: VideoFile) -> str | None:
        """The magnet link of a file; None when it has no torrent (yet)."""
        if file.info_hash is None:
            return None
        return magnet.uri(
            info_hash=file.info_hash,
            name=video.fields.name,
            torrent_url=self.torrent(file),
            trackers=self.trackers(video),
            web_seeds=self.web_seeds(video, file),
        )

    def metadata(self, video: Video, file: VideoFile) -> str:
        """Where what ffprobe says of the file is served."""
        return f"{self.origin}/api/v1/videos/{video.uuid}/metadata/{file.id}"

    def watch(self, video: Video) -> str:
        """The address of a video: the watch page of its origin."""
        scheme = "https" if self.settings.webserver.https else "http"
        origin = self.origin if video.is_local else f"{scheme}://{video.host}"
        return f"{origin}/videos/watch/{video.uuid}"
