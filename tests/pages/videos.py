"""Videos that are made up, and a list of them that behaves as the use case does."""

from attrs import evolve

from peertube.errors import NotFound
from peertube.model.accounts import LOCAL, Account
from peertube.model.channels import Channel
from peertube.model.pages import Listing
from peertube.model.videos import Privacy, Rating, Video, VideoDetails, VideoFields, VideoFile, VideoState
from peertube.policy.short_uuid import identify
from peertube.usecases.channels import OwnedChannel
from tests.http.serving import NOW_MS

HOSTILE = "<script>alert(1)</script> \"'> & ${7*7} {{ 7*7 }} <img src=x onerror=alert(1)>"


def video(number: int = 1, name: str = "A walk in the hills", *, host: str = LOCAL, **changes) -> Video:
    """A video; fields of `VideoFields` and of `Video` may be given."""
    uuid = f"0000000{number % 10}-1111-4222-8333-{number:012x}"
    account = Account(1, uuid, host, 1 if host == LOCAL else None, "ana", "Ana", None, NOW_MS, NOW_MS)
    channel = Channel(1, uuid, host, 1, "ana_channel", "Ana's films", None, None, NOW_MS, NOW_MS)
    of_fields = {key: changes.pop(key) for key in list(changes) if key in VideoFields.__annotations__}
    fields = evolve(VideoFields(name=name, description="See **this** https://example.com\n\nnow"), **of_fields)
    made = Video(
        id=number,
        uuid=uuid,
        host=host,
        fields=fields,
        state=VideoState.PUBLISHED,
        duration=243,
        aspect_ratio=1.7778,
        views=1234,
        likes=12,
        dislikes=1,
        thumbnail_name=None,
        preview_name=None,
        preview_url=None,
        trackers=(),
        version=1,
        created_ms=NOW_MS - 86_400_000,
        updated_ms=NOW_MS - 86_400_000,
        published_ms=NOW_MS - 3 * 86_400_000,
        channel=channel,
        account=account,
    )
    return evolve(made, **changes)


def file(number: int = 1, **changes) -> VideoFile:
    """A playable file with a torrent."""
    made = VideoFile(
        id=number,
        video_id=number,
        resolution=360,
        width=640,
        height=360,
        fps=25,
        extname=".mp4",
        size=1_500_000,
        has_audio=True,
        has_video=True,
        info_hash="0123456789abcdef0123456789abcdef01234567",
        file_name=f"file-{number}.mp4",
        torrent_name=f"torrent-{number}.torrent",
        file_url=None,
        torrent_url=None,
    )
    return evolve(made, **changes)


class FakeVideos:
    """Videos in a list; remembers what was asked of it."""

    def __init__(self, videos: list[Video], files: dict[int, VideoFile] | None = None) -> None:
        self.videos = videos
        self.files = files
        self.asked: list[object] = []

    async def details(self, viewer, id_or_uuid, proof=None):
        for one in self.videos:
            if one.uuid == identify(id_or_uuid):
                found = file(one.id) if self.files is None else self.files.get(one.id)
                return VideoDetails(one, (found,) if found is not None else ())
        raise NotFound("Video not found")

    async def listing(self, viewer, wanted, window):
        self.asked.append((wanted, window))
        fitting = [
            one
            for one in self.videos
            if one.fields.privacy is Privacy.PUBLIC and (not wanted.is_local or one.is_local)
            if not wanted.search or wanted.search.casefold() in one.fields.name.casefold()
        ]
        return Listing(len(fitting), fitting[window.start : window.start + window.count])

    async def mine(self, viewer, window, search=None):
        return Listing(len(self.videos), self.videos[window.start : window.start + window.count])

    async def update(self, viewer, id_or_uuid, changes):
        self.asked.append(("update", id_or_uuid, changes))

    async def remove(self, viewer, id_or_uuid):
        self.asked.append(("remove", id_or_uuid))


class FakeSearches:
    """Searches these videos, and one channel, the one of the first."""

    def __init__(self, videos: FakeVideos) -> None:
        self._videos = videos

    async def videos(self, viewer, wanted, window):
        return await self._videos.listing(viewer, wanted, window)

    async def channels(self, wanted, window):
        owned = [
            OwnedChannel(one.channel, one.account)
            for one in self._videos.videos[:1]
            if not wanted.search or wanted.search.casefold() in one.channel.display_name.casefold()
        ]
        return Listing(len(owned), owned[window.start : window.start + window.count])


class FakeRatings:
    """Remembers what was rated."""

    def __init__(self) -> None:
        self.rated: list[object] = []

    async def rate(self, viewer, id_or_uuid, rating, *, opened=False):
        self.rated.append((viewer.user.username, id_or_uuid, rating))

    async def of(self, viewer, id_or_uuid, *, opened=False):
        return 1, Rating.LIKE if self.rated else Rating.NONE
