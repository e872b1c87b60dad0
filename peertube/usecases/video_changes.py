"""What follows when a video of ours changes: its torrents, the tracker, its schedule, and what friends are told."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from peertube.model import topics
from peertube.model.deliveries import DeliveryKind
from peertube.model.jobs import Job
from peertube.model.videos import Video, VideoDetails, VideoFields, VideoState
from peertube.policy import visibility
from peertube.storage import deliveries, jobs, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, JobRunner, Progress, Publisher, Vault
from peertube.usecases.sealed_passwords import follow_privacy

REWRITE_TORRENT = "rewrite-torrent"
"""The kind of jobs that make a video's torrents again under its new name: ``{"video": uuid}``."""

UPDATE_PRIVACY = "update-privacy"
"""The kind of jobs that give a video the privacy it was scheduled for: ``{"video": uuid, "at": ms}``."""


async def apply(
    tx: Transaction,
    before: VideoDetails,
    fields: VideoFields,
    now_ms: int,
    publisher: Publisher,
    *,
    channel_id: int | None = None,
) -> None:
    """Let a video have these fields, and note all that follows."""
    video = before.video
    await videos.update(tx, video.id, fields, channel_id=channel_id, updated_ms=now_ms)
    after = evolve(video, fields=fields)
    if visibility.is_shared(after) and not visibility.is_shared(video):
        await videos.publish(tx, video.id, now_ms)
    told = await tell_of_change(tx, video, after, now_ms)
    renamed = fields.name != video.fields.name
    opened = visibility.is_open(after) != visibility.is_open(video)
    if video.state is VideoState.PUBLISHED and (renamed or opened):
        await jobs.add(tx, REWRITE_TORRENT, {"video": video.uuid}, now_ms)
        tx.after_commit(lambda: publisher.publish(topics.JOBS, {}))
    if video.state is VideoState.PUBLISHED and opened:
        tell_tracker(tx, before, "added" if visibility.is_open(after) else "removed", publisher)
    if fields.schedule != video.fields.schedule:
        await schedule(tx, video.uuid, fields, now_ms, publisher)
    if told:
        tx.after_commit(lambda: publisher.publish(topics.DELIVERIES, {"pods": []}))


async def schedule(tx: Transaction, video_uuid: str, fields: VideoFields, now_ms: int, publisher: Publisher) -> None:
    """Store the job that changes the privacy of a video at its time; one of an earlier schedule does nothing then."""
    if fields.schedule is not None:
        at = fields.schedule.update_ms
        await jobs.add(tx, UPDATE_PRIVACY, {"video": video_uuid, "at": at}, now_ms, run_at_ms=max(at, now_ms))
        tx.after_commit(lambda: publisher.publish(topics.JOBS, {}))


def tell_tracker(tx: Transaction, found: VideoDetails, key: str, publisher: Publisher) -> None:
    """Tell the tracker, once this is stored, that the torrents of a video are ``added`` or ``removed``."""
    hashes = [file.info_hash for file in found.files if file.info_hash is not None]
    if hashes:
        news = {"added": [], "removed": [], key: hashes}
        tx.after_commit(lambda: publisher.publish(topics.TORRENTS, news))


async def tell_of_change(tx: Transaction, before: Video, after: Video, now_ms: int) -> bool:
    """Note for every friend that a video of ours appeared, changed or is not public any more; whether any."""
    was, shared = visibility.is_shared(before), visibility.is_shared(after)
    if was and not shared:
        await tell_of_removal(tx, before, now_ms)
        return True
    if shared:
        current = await videos.details_by_id(tx, after.id)
        kind = DeliveryKind.UPDATE_VIDEO if was else DeliveryKind.ADD_VIDEO
        version = after.version if current is None else current.video.version
        await deliveries.add(tx, kind, after.uuid, version, now_ms)
    return shared


async def tell_of_removal(tx: Transaction, video: Video, now_ms: int) -> None:
    """Note for every friend that a video of ours is gone."""
    await deliveries.add(
        tx, DeliveryKind.REMOVE_VIDEO, video.uuid, video.version + 1, now_ms, body={"uuid": video.uuid}
    )


class ScheduledUpdates:
    """Gives videos the privacy that they were scheduled for."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._vault = vault

    def runners(self) -> Mapping[str, JobRunner]:
        """What runs each kind of job."""
        return {UPDATE_PRIVACY: self.run}

    async def run(self, job: Job, progress: Progress) -> None:
        """Change the privacy of a video, unless it was scheduled anew or not at all any more. Safe to run twice: the
        schedule goes with the change."""
        await self._database.write(self._run, job.payload)

    async def _run(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        found = await videos.details_by_uuid(tx, payload["video"])
        planned = None if found is None else found.video.fields.schedule
        if found is None or planned is None or planned.update_ms != payload["at"]:
            return
        now_ms, video = self._clock.now_ms(), found.video
        fields = evolve(video.fields, privacy=planned.privacy, schedule=None)
        await follow_privacy(tx, self._vault, (video.id, video.uuid), fields.privacy, None, now_ms)
        await apply(tx, found, fields, now_ms, self._publisher)
