"""Signing in and out."""

from twisted.trial.unittest import TestCase

from peertube.errors import Invalid, TooManyRequests
from peertube.pages.login import LoginPages
from tests.http.serving import viewer
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site


class LoginTests(TestCase):
    """The way in."""

    def setUp(self) -> None:
        self.sessions = FakeSessions()
        self.sessions.users["ana"] = viewer(username="ana")
        self.browser = Browser(page_resource(page_site([LoginPages(self.sessions, SETTINGS)], self.sessions)))

    async def test_name_and_password_begin_a_session(self) -> None:
        """And lead where the visitor wanted to go."""
        page = await self.browser.get("/login?next=/upload")
        self.assertIn(b'name="next" value="/upload"', page.body)
        answer = await self.browser.send("/login", {"username": "ana", "password": "right", "next": "/upload"})
        self.assertEqual((answer.status, answer.header("Location")), (303, "/upload"))
        self.assertEqual(self.browser.cookies["session_80"], "session-ana")
        self.assertNotIn("visitor_80", self.browser.cookies)

    async def test_a_wrong_login_says_not_which_part_and_keeps_the_name(self) -> None:
        """400 as the REST API."""
        await self.browser.get("/login")
        answers = [
            await self.browser.send("/login", {"username": "ana", "password": "wrong"}),
            await self.browser.send("/login", {"username": "nobody", "password": "right"}),
        ]
        for answer in answers:
            self.assertEqual(answer.status, 400)
            self.assertIn(b"The name or the password is not right.", answer.body)
            self.assertNotIn(b'value="wrong"', answer.body)
        self.assertIn(b'value="ana"', answers[0].body)
        self.assertNotIn("session_80", self.browser.cookies)

    async def test_a_limit_shows_the_seconds(self) -> None:
        """So that people know what to do."""
        await self.browser.get("/login")
        self.sessions.error = TooManyRequests("slow down", retry_after_seconds=42)
        answer = await self.browser.send("/login", {"username": "ana", "password": "right"})
        self.assertEqual(answer.status, 429)
        self.assertIn(b"42 seconds", answer.body)

    async def test_a_blocked_user_is_told(self) -> None:
        """With the reason's code of the use case."""
        await self.browser.get("/login")
        self.sessions.error = Invalid("User is blocked.", code="access_denied")
        answer = await self.browser.send("/login", {"username": "ana", "password": "right"})
        self.assertIn(b"This user is blocked here.", answer.body)

    async def test_no_login_leads_to_another_site(self) -> None:
        """An open redirect would help those who steal passwords."""
        await self.browser.get("/login")
        fields = {"username": "ana", "password": "right", "next": "//evil.example"}
        self.assertEqual((await self.browser.send("/login", fields)).header("Location"), "/")

    async def test_signing_out_ends_the_session(self) -> None:
        """On the server, not only in the browser."""
        self.sessions.living["session-ana"] = self.sessions.users["ana"]
        self.browser.cookies["session_80"] = "session-ana"
        await self.browser.send("/logout", {})
        self.assertEqual(self.sessions.living, {})
        self.assertNotIn("session_80", self.browser.cookies)

    async def test_scripts_get_a_token_with_the_sessions_csrf_token(self) -> None:
        """In a header, from our own pages only."""
        self.sessions.living["session-ana"] = self.sessions.users["ana"]
        self.browser.cookies["session_80"] = "session-ana"
        refused = await self.browser.post("/session/token", {})
        self.assertEqual(refused.status, 403)
        answer = await self.browser.post("/session/token", {}, {"X-CSRF-Token": "csrf-session-ana"})
        self.assertEqual(answer.json, {"accessToken": "token-of-ana"})

    async def test_strangers_get_no_token(self) -> None:
        """401, as a page."""
        await self.browser.get("/login")
        self.assertEqual((await self.browser.send("/session/token", {})).status, 401)
