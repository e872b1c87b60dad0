"""The form of the configuration, the review before it is saved, and what is told of the file."""

import re
from html import unescape

from twisted.trial.unittest import TestCase

from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.model.users import Role
from peertube.pages.configuration import ConfigurationPages
from peertube.pages.configuration_fields import size
from peertube.usecases.configuration import CHANGEABLE, Configuration
from tests.http.serving import FixedClock, viewer
from tests.pages.serving import SETTINGS, Answer, Browser, FakeSessions, page_resource, page_site
from tests.storage.databases import open_memory_database

PATH = "/admin/configuration"


class News:
    """Nobody listens."""

    def publish(self, topic: str, message: object) -> None:
        """Tell nobody."""


class ConfigurationPagesTests(TestCase):
    """Signed in as root, over the real settings."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(self.database.stop)
        self.file = Settings.model_validate(
            {"instance": {"name": "Hills"}, "upload": {"max_file_size": "10 GB"}, "secrets": {"peertube": "hush"}}
        )
        self.configuration = Configuration(
            database=self.database,
            clock=FixedClock(),
            publisher=News(),
            settings=self.file,
            current=Current(self.file),
        )
        sessions = FakeSessions()
        sessions.living["c"] = viewer(username="root", role=Role.ADMINISTRATOR)
        sessions.living["m"] = viewer(username="mod", role=Role.MODERATOR)
        groups = [ConfigurationPages(self.configuration)]
        self.browser = Browser(page_resource(page_site(groups, sessions, SETTINGS)))
        self.browser.cookies["session_80"] = "c"

    async def get(self, path: str = PATH) -> str:
        return unescape((await self.browser.get(path)).body.decode())

    async def send(self, path: str, fields: dict[str, object]) -> Answer:
        return await self.browser.send(path, {"shown": list(fields), **fields})

    async def test_every_setting_that_may_change_has_its_words(self) -> None:
        """And is on the page; nobody reads the names of keys."""
        page = await self.get()
        for section, keys in CHANGEABLE.items():
            for key in keys:
                self.assertIn(f'name="shown" value="{section}.{key}"', page)
                self.assertNotRegex(page, rf">\s*{section}\.{key}\s*<")
            self.assertNotIn(f">{section}</h2>", page)

    async def test_the_values_of_the_file(self) -> None:
        """Those that only the file can change are told; secrets are not."""
        page = await self.get()
        self.assertIn('value="Hills"', page)
        self.assertIn('value="10 GB"', page)
        self.assertIn("tracker.udp.enabled", page)
        self.assertNotIn("hush", page)

    async def test_search(self) -> None:
        """By the words as by the key."""
        page = await self.get(f"{PATH}?search=rules")
        self.assertEqual(re.findall(r'name="shown" value="([^"]+)"', page), ["instance.terms"])
        page = await self.get(f"{PATH}?search=listen.port")
        self.assertNotIn('name="shown"', page)
        self.assertIn("listen.port", page)
        self.assertNotIn("friends.encrypt", page)

    async def test_review_then_save(self) -> None:
        """Only what differs is shown, and nothing holds before it is confirmed."""
        fields = {
            "instance.name": "Valleys",
            "instance.terms": "Be kind\r\n\r\nplease",
            "instance.is_nsfw": "yes",
            "instance.categories": ["2", "5"],
            "user.video_quota": "2 GB",
            "upload.max_file_size": "10 GB",
        }
        page = unescape((await self.send(PATH, fields)).body.decode())
        self.assertEqual(self.configuration.settings, self.file)
        shown = re.findall(r'name="shown" value="([^"]+)"', page)
        self.assertNotIn("upload.max_file_size", shown)
        self.assertEqual(set(shown), set(fields) - {"upload.max_file_size"})
        again: dict[str, list[str]] = {}
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
            again.setdefault(name, []).append(value)
        again.pop("csrf")
        answer = await self.browser.send(f"{PATH}/save", again)
        self.assertEqual(answer.header("Location"), PATH)
        now = self.configuration.settings
        self.assertEqual((now.instance.name, now.instance.terms), ("Valleys", "Be kind\n\nplease"))
        self.assertEqual((now.instance.is_nsfw, now.instance.categories), (True, (2, 5)))
        self.assertEqual(now.user.video_quota, 2 * 2**30)
        self.assertIn("the configuration file says: Hills", await self.get())

    async def test_wrong_values_keep_what_was_typed(self) -> None:
        """Each is named, in the form and in the review that was tampered with."""
        wrong = {"instance.name": "", "admin.email": "me", "upload.max_file_size": "a lot", "instance.terms": "kept"}
        for path in (PATH, f"{PATH}/save"):
            answer = await self.send(path, dict(wrong))
            self.assertEqual(answer.status, 400)
            page = unescape(answer.body.decode())
            for name in ("instance.name", "admin.email", "upload.max_file_size"):
                self.assertIn(f'href="#{name}"', page)
            self.assertIn("kept", page)
            self.assertEqual(self.configuration.settings, self.file)

    async def test_nothing_changed(self) -> None:
        """Then there is nothing to save."""
        page = (await self.send(PATH, {"instance.name": "Hills"})).body
        self.assertIn(b"You changed nothing.", page)

    async def test_unknown_settings_are_passed_over(self) -> None:
        """Whoever tampers with the form changes nothing else."""
        await self.send(f"{PATH}/save", {"secrets.peertube": "mine", "listen.port": "1", "nonsense": "x"})
        self.assertEqual(self.configuration.settings, self.file)

    async def test_taking_everything_back(self) -> None:
        """After a question."""
        await self.send(f"{PATH}/save", {"instance.name": "Valleys"})
        self.assertIn("Take all changes back?", await self.get(f"{PATH}/reset"))
        self.assertEqual(self.configuration.settings.instance.name, "Valleys")
        await self.browser.send(f"{PATH}/reset", {})
        self.assertEqual(self.configuration.settings, self.file)

    async def test_moderators_may_not(self) -> None:
        """Not see, not change."""
        self.browser.cookies["session_80"] = "m"
        self.assertEqual((await self.browser.get(PATH)).status, 403)
        self.assertEqual((await self.send(f"{PATH}/save", {"instance.name": "Mine"})).status, 403)

    def test_sizes(self) -> None:
        """Exact, in the largest unit that is."""
        self.assertEqual(
            [size(number) for number in (-1, 0, 1, 1024, 1536, 5 * 2**30)], ["", "0", "1", "1 KB", "1536", "5 GB"]
        )
