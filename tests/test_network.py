"""Three whole nodes joined in memory: what happens on one is seen on all."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from tests.end_to_end.pods import make_clip
from tests.network import Network, eventually
from tests.servers import no_postgresql, no_redis, redis
from tests.storage.databases import new_database


class NetworkTests(TestCase):
    """Friendship, upload, update and removal across the network."""

    timeout = 120

    def settings(self) -> Mapping[str, Any]:
        """Of each pod."""
        return {}

    async def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, folder)
        self.clip = make_clip(folder / "clip.mp4", seconds=2).read_bytes()
        self.network = Network(3, self.settings)
        self.addCleanup(lambda: ensureDeferred(self.network.stop()))
        await self.network.start()
        self.one, self.two, self.three = self.network.pods

    async def _all_friends(self) -> None:
        await self.two.make_friends(self.three)
        await self.one.make_friends(self.two, self.three)

    async def test_a_video_is_seen_changed_and_removed_everywhere(self) -> None:
        """The main job, and the description, tags, pictures and counters with it."""
        await self._all_friends()
        uuid = await self.three.upload(self.clip, "First name", description="About it", **{"tags[0]": "one"})
        await self.network.everywhere(lambda videos: uuid in videos, "the video")
        shown = (await self.one.videos())[uuid]
        self.assertEqual((shown["name"], shown["isLocal"], shown["description"]), ("First name", False, "About it"))
        self.assertEqual((shown["account"]["host"], shown["channel"]["host"]), (self.three.host, self.three.host))
        self.assertEqual(shown["duration"], 2)
        for where in (self.one, self.two):
            theirs = (await where.get(f"/videos/{uuid}")).json
            ours = (await self.three.get(f"/videos/{uuid}")).json
            for same in ("tags", "trackerUrls", "language", "category", "licence", "nsfw", "createdAt", "publishedAt"):
                self.assertEqual(theirs[same], ours[same], same)
            for same in ("magnetUri", "fileUrl", "torrentUrl", "size", "fps", "width", "height", "hasAudio"):
                self.assertEqual(theirs["files"][0][same], ours["files"][0][same], same)
        changed = await self.three.call("PUT", f"/videos/{uuid}", {"name": "Second name", "tags": ["two", "three"]})
        self.assertEqual(changed.status, 204)
        await self.network.everywhere(lambda videos: videos[uuid]["name"] == "Second name", "the new name")
        self.assertEqual((await self.three.call("DELETE", f"/videos/{uuid}")).status, 204)
        await self.network.everywhere(lambda videos: uuid not in videos, "the removal")

    async def test_what_was_there_before_the_friendship_is_told(self) -> None:
        """New friends see the old videos of both sides."""
        first = await self.one.upload(self.clip, "Of pod one")
        second = await self.two.upload(self.clip, "Of pod two")
        await self.one.make_friends(self.two)

        async def both() -> bool:
            return {first, second} <= set(await self.one.videos()) and {first, second} <= set(await self.two.videos())

        await eventually(both, "both videos on both pods")

    async def test_a_private_video_stays_at_home(self) -> None:
        """Made private, it leaves the friends; made public again, it comes back."""
        await self._all_friends()
        uuid = await self.three.upload(self.clip, "Secret", privacy="3")

        async def is_published() -> bool:
            return bool((await self.three.get(f"/videos/{uuid}")).json["state"]["id"] == 1)

        await eventually(is_published, "the publication")
        await self.three.call("PUT", f"/videos/{uuid}", {"privacy": 1})
        await self.network.everywhere(lambda videos: uuid in videos, "the public video")
        await self.three.call("PUT", f"/videos/{uuid}", {"privacy": 3})
        await self.network.everywhere(lambda videos: uuid not in videos, "the private video's leave")

    async def test_a_pod_that_was_away_hears_everything(self) -> None:
        """Nothing that was published while it was cut off is lost, and nobody else waits for it."""
        await self._all_friends()
        self.one.is_cut_off = True
        uuid = await self.three.upload(self.clip, "While you were out")

        async def two_has_it() -> bool:
            return uuid in await self.two.videos()

        await eventually(two_has_it, "the video on pod two")
        self.assertNotIn(uuid, await self.one.videos())
        self.one.is_cut_off = False
        await self.network.everywhere(lambda videos: uuid in videos, "the video on the pod that was away")

    async def test_who_quits_is_forgotten_and_forgets(self) -> None:
        """Quitting ends the friendship on both sides, and the videos go with it; others stay friends."""
        await self._all_friends()
        uuid = await self.three.upload(self.clip, "Stays with friends")
        await self.network.everywhere(lambda videos: uuid in videos, "the video")
        self.assertEqual((await self.one.call("POST", "/pods/quit-friends")).status, 204)

        async def parted() -> bool:
            lists = [await pod.friends() for pod in self.network.pods]
            return lists == [set(), {self.three.host}, {self.two.host}]

        await eventually(parted, "the parting")
        self.assertEqual(await self.one.videos(), {})
        self.assertIn(uuid, await self.two.videos())


class NetworkOnServersTests(NetworkTests):
    """The same over PostgreSQL and Redis."""

    skip = no_postgresql() or no_redis()

    def settings(self) -> Mapping[str, Any]:
        """A database for each pod; one Redis for all, where their names keep them apart."""
        server = new_database(empty=True)
        database = {"hostname": server.hostname, "port": server.port, "name": server.name, "username": server.username}
        return {
            "database": {"engine": "postgresql", **database, "pool": {"max": 4}},
            "redis": {"enabled": True, "hostname": "127.0.0.1", "port": redis().port},
        }
