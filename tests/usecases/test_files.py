"""Which files of videos may be fetched by whom."""

from peertube.errors import Forbidden, NotFound, Unauthorized
from peertube.model.users import Role
from peertube.model.videos import Privacy
from peertube.usecases.files import Files
from peertube.usecases.videos import VideoChanges
from tests.usecases.video_world import VideoCase


class FileTests(VideoCase):
    """Files follow the privacy of their videos."""

    async def more(self) -> None:
        self.files = Files(database=self.database, storage=self.storage, access=self.access)
        self.bob = (await self.person("bob")).viewer
        self.moderator = (await self.person("maud", role=Role.MODERATOR)).viewer

    async def names(self, uuid: str) -> dict[str, str]:
        found = await self.details(uuid)
        (file,) = found.files
        return {
            "web_videos": file.file_name,
            "torrents": file.torrent_name,
            "thumbnails": found.video.thumbnail_name,
            "previews": found.video.preview_name,
        }

    async def test_open_videos(self) -> None:
        """Everybody gets every file."""
        for privacy in (Privacy.PUBLIC, Privacy.UNLISTED):
            for kind, name in (await self.names(await self.publish(privacy=privacy))).items():
                found = await self.files.resolve(None, kind, name)
                self.assertTrue(found.path.is_file())
                self.assertTrue(found.is_open)
                self.assertTrue(await self.files.may_fetch(None, kind, name))

    async def test_private_videos(self) -> None:
        """Their owner and those who see all get them; nobody else, even with the name."""
        for kind, name in (await self.names(await self.publish(privacy=Privacy.PRIVATE))).items():
            for viewer in (self.alice.viewer, self.moderator):
                self.assertFalse((await self.files.resolve(viewer, kind, name)).is_open)
            with self.assertRaises(Unauthorized):
                await self.files.resolve(None, kind, name)
            with self.assertRaises(Forbidden):
                await self.files.resolve(self.bob, kind, name)
            self.assertFalse(await self.files.may_fetch(self.bob, kind, name))

    async def test_names_that_are_none(self) -> None:
        """Nothing outside of the folders can be named."""
        for name in ("", "..", "../../etc/passwd", "a/b", ".hidden", "x" * 500, "nothing.mp4", "a\0b"):
            for kind in ("web_videos", "torrents", "thumbnails", "previews", "tmp"):
                with self.assertRaises(NotFound):
                    await self.files.resolve(self.moderator, kind, name)

    async def test_to_save(self) -> None:
        """A browser saves the file under the name of the video."""
        uuid = await self.publish(name="A: name")
        names = await self.names(uuid)
        video = await self.files.video_to_save(None, f"{uuid}-360.mp4")
        self.assertEqual((video.path.name, video.download_name), (names["web_videos"], "A- name 360p.mp4"))
        torrent = await self.files.torrent_to_save(None, names["torrents"])
        self.assertEqual((torrent.path.name, torrent.download_name), (names["torrents"], "A- name 360p.mp4.torrent"))
        for name in (f"{uuid}-720.mp4", f"{uuid}-360.webm", f"{uuid}", "x", "../x"):
            with self.assertRaises(NotFound):
                await self.files.video_to_save(None, name)
        with self.assertRaises(NotFound):
            await self.files.torrent_to_save(None, "nothing.torrent")

    async def test_downloads_that_the_owner_does_not_want(self) -> None:
        """Only the owner still gets the file to save."""
        uuid = await self.publish()
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({"download_enabled": False}))
        with self.assertRaises(Unauthorized):
            await self.files.video_to_save(None, f"{uuid}-360.mp4")
        await self.files.video_to_save(self.alice.viewer, f"{uuid}-360.mp4")

    async def test_pictures_by_uuid(self) -> None:
        """Other pods ask for previews so."""
        uuid = await self.publish()
        names = await self.names(uuid)
        self.assertEqual(await self.files.picture_name("previews", uuid), names["previews"])
        self.assertEqual(await self.files.picture_name("thumbnails", uuid), names["thumbnails"])
        self.assertIsNone(await self.files.picture_name("previews", "nothing"))
