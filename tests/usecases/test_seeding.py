"""What the hybrid seeder may give away."""

from peertube.model.videos import Privacy
from peertube.usecases.seeding import Seeding
from tests.usecases.video_world import VideoCase


class SeedingTests(VideoCase):
    """Files follow the privacy of their videos."""

    async def more(self) -> None:
        self.seeding = Seeding(database=self.database, storage=self.storage)

    async def info_hash(self, privacy: Privacy) -> str:
        (file,) = (await self.details(await self.publish(privacy=privacy))).files
        assert file.info_hash is not None
        return file.info_hash

    async def test_a_public_video(self) -> None:
        """Its torrent and its file."""
        source = await self.seeding.source(await self.info_hash(Privacy.PUBLIC))
        assert source is not None
        self.assertTrue(source.torrent.is_file())
        self.assertTrue(source.file.is_file())

    async def test_others(self) -> None:
        """Private ones, and what is nobody's."""
        for info_hash in (await self.info_hash(Privacy.PRIVATE), "0" * 40):
            self.assertIsNone(await self.seeding.source(info_hash))
