"""What holds for every page, whatever is on it."""

from html.parser import HTMLParser
from urllib.parse import quote_plus

from twisted.trial.unittest import TestCase

from peertube.model.users import Role
from tests.http.serving import viewer
from tests.pages.people import all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import HOSTILE, FakeVideos, video

UUID = video().uuid
NOT_LOADED = ("canonical", "alternate")
"""Kinds of `link` that are addresses for others."""

OPEN_PAGES = (
    "/",
    "/?scope=local",
    "/videos",
    "/videos?sort=-trending&category=1&language=de&page=2",
    "/search",
    "/search?type=channels",
    "/search?search=https://nowhere.example/w/x&live=live",
    f"/search?search={quote_plus(HOSTILE)}&tag=%3Cb%3E&server=%22x&category=1",
    f"/w/{UUID}",
    "/c/ana_channel",
    "/c/ana_channel@b.example",
    "/c/ana_channel/about",
    "/a/ana",
    "/a/ana@b.example",
    "/explore",
    "/directory/2",
    "/login",
    "/login?next=%22%3E%3Cscript%3E",
    "/settings",
    "/about",
    "/about/contact",
    "/signup",
    "/forgotten-password",
    "/reset-password?userId=1&verificationString=%22%3E%3Cb%3E",
    "/verify-account/ask",
    "/verify-account/email?userId=1&verificationString=%22%3E%3Cb%3E",
    "/nothing-here",
    "/w/nothing",
)
OWN_PAGES = (
    *OPEN_PAGES[:3],
    f"/w/{UUID}",
    "/settings",
    "/settings/avatar",
    "/following",
    "/following/manage",
    "/my-channels",
    "/my-channels/new",
    "/my-channels/ana_channel",
    "/my-channels/ana_channel/remove",
    "/invitations",
    f"/my-videos/{UUID}/give",
    "/admin/appearance",
    "/upload",
    "/my-videos",
    f"/my-videos/{UUID}",
    f"/my-videos/{UUID}/remove",
    f"/my-videos/{UUID}/captions",
    f"/my-videos/{UUID}/chapters",
    f"/my-videos/{UUID}/statistics",
    f"/my-videos/{UUID}/statistics?days=365",
    "/history",
    f"/history?search={quote_plus(HOSTILE)}",
    "/history/clear",
    "/admin",
    "/admin/jobs",
    "/admin/logs",
    "/admin/jobs?state=failed&type=publish-video&page=2",
    "/admin/jobs?state=%22%3E%3Cb%3E&type=paused",
    "/admin/friends",
    "/admin/network",
    "/admin/abuses",
    "/admin/abuses?state=all&search=%22%3E%3Cb%3E&server=a.example",
    "/admin/abuses/1",
    "/admin/abuses/3",
    "/my-reports",
    "/my-reports/2",
    f"/w/{UUID}/report",
    "/admin/friends/quit",
    "/admin/friends/1/remove",
    "/admin/users",
    "/admin/users/new",
    "/admin/users/1",
    "/admin/users/2",
    "/admin/users/2/block",
    "/admin/users/2/remove",
    "/admin/users/99",
    "/admin/registrations",
    "/admin/registrations?state=rejected&search=%22x",
    "/settings/profile",
    "/settings/playback",
    "/settings/security",
    "/settings/delete",
)


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, the fields of each form, ids and headings."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[tuple[dict[str, str | None], set[str]]] = []
        self.labels: set[str] = set()
        self.inline: list[str] = []
        self._open: list[str] = []
        self._script: dict[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.elements.append((tag, given))
        if tag == "form":
            self.forms.append((given, set()))
            self._open.append("form")
        if tag in ("input", "select", "textarea", "button") and "form" in self._open and given.get("name"):
            self.forms[-1][1].add(given["name"])
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"])
        if tag == "script":
            self._script = given

    def handle_endtag(self, tag):
        if tag == "form":
            self._open.remove("form")
        if tag == "script":
            self._script = None

    def handle_data(self, data):
        if self._script is not None and data.strip() and self._script.get("type") != "application/json":
            self.inline.append(data)


class AllPagesTests(TestCase):
    """Each page is safe, whole and accessible, in both languages, with hostile titles."""

    def setUp(self) -> None:
        videos = FakeVideos([video(1, HOSTILE, tags=("<b>",), support=HOSTILE, description=HOSTILE, nsfw=True)])
        videos.videos.append(video(2, HOSTILE, host="other.example", trackers=("ws://other.example/tracker",)))
        self.sessions = FakeSessions()
        self.sessions.living["root"] = viewer(username="root", role=Role.ADMINISTRATOR)
        self.site = page_site(all_groups(videos, self.sessions, SETTINGS), self.sessions)

    async def _pages(self):
        for language in ("en", "de"):
            for session, paths in (("", OPEN_PAGES), ("root", OWN_PAGES)):
                browser = Browser(page_resource(self.site))
                if session:
                    browser.cookies["session_80"] = session
                for path in paths:
                    answer = await browser.get(path, {"Accept-Language": language})
                    expected = 404 if "nothing" in path or path.endswith("/99") else 200
                    self.assertEqual(answer.status, expected, path)
                    yield path, answer, Page(answer.body.decode())

    async def test_no_text_of_people_becomes_markup(self) -> None:
        """A title is a title, whatever its author wrote."""
        async for path, answer, page in self._pages():
            self.assertNotIn(b"<script>alert", answer.body, path)
            self.assertNotIn(b"<img src=x", answer.body, path)
            self.assertNotIn(b"{{ 49 }}", answer.body, path)
            for tag, attributes in page.elements:
                self.assertFalse([name for name in attributes if name.startswith("on")], (path, tag, attributes))

    async def test_nothing_is_inline(self) -> None:
        """The policy forbids inline scripts and styles, so a page that has one is broken."""
        async for path, _, page in self._pages():
            self.assertEqual(page.inline, [], path)
            for tag, attributes in page.elements:
                self.assertNotEqual(tag, "style", path)
                self.assertNotIn("style", attributes, (path, tag))

    async def test_every_posted_form_carries_a_csrf_token(self) -> None:
        """Also forms nobody thinks of, as that of signing out."""
        async for path, _, page in self._pages():
            for form, fields in page.forms:
                if form.get("method") == "post":
                    self.assertIn("csrf", fields, (path, form))
                    self.assertTrue((form.get("action") or "").startswith("/"), (path, form))

    async def test_the_policy_allows_nothing_inline_and_only_players_look_elsewhere(self) -> None:
        """DESIGN section 6.10."""
        async for path, answer, _ in self._pages():
            policy = answer.header("Content-Security-Policy")
            self.assertIn("default-src 'none'; script-src 'self'; style-src 'self'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual("connect-src 'self' https:" in policy, path == f"/w/{UUID}", path)

    async def test_landmarks_headings_labels_and_ids(self) -> None:
        """What a screen reader steers by."""
        async for path, _, page in self._pages():
            tags = [tag for tag, _ in page.elements]
            for once in ("h1", "main", "header", "footer", "title"):
                self.assertEqual(tags.count(once), 1, (path, once))
            ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
            self.assertEqual(len(ids), len(set(ids)), (path, sorted(ids)))
            for tag, attributes in page.elements:
                if tag in ("select", "textarea") or (tag == "input" and _needs_label(attributes)):
                    self.assertIn(attributes.get("id"), page.labels, (path, attributes))
                if tag == "img":
                    self.assertIn("alt", attributes, path)
                    self.assertIn("width", attributes, path)
                described = attributes.get("aria-describedby")
                if described:
                    self.assertIn(described, ids, path)

    async def test_the_language_is_said_and_german_is_german(self) -> None:
        """`lang` is what a screen reader chooses its voice by."""
        seen = set()
        async for path, answer, page in self._pages():
            language = dict(page.elements)["html"]["lang"]
            seen.add(language)
            self.assertEqual(answer.header("Content-Language"), language)
            if language == "de":
                self.assertIn("Zum Inhalt springen", answer.body.decode(), path)
        self.assertEqual(seen, {"en", "de"})

    async def test_only_addresses_of_our_own_are_loaded(self) -> None:
        """No external request (web-client section 4); links may lead anywhere."""
        async for path, _, page in self._pages():
            for tag, attributes in page.elements:
                loaded = [attributes.get("src"), attributes.get("poster")]
                loaded += (
                    [attributes.get("href")]
                    if tag in ("link", "use") and attributes.get("rel") not in NOT_LOADED
                    else []
                )
                for url in filter(None, loaded):
                    self.assertTrue(url.startswith("/"), (path, tag, url))


def _needs_label(attributes) -> bool:
    return attributes.get("type") not in ("hidden", "checkbox", "radio", "submit")
