"""Who may enter, which forms are taken, where redirects lead, which cookies are set."""

from twisted.trial.unittest import TestCase

from peertube.config.schema import Settings
from peertube.errors import Unavailable
from peertube.model.users import Role
from peertube.pages.visits import local_path, with_query
from tests.http.serving import viewer
from tests.pages.people import FakePods, FakeUsers, all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import FakeRatings, FakeVideos, video

UUID = video().uuid
RATE = f"/w/{UUID}/rate"


class SiteTests(TestCase):
    """The gate in front of all pages."""

    def setUp(self) -> None:
        self.videos = FakeVideos([video()])
        self.sessions = FakeSessions()
        self.ratings = FakeRatings()
        self.pods = FakePods()
        self.users = FakeUsers()
        self.browser = self._browser(SETTINGS)

    def _browser(self, settings: Settings) -> Browser:
        groups = all_groups(
            self.videos, self.sessions, settings, ratings=self.ratings, pods=self.pods, users=self.users
        )
        return Browser(page_resource(page_site(groups, self.sessions, settings)))

    def _sign_in(self, role: Role = Role.ADMINISTRATOR) -> None:
        self.sessions.living["cookie"] = viewer(username="someone", role=role)
        self.browser.cookies["session_80"] = "cookie"

    async def test_a_stranger_is_led_to_the_login_and_back(self) -> None:
        """The address asked for is not lost."""
        answer = await self.browser.get("/my-videos?page=2")
        self.assertEqual(answer.status, 303)
        self.assertEqual(answer.header("Location"), "/login?next=%2Fmy-videos%3Fpage%3D2")

    async def test_a_right_is_needed_for_administration(self) -> None:
        """A user without it gets 403, also for the forms."""
        self._sign_in(Role.USER)
        for path in ("/admin", "/admin/friends", "/admin/users", "/admin/users/1"):
            self.assertEqual((await self.browser.get(path)).status, 403, path)
        for path in ("/admin/friends/make", "/admin/friends/quit", "/admin/users/2/remove", "/admin/jobs/1/retry"):
            self.assertEqual((await self.browser.send(path, {"hosts": "x"})).status, 403, path)
        self.assertEqual(self.pods.done + self.users.done, [])

    async def test_a_moderator_reaches_users_only(self) -> None:
        """Rights, not roles, open the doors."""
        self._sign_in(Role.MODERATOR)
        self.assertEqual((await self.browser.get("/admin/users")).status, 200)
        self.assertEqual((await self.browser.get("/admin/friends")).status, 403)

    async def test_a_form_of_another_site_is_refused(self) -> None:
        """With a good token even; with no origin at all; with one that only looks like ours."""
        self._sign_in()
        form = {"csrf": "csrf-cookie", "rating": "like"}
        for origin in (
            "http://evil.example",
            "null",
            "http://pod.example.evil.example",
            "https://pod.example:444",
            None,
        ):
            answer = await self.browser.post(RATE, form, {"Origin": origin})
            self.assertEqual(answer.status, 403, origin)
        self.assertEqual(self.ratings.rated, [])

    async def test_a_referer_of_ours_stands_in_for_the_origin(self) -> None:
        """Some browsers send only that."""
        self._sign_in()
        headers = {"Origin": None, "Referer": "http://pod.example/w/x"}
        answer = await self.browser.post(RATE, {"csrf": "csrf-cookie", "rating": "like"}, headers)
        self.assertEqual(answer.status, 303)

    async def test_a_form_without_the_sessions_token_is_refused(self) -> None:
        """None, an empty one, that of another session."""
        self._sign_in()
        for token in ({}, {"csrf": ""}, {"csrf": "csrf-other"}, {"csrf": "csrf-"}):
            answer = await self.browser.post(RATE, {"rating": "like", **token})
            self.assertEqual(answer.status, 403, token)
            self.assertIn(b"open for too long", answer.body)
        self.assertEqual(self.ratings.rated, [])

    async def test_a_good_form_works_and_leads_on(self) -> None:
        """Post, then redirect."""
        self._sign_in()
        answer = await self.browser.send(RATE, {"rating": "like"})
        self.assertEqual((answer.status, answer.header("Location")), (303, RATE.removesuffix("/rate")))
        self.assertEqual(len(self.ratings.rated), 1)

    async def test_pages_without_forms_set_no_cookie(self) -> None:
        """Reading leaves no trace."""
        for path in ("/", "/videos", "/search?search=a", "/about"):
            answer = await self.browser.get(path)
            self.assertIsNone(answer.headers.getRawHeaders("Set-Cookie"), path)

    async def test_cookies_are_guarded(self) -> None:
        """HttpOnly and SameSite always, Secure under https, and the port in the name."""
        await self.browser.get("/login")
        self.assertIn("visitor_80", self.browser.cookies)
        secure = evolve_settings(https=True, port=443)
        browser = self._browser(secure)
        cookie = (await browser.get("/login")).header("Set-Cookie")
        self.assertTrue(cookie.startswith("visitor_443="), cookie)
        for word in ("HttpOnly", "Secure", "SameSite=lax"):
            self.assertIn(word.lower(), cookie.lower())

    async def test_success_is_told_once(self) -> None:
        """On the page after the redirect, and not again."""
        self._sign_in()
        await self.browser.send("/settings", {"theme": "dark", "language": "de"})
        first, second = await self.browser.get("/settings"), await self.browser.get("/settings")
        self.assertIn("Ihre Einstellungen sind gespeichert.", first.body.decode())
        self.assertNotIn("Ihre Einstellungen sind gespeichert.", second.body.decode())
        self.assertIn('data-theme="dark"', second.body.decode())

    async def test_a_forged_success_shows_nothing(self) -> None:
        """Only our own sentences."""
        self.browser.cookies["done_80"] = "<b>hacked</b>"
        self.assertNotIn(b"hacked", (await self.browser.get("/")).body)

    async def test_an_error_of_a_use_case_is_a_page(self) -> None:
        """With its status, and a button to try again."""

        async def busy(*_):
            raise Unavailable("The database is away")

        self.videos.listing = busy
        answer = await self.browser.get("/")
        self.assertEqual(answer.status, 503)
        self.assertIn(b"Try again", answer.body)

    async def test_a_bug_shows_no_inside(self) -> None:
        """A bare page with 500; the log has the rest."""

        async def broken(*_):
            raise RuntimeError("secret path /etc/x")

        self.videos.listing = broken
        answer = await self.browser.get("/")
        self.assertEqual(answer.status, 500)
        self.assertNotIn(b"secret", answer.body)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    async def test_pages_of_users_are_not_kept_by_caches(self) -> None:
        """What is mine is nobody else's."""
        self._sign_in()
        self.assertEqual((await self.browser.get("/")).header("Cache-Control"), "private, no-store")


class AddressTests(TestCase):
    """Addresses that come from visitors."""

    def test_no_redirect_leads_elsewhere(self) -> None:
        """`next` is an address on this site or nothing."""
        for text in (
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "evil",
            "",
            "/a\r\nSet-Cookie: x",
            "/ b",
        ):
            self.assertEqual(local_path(text), "/", text)
        self.assertEqual(local_path("/w/abc?start=3"), "/w/abc?start=3")

    def test_queries_leave_out_what_is_empty(self) -> None:
        """Addresses that people can read."""
        self.assertEqual(
            with_query("/videos", sort=None, scope="", page=2, tags=["a", "b"]), "/videos?page=2&tags=a&tags=b"
        )


def evolve_settings(**web_server: object) -> Settings:
    """Our settings under another address."""
    return SETTINGS.model_copy(update={"webserver": SETTINGS.webserver.model_copy(update=web_server)})
