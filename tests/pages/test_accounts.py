"""Pages around accounts: what is sent on, what is refused, what is kept of what was typed."""

from twisted.trial.unittest import TestCase

from peertube.model.users import Role
from peertube.usecases.logins import TwoFactorMissing
from peertube.usecases.registrations import Decision, SignupRequest
from tests.http.serving import viewer
from tests.pages.account_fakes import FakeAccounts
from tests.pages.people import FakeUsers, all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import FakeVideos

CAROL = {"username": "Carol", "email": "carol@example.com", "password": "secret1", "agreed": "true"}


class AccountCase(TestCase):
    """A browser, signed in as root or not."""

    def setUp(self) -> None:
        self.sessions, self.accounts, self.users = FakeSessions(), FakeAccounts(), FakeUsers()
        self.sessions.users["root"] = viewer(username="root", role=Role.ADMINISTRATOR)
        groups = all_groups(FakeVideos([]), self.sessions, SETTINGS, users=self.users, accounts=self.accounts)
        self.browser = Browser(page_resource(page_site(groups, self.sessions)))

    async def sign_in(self) -> None:
        """As root."""
        await self.browser.get("/login")
        await self.browser.send("/login", {"username": "root", "password": "right"})


class StrangersTests(AccountCase):
    """Without a login."""

    async def test_asking_for_an_account(self) -> None:
        """With the reason; the rules must be agreed to, and what was typed is kept."""
        await self.browser.get("/signup")
        reason = {"registrationReason": "Films"}
        refused = await self.browser.send("/signup", {**CAROL, **reason, "agreed": ""})
        self.assertEqual((refused.status, self.accounts.done), (400, []))
        self.assertIn(b'value="Carol"', refused.body)
        self.assertNotIn(b"secret1", refused.body)
        done = await self.browser.send("/signup", {**CAROL, **reason})
        self.assertIn(b"Your request is sent", done.body)
        expected = SignupRequest("carol", "carol@example.com", "secret1", reason="Films", language="en")
        self.assertEqual(self.accounts.done, [expected])

    async def test_a_lost_password(self) -> None:
        """One answer for every address; the link is used up by a form, not by looking at it."""
        await self.browser.get("/forgotten-password")
        sent = await self.browser.send("/forgotten-password", {"email": "a@example.com"})
        self.assertIn(b"If a@example.com belongs to an account", sent.body)
        await self.browser.get("/reset-password?userId=7&verificationString=c0de")
        given = {"userId": "7", "verificationString": "c0de", "password": "secret1"}
        slip = await self.browser.send("/reset-password", {**given, "again": "secret2"})
        self.assertEqual(slip.status, 400)
        self.assertIn(b'value="c0de"', slip.body)
        done = await self.browser.send("/reset-password", {**given, "again": "secret1"})
        self.assertEqual((done.status, done.header("Location")), (303, "/login"))
        self.assertEqual(self.accounts.done, ["a@example.com", ("reset", 7, "c0de", "secret1")])

    async def test_a_confirmed_address(self) -> None:
        """Of a user, of another address, of a request."""
        page = await self.browser.get("/verify-account/email?userId=7&verificationString=c0de&isPendingEmail=true")
        self.assertIn(b'name="isPendingEmail" value="true"', page.body)
        for fields in (
            {"userId": "7", "isPendingEmail": "true"}, {"userId": "x"}, {"registrationId": "3"},
        ):  # fmt: skip
            await self.browser.send("/verify-account/email", {**fields, "verificationString": "c0de"})
        expected = [("verify", 7, "c0de", True), ("verify", 0, "c0de", False), ("verify registration", 3, "c0de")]
        self.assertEqual(self.accounts.done, expected)

    async def test_signing_in_with_a_code(self) -> None:
        """The password is asked for once; a wrong code leaves the ticket good."""
        await self.browser.get("/login")
        self.sessions.error = TwoFactorMissing("root")
        asked = await self.browser.send("/login", {"username": "root", "password": "right", "next": "/upload"})
        self.assertEqual(asked.status, 200)
        self.assertIn(b'name="ticket" value="root"', asked.body)
        self.sessions.error = None
        given = {"ticket": "root", "next": "/upload"}
        wrong = await self.browser.send("/login/code", {**given, "code": "000000"})
        self.assertEqual(wrong.status, 400)
        self.assertIn(b'name="ticket" value="root"', wrong.body)
        done = await self.browser.send("/login/code", {**given, "code": "123456"})
        self.assertEqual((done.status, done.header("Location")), (303, "/upload"))


class OwnSettingsTests(AccountCase):
    """With a login."""

    async def test_profile_and_playback(self) -> None:
        """Only known choices are taken."""
        await self.sign_in()
        await self.browser.send("/settings/profile", {"displayName": "Root", "description": ""})
        await self.browser.send("/settings/playback", {"auto_play_video": "true", "nsfw_policy": "never"})
        [(_, profile), (_, playback)] = self.users.done
        self.assertEqual((profile.display_name, profile.description, profile.sets_description), ("Root", None, True))
        self.assertEqual(
            playback.preferences,
            {
                "auto_play_video": True,
                "auto_play_next_video": False,
                "auto_play_next_video_playlist": False,
                "videos_history_enabled": False,
            },
        )

    async def test_codes(self) -> None:
        """The password, then the first code; a slip keeps the secret."""
        await self.sign_in()
        refused = await self.browser.send("/settings/two-factor", {"codePassword": "wrong"})
        self.assertEqual(refused.status, 403)
        shown = await self.browser.send("/settings/two-factor", {"codePassword": "right"})
        self.assertIn(b"SECRET", shown.body)
        given = {"requestToken": "token", "secret": "SECRET"}
        slip = await self.browser.send("/settings/two-factor/confirm", {**given, "code": "1"})
        self.assertEqual(slip.status, 403)
        self.assertIn(b'value="SECRET"', slip.body)
        await self.browser.send("/settings/two-factor/confirm", {**given, "code": "123456"})
        await self.browser.send("/settings/two-factor/disable", {"codePassword": "right"})
        self.assertEqual(self.accounts.done, [("confirm", "token"), "disable"])

    async def test_sign_ins_and_going_away(self) -> None:
        """Forms, so that they work without script."""
        await self.sign_in()
        await self.browser.send("/settings/sessions/2/end", {})
        await self.browser.send("/settings/sessions/end-others", {})
        self.assertEqual(self.accounts.done, [("end", 2), "end others"])
        gone = await self.browser.send("/settings/delete", {"password": "right"})
        self.assertEqual((gone.header("Location"), self.users.done), ("/", [("remove me", "right")]))
        self.assertNotIn("session_80", self.browser.cookies)


class StaffTests(AccountCase):
    """Many at once."""

    async def test_requests_with_one_message(self) -> None:
        """As the button says."""
        await self.sign_in()
        fields = {"chosen": ["1", "3"], "response": "Welcome", "quietly": "true", "action": "accept"}
        await self.browser.send("/admin/registrations", fields)
        decision = Decision("Welcome", quietly=True)
        self.assertEqual(self.accounts.done, [("accept", 1, decision), ("accept", 3, decision)])

    async def test_users(self) -> None:
        """Blocked with one reason."""
        await self.sign_in()
        await self.browser.send("/admin/users", {"chosen": ["2", "3"], "action": "block", "reason": "Loud"})
        await self.browser.send("/admin/users", {"chosen": ["2"], "action": "unblock"})
        self.assertEqual(self.users.done, [("block", 2, "Loud"), ("block", 3, "Loud"), ("unblock", 2)])
