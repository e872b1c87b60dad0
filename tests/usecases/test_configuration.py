"""Settings that change at run time."""

from twisted.trial.unittest import TestCase

from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.errors import Invalid
from peertube.model import topics
from peertube.model.users import Role
from peertube.usecases.configuration import Configuration
from tests.http.serving import NOW_MS, FixedClock, viewer
from tests.storage.databases import open_memory_database

ADMIN = viewer(1, Role.ADMINISTRATOR, username="root")


class News:
    """Notes what was told."""

    def __init__(self) -> None:
        self.told = []

    def publish(self, topic, message) -> None:
        self.told.append(topic)


class ConfigurationTests(TestCase):
    """Two processes of one pod, over one database."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(self.stop)
        self.news = News()
        self.settings = Settings.model_validate({"instance": {"name": "From the file"}})
        self.here, self.there = self.process(), self.process()

    async def stop(self) -> None:
        await self.database.stop()

    def process(self) -> Configuration:
        return Configuration(
            database=self.database,
            clock=FixedClock(),
            publisher=self.news,
            settings=self.settings,
            current=Current(self.settings),
        )

    async def test_a_change_is_in_force_at_once_and_elsewhere_after_the_news(self) -> None:
        await self.here.change(ADMIN, {"instance": {"name": "Changed"}, "user": {"video_quota": 5}})
        self.assertEqual(self.here.settings.instance.name, "Changed")
        self.assertEqual(self.here.settings.user.video_quota, 5)
        self.assertEqual(self.news.told, [topics.CONFIGURATION])
        await self.there.load()
        self.assertEqual(self.there.settings.instance.name, "Changed")

    async def test_what_is_not_named_stays(self) -> None:
        await self.here.change(ADMIN, {"instance": {"terms": "Be kind"}})
        await self.here.change(ADMIN, {"user": {"video_quota": 5}})
        self.assertEqual(self.here.settings.instance.terms, "Be kind")
        self.assertEqual(self.here.settings.instance.name, "From the file")

    async def test_reset_brings_the_file_back(self) -> None:
        await self.here.change(ADMIN, {"instance": {"name": "Changed"}})
        await self.here.reset(ADMIN)
        await self.there.load()
        self.assertEqual(self.here.settings, self.settings)
        self.assertEqual(self.there.settings, self.settings)

    async def test_every_wrong_value_is_named_and_nothing_changes(self) -> None:
        wrong = {"instance": {"name": [], "default_nsfw_policy": "never"}, "user": {"video_quota": -7}}
        with self.assertRaises(Invalid) as caught:
            await self.here.change(ADMIN, wrong)
        self.assertEqual(
            sorted(caught.exception.fields), ["instance.default_nsfw_policy", "instance.name", "user.video_quota"]
        )
        self.assertEqual(self.here.settings, self.settings)
        self.assertEqual(self.news.told, [])

    async def test_wrong_values_are_found_without_a_change(self) -> None:
        """Before the admin says yes."""
        await self.here.change(ADMIN, {"instance": {"name": "Changed"}})
        await self.here.check({"admin": {"email": "me@pod.example"}, "user": {"video_quota": "2 GB"}})
        with self.assertRaises(Invalid) as caught:
            await self.here.check({"admin": {"email": "me"}, "instance": {"categories": ["99"]}})
        self.assertEqual(sorted(caught.exception.fields), ["admin.email", "instance.categories"])
        self.assertEqual(self.here.settings.admin, self.settings.admin)

    async def test_what_is_as_in_the_file_follows_the_file(self) -> None:
        """A setting that was put back by hand is as good as one that was never changed."""
        await self.here.change(ADMIN, {"instance": {"name": "Changed", "terms": "Be kind"}})
        await self.here.change(ADMIN, {"instance": {"name": "From the file"}})
        self.settings = Settings.model_validate({"instance": {"name": "From the file of next year"}})
        later = self.process()
        await later.load()
        self.assertEqual(later.settings.instance.name, "From the file of next year")
        self.assertEqual(later.settings.instance.terms, "Be kind")

    async def test_nothing_else_can_be_changed(self) -> None:
        """The address of the database, say, is for the operator alone."""
        await self.here.change(ADMIN, {"database": {"path": "/etc/x"}, "instance": {"unknown": 1}})
        self.assertEqual(self.here.settings, self.settings)

    async def test_old_news_do_not_undo_newer_changes(self) -> None:
        await self.here.change(ADMIN, {"instance": {"name": "One"}})
        await self.there.change(ADMIN, {"instance": {"name": "Two"}})
        self.here._apply(1, {"instance": {"name": "One"}})
        await self.here.load()
        self.here._apply(1, {"instance": {"name": "One"}})
        self.assertEqual(self.here.settings.instance.name, "Two")

    async def test_who_changed_what_is_written_down(self) -> None:
        await self.here.change(ADMIN, {"instance": {"name": "Changed"}})
        await self.here.reset(ADMIN)
        entries = await self.here.audit(NOW_MS, NOW_MS)
        self.assertEqual(
            [(entry.username, entry.domain, entry.action) for entry in entries],
            [("root", "config", "reset"), ("root", "config", "update")],
        )
        self.assertEqual(entries[1].detail, {"instance": {"name": "Changed"}})
        self.assertEqual(await self.here.audit(0, NOW_MS - 1), [])
