"""Items on the wire: what we say is what a friend reads, within limits."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Invalid
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.deliveries import DeliveryKind
from peertube.model.videos import Video, VideoDetails, VideoFields, VideoFile, VideoState
from peertube.pods import items, messages
from peertube.pods.urls import Origin, moment, parse_moment

UUID = "3f0c1f52-7d0c-4f6e-9a59-0c7a4b7f7f1%d"
HERE = items.Here("https://a.example", ("wss://a.example/tracker/socket", "udp://a.example:9000/announce"))
ORIGIN = Origin("a.example", https=True)
ACCOUNT = Account(1, UUID % 1, "", 1, "author", "An Author", "Words", 5, 6)
CHANNEL = Channel(1, UUID % 2, "", 1, "channel", "A Channel", None, "Money", 1_500_000_000_123, 1_500_000_000_456)
FIELDS = VideoFields(
    name="Name", category=3, licence=1, language="en", description="d" * 400, support="s", nsfw=True,
    tags=("a", "b"), originally_published_ms=1_400_000_000_000,
)  # fmt: skip
FILE = VideoFile(1, 1, 720, 1280, 720, 25, ".mp4", 99, True, True, "ab" * 20, "x-720.mp4", "x-720.torrent", None, None)
VIDEO = Video(
    1, UUID % 3, "", FIELDS, VideoState.PUBLISHED, 60, 1.7778, 3, 2, 1, "t.jpg", "p.jpg", None, (), 7,
    1_500_000_000_000, 1_500_000_000_001, 1_500_000_000_002, CHANNEL, ACCOUNT,
)  # fmt: skip
JPEG = b"\xff\xd8\xff" + bytes(range(256))


class ItemTests(SynchronousTestCase):
    """Round trips."""

    def test_a_video(self) -> None:
        """Everything arrives; addresses are absolute."""
        item = items.video(DeliveryKind.ADD_VIDEO, VideoDetails(VIDEO, (FILE,)), JPEG, HERE)
        self.assertEqual(len(item["data"]["truncatedDescription"]), 250)
        kind, video = messages.parse(item, ORIGIN)
        self.assertIs(kind, DeliveryKind.ADD_VIDEO)
        self.assertEqual((video.uuid, video.channel_uuid, video.fields), (VIDEO.uuid, CHANNEL.uuid, FIELDS))
        self.assertEqual((video.views, video.likes, video.dislikes, video.duration), (3, 2, 1, 60))
        self.assertEqual((video.created_ms, video.updated_ms, video.published_ms), (
            VIDEO.created_ms, VIDEO.updated_ms, VIDEO.published_ms))  # fmt: skip
        self.assertEqual((video.thumbnail, video.trackers), (JPEG, HERE.trackers))
        self.assertEqual(video.preview_url, "https://a.example/lazy-static/previews/p.jpg")
        (file,) = video.files
        self.assertEqual(file.file_url, "https://a.example/static/web-videos/x-720.mp4")
        self.assertEqual(file.torrent_url, "https://a.example/lazy-static/torrents/x-720.torrent")
        self.assertEqual((file.fps, file.width, file.size, file.info_hash), (25, 1280, 99, "ab" * 20))

    def test_a_thumbnail_that_is_too_large_stays_here(self) -> None:
        """The video is told all the same."""
        item = items.video(DeliveryKind.UPDATE_VIDEO, VideoDetails(VIDEO, (FILE,)), JPEG + b"x" * 20_000, HERE)
        self.assertIsNone(messages.parse(item, ORIGIN)[1].thumbnail)

    def test_an_author_a_channel_and_a_removal(self) -> None:
        """The same."""
        _, author = messages.parse(items.author(ACCOUNT), ORIGIN)
        self.assertEqual(author, messages.AuthorItem(ACCOUNT.uuid, "author", "An Author", "Words"))
        _, channel = messages.parse(items.channel(DeliveryKind.UPDATE_CHANNEL, CHANNEL, ACCOUNT.uuid), ORIGIN)
        self.assertEqual((channel.owner_uuid, channel.support), (ACCOUNT.uuid, "Money"))
        self.assertEqual((channel.created_ms, channel.updated_ms), (CHANNEL.created_ms, CHANNEL.updated_ms))
        removal = messages.parse(items.removal(DeliveryKind.REMOVE_VIDEO, VIDEO.uuid), ORIGIN)
        self.assertEqual(removal, (DeliveryKind.REMOVE_VIDEO, messages.RemovalItem(VIDEO.uuid)))


class UrlTests(SynchronousTestCase):
    """Only addresses on the pod that signed."""

    def test_pages(self) -> None:
        """Spelled anyhow, but the same host, port and scheme, and safe to print."""
        for good in ("https://a.example/x", "https://A.EXAMPLE:443/x?y=1", "https://a.example./x"):
            self.assertEqual(ORIGIN.page(good), good)
        for bad in (
            "http://a.example/x", "https://b.example/x", "https://a.example:8443/x", "https://a.example@b.example/",
            "https://a.example.b.example/", "https://u@a.example/", "javascript:alert(1)", "/x", "", "https://[::1/",
            "https://a.example/ x", "https://a.example/\u0000", 'https://a.example/"onload="', "https://a.example/#x",
            "https://a.example\\@b.example/", "https://a.ex\u0430mple/",
        ):  # fmt: skip
            with self.subTest(bad), self.assertRaises(Invalid):
                ORIGIN.page(bad)

    def test_trackers(self) -> None:
        """Over UDP on any port."""
        for good in ("wss://a.example/tracker/socket", "https://a.example/announce", "udp://a.example:6969/announce"):
            self.assertEqual(ORIGIN.tracker(good), good)
        for bad in ("ws://a.example/", "udp://b.example:6969/", "udp://a.example.b.example:1/", "wss://a.example:1/"):
            with self.subTest(bad), self.assertRaises(Invalid):
                ORIGIN.tracker(bad)

    def test_moments(self) -> None:
        """ISO 8601 both ways; no other times than ours."""
        self.assertEqual(moment(1_500_000_000_123), "2017-07-14T02:40:00.123Z")
        self.assertEqual(parse_moment("2017-07-14T02:40:00.123Z"), 1_500_000_000_123)
        self.assertEqual(parse_moment("2017-07-14T04:40:00+02:00"), 1_500_000_000_000)
        for bad in ("", "now", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:00"):
            with self.subTest(bad), self.assertRaises(ValueError):
                parse_moment(bad)
