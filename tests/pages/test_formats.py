"""Numbers, sizes, durations, dates and text of people."""

from twisted.trial.unittest import TestCase

from peertube.pages.formats import Formats
from peertube.pages.languages import load
from peertube.pages.paging import Paging
from peertube.pages.user_text import to_html, to_summary

NOW_MS = 1_700_000_000_000


class FormatsTests(TestCase):
    """As people of a language write."""

    def setUp(self) -> None:
        texts = load()
        self.english, self.german = Formats(texts["en"], NOW_MS), Formats(texts["de"], NOW_MS)

    def test_sizes(self) -> None:
        """Never more than four digits."""
        self.assertEqual(self.english.size(0), "0 byte")
        self.assertEqual(self.english.size(1_536_000), "1.5 MB")
        self.assertEqual(self.german.size(1_536_000), "1,5 MB")
        self.assertEqual(self.english.size(2_500_000_000_000_000), "2,500 TB")

    def test_durations(self) -> None:
        """Seen and heard."""
        self.assertEqual(
            [self.english.clock(seconds) for seconds in (0, 59, 243, 3723)], ["0:00", "0:59", "4:03", "1:02:03"]
        )
        self.assertEqual(self.english.spoken(243), "4 minutes, 3 seconds")
        self.assertEqual(self.english.spoken(0), "0 seconds")
        self.assertEqual(self.german.spoken(3600), "1 Stunde")

    def test_times_are_marked_up(self) -> None:
        """Machines read the attribute, people the words."""
        shown = str(self.english.time(NOW_MS - 3 * 86_400_000))
        self.assertIn('datetime="2023-11-11T22:13:20Z"', shown)
        self.assertIn(">3 days ago<", shown)
        self.assertIn(">vor 3 Tagen<", str(self.german.time(NOW_MS - 3 * 86_400_000)))
        self.assertIn(">just now<", str(self.english.time(NOW_MS)))
        self.assertIn(">Nov 15, 2021<", str(self.english.time(1_637_000_000_000)))

    def test_a_date_no_calendar_has_breaks_no_page(self) -> None:
        """Other pods say what they like."""
        self.assertIn("<time", str(self.english.time(253_402_300_799_000)))
        self.assertIn("<time", str(self.english.date(-10_000_000_000_000_000)))


class UserTextTests(TestCase):
    """Markdown, and nothing that could do harm."""

    def test_markdown(self) -> None:
        """Emphasis, lists, links."""
        html = to_html("**a** [b](https://example.com)\n\n- c")
        self.assertIn("<strong>a</strong>", html)
        self.assertIn('<a href="https://example.com" rel="nofollow noopener noreferrer ugc">b</a>', html)
        self.assertIn("<li>c</li>", html)

    def test_hostile_text(self) -> None:
        """Elements, handlers, and addresses that are programs."""
        for text in (
            "<script>x</script>",
            "[a](javascript:alert(1))",
            "<a onclick=x>y</a>",
            "![x](http://e/y.png)",
            "<style>*{}",
        ):
            html = str(to_html(text))
            for word in ("<script", "<style", 'href="javascript', "<img", "<a onclick"):
                self.assertNotIn(word, html, text)

    def test_summaries_are_plain_and_short(self) -> None:
        """For search engines."""
        self.assertEqual(to_summary("**a** & <b>"), "a & <b>")
        self.assertLessEqual(len(to_summary("word " * 500)), 200)
        self.assertEqual(to_summary(None), "")


class PagingTests(TestCase):
    """Numbered pages."""

    def test_gaps(self) -> None:
        """First, last and the neighbours."""
        paging = Paging("/videos", {"sort": "name"}, 10, 24, 24 * 30)
        self.assertEqual(paging.shown, [1, None, 8, 9, 10, 11, 12, None, 30])
        self.assertEqual(paging.url(3), "/videos?sort=name&page=3")
        self.assertEqual(paging.url(1), "/videos?sort=name")

    def test_few(self) -> None:
        """No gap where none is."""
        self.assertEqual(Paging("/", {}, 1, 24, 0).shown, [1])
        self.assertEqual(Paging("/", {}, 2, 10, 25).shown, [1, 2, 3])
