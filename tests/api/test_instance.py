"""What the pod says about itself."""

import json
from pathlib import Path

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.api.instance import InstanceApi
from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.storage import stats
from peertube.storage.query import Query
from peertube.usecases.home_page import HomePage
from peertube.usecases.instance import Instance
from peertube.usecases.instance_pictures import InstancePictures
from peertube.usecases.signup import SignupRules
from tests.http.serving import NOW_MS, Client, gate, resource
from tests.storage.databases import open_memory_database

DAY_MS = 86_400_000

_ACCOUNT = Query(
    """insert into accounts (uuid, host, name, display_name, created_ms, updated_ms)
    values (:uuid, :host, :uuid, '', 0, 0)"""
)
_CHANNEL = Query(
    """insert into channels (uuid, host, account_id, name, display_name, created_ms, updated_ms)
    values (:uuid, :host, :account, :uuid, '', 0, 0)"""
)
_VIDEO = Query(
    """insert into videos (uuid, host, channel_id, name, privacy, nsfw, comments_policy, download_enabled,
        wait_transcoding, state, duration, views, likes, dislikes, trackers, search_text, version, created_ms,
        updated_ms, published_ms)
    values (:uuid, :host, :channel, '', :privacy, 0, 1, 1, 0, 1, 1, :views, 0, 0, '[]', '', 1, :ms, :ms, :ms)"""
)
_FILE = Query(
    """insert into video_files (video_id, resolution, width, height, fps, extname, size, has_audio, has_video,
        created_ms)
    values (:video, 0, 0, 0, 0, '.mp4', :size, 1, 1, 0)"""
)


class MovingClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        return self.ms


class InstanceCase(TestCase):
    """A pod with some rows."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(self.stop)
        self.clock = MovingClock()
        self.current = Current(Settings())
        instance = Instance(database=self.database, storage=None, clock=self.clock)
        pictures = InstancePictures(database=self.database, files=None, publisher=None)
        home_page = HomePage(database=self.database, clock=self.clock, publisher=None)
        signup = SignupRules(database=self.database, clock=self.clock, settings=self.current)
        api = InstanceApi(
            instance=instance, signup=signup, current=self.current, pictures=pictures, home_page=home_page
        )
        self.client = Client(resource(api.routes(), gate()))

    def stop(self) -> Deferred[None]:
        return ensureDeferred(self.database.stop())


class ConfigTests(InstanceCase):
    """`/config` and `/config/about`."""

    async def test_every_key_that_programs_know_is_there(self) -> None:
        """Shapes only, of the peer's real answer: values are ours."""
        known = json.loads((Path(__file__).parent / "config_keys.json").read_text())
        for path, expected in known.items():
            answer = await self.client.ask("GET", f"/api/v1/{path}")
            self.assertEqual(answer.status, 200)
            self.assertEqual(sorted(set(expected) - set(keys(answer.json))), [])

    async def test_values_come_from_the_settings_and_follow_a_reload(self) -> None:
        before = await self.client.ask("GET", "/api/v1/config")
        self.assertEqual(before.json["tracker"], {"enabled": True})
        again = await self.client.ask("GET", "/api/v1/config", headers={"If-None-Match": before.header("ETag") or ""})
        self.assertEqual(again.status, 304)
        self.current.replace(Settings.model_validate({"tracker": {"enabled": False}, "instance": {"name": "Ours"}}))
        after = await self.client.ask("GET", "/api/v1/config", headers={"If-None-Match": before.header("ETag") or ""})
        self.assertEqual((after.status, after.json["tracker"]), (200, {"enabled": False}))
        self.assertEqual((await self.client.ask("GET", "/api/v1/config/about")).json["instance"]["name"], "Ours")

    async def test_ping(self) -> None:
        answer = await self.client.ask("GET", "/api/v1/ping")
        self.assertEqual((answer.body, answer.header("Content-Type")), (b"pong", "text/plain; charset=utf-8"))


class StatsTests(InstanceCase):
    """`/server/stats`."""

    async def fill(self, tx) -> None:
        for host in ("", "else.example"):
            account = (await self.added(tx, _ACCOUNT, uuid=f"a{host}", host=host))["id"]
            channel = (await self.added(tx, _CHANNEL, uuid=f"c{host}", host=host, account=account))["id"]
            for number, privacy in enumerate((1, 1, 3)):
                video = await self.added(
                    tx,
                    _VIDEO,
                    uuid=f"v{number}{host}",
                    host=host,
                    channel=channel,
                    privacy=privacy,
                    views=number + 1,
                    ms=NOW_MS - 3 * DAY_MS,
                )
                await tx.run(_FILE, video=video["id"], size=1000)

    async def added(self, tx, query: Query, **parameters: object):
        return await tx.one(query + Query("returning id"), **parameters)

    async def test_counts(self) -> None:
        empty = (await self.client.ask("GET", "/api/v1/server/stats")).json
        self.assertEqual({value for key, value in empty.items() if key != "videosRedundancy"}, {0})
        await self.database.write(self.fill)
        self.assertEqual((await self.client.ask("GET", "/api/v1/server/stats")).json, empty)
        self.clock.ms += 30_000
        counts = (await self.client.ask("GET", "/api/v1/server/stats")).json
        self.assertEqual(
            {key: value for key, value in counts.items() if value},
            {
                "totalLocalVideos": 2,
                "totalLocalVideoViews": 3,
                "totalLocalVideoFilesSize": 3000,
                "totalVideos": 4,
                "totalLocalVideoChannels": 1,
                "totalLocalWeeklyActiveVideoChannels": 1,
                "totalLocalMonthlyActiveVideoChannels": 1,
            },
        )

    async def test_the_database_says_that_it_lives(self) -> None:
        self.assertIsNone(await self.database.read(stats.answers))


def keys(value: object, path: str = "") -> list[str]:
    """The paths of all members of a JSON value."""
    if not isinstance(value, dict):
        return [path]
    return [path, *(one for name, inner in value.items() for one in keys(inner, f"{path}/{name}"))]
