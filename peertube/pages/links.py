"""Where the pages, pictures and files of a video are: as `VideoUrls`, but relative where they are on this pod.

A relative address also works for someone who reached the pod under another of its names.
"""

from attrs import frozen

from peertube.model.accounts import Account
from peertube.model.actor_images import ActorImage, ImageKind, file_name
from peertube.model.channels import Channel
from peertube.model.videos import Video, VideoDetails, VideoFile
from peertube.policy.short_uuid import shorten
from peertube.usecases.actor_images import ADDRESSES
from peertube.usecases.video_urls import PREVIEWS, THUMBNAILS, TORRENTS, VideoUrls


def handle_of(actor: Account | Channel) -> str:
    """How an account or channel is called here: with its server when that is another one."""
    return actor.name if actor.is_local else f"{actor.name}@{actor.host}"


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
        return f"/c/{handle_of(channel)}"

    def account(self, account: Account) -> str:
        """The page of a person here."""
        return f"/a/{handle_of(account)}"

    def uri(self, actor: Account | Channel) -> str:
        """What is followed: a channel by its handle, a person with ``account:`` before it."""
        return handle_of(actor) if isinstance(actor, Channel) else f"account:{handle_of(actor)}"

    def whole_handle(self, actor: Account | Channel) -> str:
        """How an account or channel is called everywhere."""
        return f"{actor.name}@{actor.host or self.urls.settings.webserver.host}"

    def origin_of_actor(self, actor: Account | Channel) -> str:
        """The page of an account or channel on the server it came from."""
        origin = f"{'https' if self.urls.settings.webserver.https else 'http'}://{actor.host}"
        kind = "c" if isinstance(actor, Channel) else "a"
        return f"{self.origin if actor.is_local else origin}/{kind}/{actor.name}"

    def avatar(self, image: ActorImage | None, width: int = 120) -> str | None:
        """The square picture of an account, a channel or this server."""
        return None if image is None else ADDRESSES[ImageKind.AVATAR] + file_name(image.stem, width)

    def banner(self, image: ActorImage | None, width: int = 1920) -> str | None:
        """The wide picture of a channel or of this server."""
        return None if image is None else ADDRESSES[ImageKind.BANNER] + file_name(image.stem, width)

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
