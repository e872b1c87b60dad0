"""Videos that get another privacy by themselves."""

from peertube.model import topics
from peertube.model.videos import Privacy, ScheduledUpdate
from peertube.storage import jobs, videos
from peertube.usecases.video_changes import UPDATE_PRIVACY
from peertube.usecases.videos import VideoChanges
from tests.storage.publishers import NOW_MS
from tests.usecases.video_fakes import no_progress
from tests.usecases.video_world import VideoCase

AT_MS = NOW_MS + 3_600_000


class ScheduleTests(VideoCase):
    """The job is stored with the schedule, and survives what the pod does not."""

    async def work_until(self, now_ms: int) -> None:
        self.clock.time_ms = now_ms
        while claimed := await self.database.write(jobs.claim, 10, now_ms, now_ms + 1000):
            for job in claimed:
                await self.runners()[job.kind](job, no_progress)
                await self.database.write(jobs.complete, job, now_ms)

    async def privacy(self, uuid: str) -> Privacy:
        return (await self.details(uuid)).video.fields.privacy

    async def test_at_its_time(self) -> None:
        """Not before; then friends and the tracker hear of it, once."""
        uuid = await self.upload(privacy=Privacy.PRIVATE, schedule=ScheduledUpdate(AT_MS))
        await self.work_until(AT_MS - 1)
        self.assertEqual((await self.privacy(uuid), await self.told()), (Privacy.PRIVATE, []))
        await self.work_until(AT_MS)
        video = (await self.details(uuid)).video
        self.assertEqual((video.fields.privacy, video.fields.schedule), (Privacy.PUBLIC, None))
        self.assertEqual(video.published_ms, AT_MS)
        self.assertEqual([kind for kind, _ in await self.told()], ["add-video"])
        self.assertEqual(len([news for news in self.publisher.of(topics.TORRENTS) if news["added"]]), 1)
        (job,) = [job for job in await self.waiting_jobs() if job.kind == UPDATE_PRIVACY]
        await self.scheduled.run(job, no_progress)
        self.assertEqual((await self.details(uuid)).video.version, video.version)

    async def test_changed_and_given_up(self) -> None:
        """Only the last word counts."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        for schedule in (ScheduledUpdate(AT_MS), ScheduledUpdate(AT_MS + 10, Privacy.UNLISTED)):
            await self.videos.update(self.alice.viewer, uuid, VideoChanges({"schedule": schedule}))
        await self.work_until(AT_MS + 5)
        self.assertEqual(await self.privacy(uuid), Privacy.PRIVATE)
        await self.work_until(AT_MS + 10)
        self.assertEqual(await self.privacy(uuid), Privacy.UNLISTED)
        changes = VideoChanges({"schedule": ScheduledUpdate(AT_MS + 20), "privacy": Privacy.PRIVATE})
        await self.videos.update(self.alice.viewer, uuid, changes)
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({"schedule": None}))
        await self.work_until(AT_MS + 30)
        self.assertEqual(await self.privacy(uuid), Privacy.PRIVATE)

    async def test_of_a_video_that_is_gone_or_not_ready(self) -> None:
        """A removed one is not missed; one that is still being prepared is published as what it has become."""
        gone = await self.publish(privacy=Privacy.PRIVATE, schedule=ScheduledUpdate(AT_MS))
        await self.videos.remove(self.alice.viewer, gone)
        early = await self.upload(privacy=Privacy.PRIVATE, schedule=ScheduledUpdate(NOW_MS - 5))
        (job,) = [one for one in await self.waiting_jobs() if one.payload == {"video": early, "at": NOW_MS - 5}]
        await self.scheduled.run(job, no_progress)
        self.assertEqual(await self.told(), [])
        await self.work_until(AT_MS)
        self.assertEqual([kind for kind, _ in await self.told()], ["add-video"])
        self.assertIsNone(await self.database.read(videos.details_by_uuid, gone))
