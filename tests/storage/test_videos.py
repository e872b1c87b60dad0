"""Rows of videos on a real database."""

from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.model.videos import NewVideoFile, Privacy, VideoFields, VideoState
from peertube.storage import video_files, videos
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_account, add_publisher, add_video, new_file, new_video, uuid_of

FIELDS = VideoFields(
    name="Été à la mer",
    category=2,
    licence=1,
    language="fr",
    privacy=Privacy.UNLISTED,
    description="Une description",
    support="Merci",
    nsfw=True,
    tags=("Mer", "été"),
    originally_published_ms=-5,
)


class VideoRowTests(TestCase):
    """What is stored comes back."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)

    async def test_stored_and_read_back(self) -> None:
        """Every field survives, however the video is asked for."""
        video = evolve(new_video(1, self.alice.channel_id), fields=FIELDS, trackers=("ws://a/", "http://a/"))
        files = [new_file(1), new_file(2, resolution=720)]
        video_id = await self.database.write(videos.add, video, files)
        found = await self.database.read(videos.details_by_uuid, uuid_of(1))
        self.assertEqual(found.video.fields, FIELDS)
        self.assertEqual(found.video.trackers, ("ws://a/", "http://a/"))
        self.assertEqual(found.video.version, 1)
        self.assertEqual(found.video.account.name, "alice")
        self.assertEqual(found.video.channel.name, "alice_channel")
        self.assertEqual([file.resolution for file in found.files], [720, 360])
        self.assertEqual(await self.database.read(videos.details_by_id, video_id), found)
        self.assertEqual(await self.database.read(videos.details_by_origin, "", uuid_of(1)), found)
        self.assertIsNone(await self.database.read(videos.details_by_origin, "other.example", uuid_of(1)))

    async def test_update_replaces_fields_and_grows_the_version(self) -> None:
        """Friends tell old from new by the version."""
        video_id = await self.database.write(add_video, 1, self.alice.channel_id, tags=("old",))
        _, other = await self.database.write(add_account, "elsewhere")
        await self.database.write(videos.update, video_id, FIELDS, updated_ms=5, channel_id=other, duration=99)
        video = (await self.database.read(videos.details_by_id, video_id)).video
        self.assertEqual((video.fields, video.version, video.updated_ms), (FIELDS, 2, 5))
        self.assertEqual((video.channel.id, video.duration), (other, 99))

    async def test_update_of_nothing_is_an_error(self) -> None:
        """A video that is gone is not changed silently."""
        with self.assertRaises(LookupError):
            await self.database.write(videos.update, 77, FIELDS, updated_ms=5)

    async def test_counters_pictures_state_and_trackers(self) -> None:
        """What origins name of their videos is taken over, one by one."""
        video_id = await self.database.write(add_video, 1, self.alice.channel_id)
        await self.database.write(videos.set_counters, video_id, views=5, dislikes=2)
        await self.database.write(videos.set_counters, video_id, likes=3)
        await self.database.write(videos.set_trackers, video_id, ["ws://b/"])
        await self.database.write(videos.set_state, video_id, VideoState.TRANSCODING_FAILED, 7)
        await self.database.write(
            videos.set_pictures, video_id, thumbnail_name="t.jpg", preview_name=None, preview_url="http://b/p.jpg"
        )
        video = (await self.database.read(videos.details_by_id, video_id)).video
        self.assertEqual((video.views, video.likes, video.dislikes), (5, 3, 2))
        self.assertEqual(video.trackers, ("ws://b/",))
        self.assertIs(video.state, VideoState.TRANSCODING_FAILED)
        self.assertEqual(
            (video.thumbnail_name, video.preview_name, video.preview_url), ("t.jpg", None, "http://b/p.jpg")
        )

    async def test_files_are_replaced(self) -> None:
        """An update of a friend's video names its files anew."""
        video_id = await self.database.write(add_video, 1, self.alice.channel_id)
        remote = NewVideoFile(
            resolution=720,
            width=0,
            height=0,
            fps=0,
            extname=".mp4",
            size=5,
            has_audio=True,
            has_video=True,
            info_hash="a" * 40,
            file_url="http://b/f.mp4",
        )
        await self.database.write(videos.replace_files, video_id, [remote], NOW_MS)
        (file,) = (await self.database.read(videos.details_by_id, video_id)).files
        self.assertEqual((file.file_url, file.file_name, file.resolution), ("http://b/f.mp4", None, 720))

    async def test_removal_takes_everything_along(self) -> None:
        """Nothing of a removed video is left to be found or tracked."""
        video_id = await self.database.write(add_video, 1, self.alice.channel_id, tags=("tag",))
        await self.database.write(videos.remove, video_id)
        self.assertIsNone(await self.database.read(videos.details_by_id, video_id))
        self.assertIsNone(await self.database.read(video_files.video_id_of, "web_videos", "video-1-360.mp4"))
        self.assertEqual(await self.database.read(videos.public_info_hashes), [])
        self.assertEqual(await self.database.read(videos.bytes_used, self.alice.viewer.user.id), 0)


class AllVideosTests(TestCase):
    """Questions about many videos at once."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)
        _, friend = await self.database.write(add_account, "friend", host="b.example")
        channel = self.alice.channel_id
        for number, privacy in enumerate((Privacy.PUBLIC, Privacy.UNLISTED, Privacy.PRIVATE, Privacy.INTERNAL), 1):
            await self.database.write(add_video, number, channel, privacy=privacy)
        await self.database.write(add_video, 5, friend, host="b.example")
        await self.database.write(add_video, 6, channel, change={"state": VideoState.TO_TRANSCODE})

    async def test_open_videos_of_ours_are_tracked(self) -> None:
        """Whoever has the link of an unlisted video may share it; private ones have no swarm here."""
        hashes = await self.database.read(videos.public_info_hashes)
        self.assertEqual(hashes, [f"{1:040x}", f"{2:040x}"])

    async def test_what_is_kept_of_a_host(self) -> None:
        """All of it goes when the friendship ends."""
        pictures = await self.database.read(videos.picture_names_of_host, "b.example")
        self.assertEqual(pictures, [("thumbnail-5.jpg", "preview-5.jpg")])

    async def test_bytes_of_a_user(self) -> None:
        """In all, and since a moment."""
        user_id = self.alice.viewer.user.id
        self.assertEqual(await self.database.read(videos.bytes_used, user_id), 5000)
        self.assertEqual(await self.database.read(videos.bytes_used, user_id, NOW_MS + 5000), 1000)
