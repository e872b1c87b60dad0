"""Uploads in chunks whose requests come to several processes of a pod."""

from typing import Any

from peertube.errors import Conflict, Unavailable, Unprocessable
from tests.shared.memory import memory_locks
from tests.usecases.test_resumable_uploads import CONTENT, ResumableCase


class ProcessesTests(ResumableCase):
    """Two processes on one database and one folder."""

    async def test_one_finishes_at_a_time(self) -> None:
        """The other says so, and its client comes again."""
        upload = await self.whole()
        other, errors = self.fresh(), []
        real = self.media.probe

        async def probe(path: Any) -> Any:
            with self.assertRaises(Unavailable) as raised:
                await other.go_on(self.alice.viewer, upload.id)
            errors.append(raised.exception.code)
            return await real(path)

        self.patch(self.media, "probe", probe)
        finished = await self.go_on(upload)
        self.assertEqual(["upload_in_progress"], errors)
        self.assertEqual(finished.video, (await other.go_on(self.alice.viewer, upload.id)).video)

    async def test_both_finish_without_lock(self) -> None:
        """Locks may be lost: the database decides then, and both clients get the same video."""
        upload = await self.whole()
        other, theirs = self.fresh(memory_locks()), []
        real = self.storage.keep

        async def keep(path: Any, kind: str, name: str) -> None:
            await real(path, kind, name)
            if kind == "web_videos" and not theirs:
                theirs.append(None)
                theirs[0] = (await other.go_on(self.alice.viewer, upload.id)).video

        self.patch(self.storage, "keep", keep)
        finished = await self.go_on(upload)
        self.assertEqual([finished.video], theirs)
        await self.work()
        self.assertEqual(await self.videos_of_alice(), 1)
        self.assertEqual([name for name in self.storage.everything() if "persistent" in name], [])

    async def test_a_file_that_another_process_has_moved(self) -> None:
        """Who no longer finds it has not found that it is no video: the upload lives on."""
        upload = await self.whole()
        other = self.fresh(memory_locks())
        real, moved, asked = self.media.probe, [], []

        async def probe(path: Any) -> Any:
            asked.append(path)
            if len(asked) > 1:
                return await real(path)
            moved.append((await other.go_on(self.alice.viewer, upload.id)).video)
            raise Unprocessable("There is no such file", code="not_a_video")

        self.patch(self.media, "probe", probe)
        with self.assertRaises(Unavailable):
            await self.go_on(upload)
        await self.work()
        self.assertEqual(moved[0], (await self.go_on(upload)).video)
        self.assertEqual(1, await self.videos_of_alice())

    async def test_an_earlier_writer(self) -> None:
        """A connection that died without a word, at another process: what it writes counts no more, for the later
        request has cut the file where the acknowledged bytes end."""
        upload = await self.begin()
        earlier = await self.resumable.take_over(upload)
        await self.send(earlier, 1000)
        later = await self.fresh().take_over(await self.resumable.position(self.alice.viewer, upload.id))
        self.assertEqual(1000, later.received)
        with self.assertRaises(Conflict) as raised:
            await self.resumable.received(earlier, 2000)
        self.assertEqual("upload_taken_over", raised.exception.code)
        self.assertEqual(1000, (await self.resumable.position(self.alice.viewer, upload.id)).received)
        await self.send(later, len(CONTENT))
        self.assertIsNotNone((await self.go_on(upload)).video)
