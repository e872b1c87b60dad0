"""The page of the log."""

from typing import Any

from twisted.trial.unittest import TestCase

from peertube.pages.languages import Languages, load
from peertube.pages.logs import MOST_SHOWN, LogsPages
from tests.pages.log_lines import FakeLogs


class VisitOnTest:
    """Somebody who asks for something."""

    def __init__(self, **asked: str) -> None:
        self._asked = asked
        self.texts = Languages(load()).choose(None, "en")

    def asked(self, name: str) -> str:
        return self._asked.get(name, "")


class LogsPagesTests(TestCase):
    """What is asked for is shown."""

    async def shown(self, more: int = 0, **asked: str) -> Any:
        logs = FakeLogs(more)
        return await LogsPages(logs, logs).listing(VisitOnTest(**asked))

    async def test_level_and_text(self) -> None:
        """Newest first; nonsense counts as nothing asked."""
        for asked, count in (({}, 3), ({"level": "warn"}, 2), ({"level": "x"}, 3), ({"search": "NOBODY"}, 1)):
            self.assertEqual(count, len((await self.shown(**asked)).context["lines"]), asked)
        self.assertIn("broke", (await self.shown()).context["lines"][0].message)

    async def test_following(self) -> None:
        """The browser loads the page again, until told otherwise."""
        self.assertEqual({}, (await self.shown()).headers)
        self.assertIn("follow=1", (await self.shown(level="warn")).context["other"])
        following = await self.shown(level="warn", follow="1")
        self.assertEqual({"Refresh": "5"}, following.headers)
        self.assertEqual("/admin/logs?level=warn", following.context["other"])

    async def test_bounded(self) -> None:
        """The page has the newest, the file all."""
        shown = (await self.shown(more=MOST_SHOWN)).context
        self.assertEqual((MOST_SHOWN, MOST_SHOWN + 3), (len(shown["lines"]), shown["total"]))
        logs = FakeLogs(MOST_SHOWN)
        answer = await LogsPages(logs, logs).download(VisitOnTest(level="warn"))
        self.assertEqual(2, answer.body.count(b"\n"))
        self.assertTrue(answer.body.startswith(b"2"), answer.body)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
