"""Two-factor authentication, sessions, tokens of feeds, another e-mail address."""

from typing import Any

import pyotp

from peertube.model.mails import MailKind
from peertube.model.users import ROOT
from peertube.storage.query import Query
from tests.api.people import PeopleApiCase
from tests.api.test_registrations import LIMITS, code_of
from tests.usecases.people import PASSWORD


class _Case(PeopleApiCase):
    settings = {"rates_limit": LIMITS, "smtp": {"hostname": "localhost"}}

    async def status(self, method: str, path: str, who: str = "alice", **body: Any) -> int:
        """The status of an answer."""
        return (await self.ask(method, path, who, json=body)).status


class TwoFactorTests(_Case):
    """`/users/…/two-factor` and what it means for logins."""

    async def enable(self) -> str:
        """Switch it on for alice; the secret."""
        path = f"/users/{self.ids['alice']}/two-factor"
        asked = (await self.ask("POST", f"{path}/request", "alice", json={"currentPassword": PASSWORD})).json
        secret = asked["otpRequest"]["secret"]
        body = {"requestToken": asked["otpRequest"]["requestToken"], "otpToken": self.code(secret)}
        self.assertEqual(await self.status("POST", f"{path}/confirm-request", **body), 204)
        return str(secret)

    def code(self, secret: str, seconds: int = 0) -> str:
        """What the app shows."""
        return pyotp.TOTP(secret).at(self.pod.clock.now_ms() // 1000 + seconds)

    async def log_in(self, code: str | None) -> Any:
        """The answer to alice's right password with a code."""
        client = self.pod.sessions.local_client()
        fields = (
            f"client_id={client.id}&client_secret={client.secret}&grant_type=password&username=alice"
            f"&password={PASSWORD.replace(' ', '+')}"
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if code is not None:
            headers["x-peertube-otp"] = code
        return await self.ask("POST", "/users/token", body=fields.encode(), headers=headers)

    async def test_a_code_is_needed_and_good_once(self) -> None:
        """PeerTube's codes and header; the one that switched it on is used up too."""
        secret = await self.enable()
        self.assertTrue((await self.ask("GET", "/users/me", "alice")).json["twoFactorEnabled"])
        used = self.code(secret)
        missing = await self.log_in(None)
        self.assertEqual((missing.status, missing.json["code"]), (401, "missing_two_factor"))
        self.assertEqual(missing.headers.getRawHeaders("x-peertube-otp"), ["required; app"])
        for wrong in (used, "000000", "abc", "1 2 3", "9" * 5000):
            answer = await self.log_in(wrong)
            self.assertEqual((answer.status, answer.json["code"]), (400, "invalid_two_factor"))
        self.pod.reactor.advance(30)
        fresh = self.code(secret)
        self.assertEqual((await self.log_in(fresh)).status, 200)
        self.assertEqual((await self.log_in(fresh)).status, 400)

    async def test_a_clock_that_is_a_little_wrong(self) -> None:
        """Half a minute either way."""
        secret = await self.enable()
        self.pod.reactor.advance(90)
        self.assertEqual((await self.log_in(self.code(secret, 60))).status, 400)
        self.assertEqual((await self.log_in(self.code(secret, -30))).status, 200)
        self.assertEqual((await self.log_in(self.code(secret, 30))).status, 200)
        self.assertEqual((await self.log_in(self.code(secret))).status, 400)

    async def test_who_may_switch_it(self) -> None:
        """Oneself with the password; off, also an administrator."""
        path = f"/users/{self.ids['alice']}/two-factor"
        for body, status in (({}, 400), ({"currentPassword": "wrong one"}, 403)):
            self.assertEqual(await self.status("POST", f"{path}/request", **body), status)
        self.assertEqual(await self.status("POST", f"{path}/request", "bob", currentPassword=PASSWORD), 403)
        await self.enable()
        self.assertEqual(await self.status("POST", f"{path}/request", currentPassword=PASSWORD), 400)
        self.assertEqual(await self.status("POST", f"{path}/disable", currentPassword="wrong one"), 403)
        self.assertEqual(await self.status("POST", f"{path}/disable", "bob", currentPassword=PASSWORD), 403)
        self.assertEqual(await self.status("POST", f"{path}/disable", ROOT), 204)
        self.assertEqual(await self.status("POST", f"{path}/disable", currentPassword=PASSWORD), 400)
        kinds = [mail.kind for mail in await self.pod.mails()]
        self.assertEqual(kinds, [MailKind.TWO_FACTOR_ENABLED, MailKind.TWO_FACTOR_DISABLED])

    async def test_a_request_that_is_too_old(self) -> None:
        """Ten minutes."""
        path = f"/users/{self.ids['alice']}/two-factor"
        asked = (await self.ask("POST", f"{path}/request", "alice", json={"currentPassword": PASSWORD})).json
        made = asked["otpRequest"]
        self.assertTrue(made["uri"].startswith("otpauth://totp/"))
        wrong = {"requestToken": made["requestToken"], "otpToken": "000000"}
        self.assertEqual(await self.status("POST", f"{path}/confirm-request", **wrong), 403)
        self.pod.reactor.advance(601)
        body = {"requestToken": made["requestToken"], "otpToken": self.code(made["secret"])}
        self.assertEqual(await self.status("POST", f"{path}/confirm-request", **body), 403)

    async def test_the_secret_is_sealed(self) -> None:
        """Who reads the database cannot make codes."""
        secret = await self.enable()
        row = await self.pod.database.read(
            lambda tx: tx.one(Query("select two_factor from users where id = :id"), id=self.ids["alice"])
        )
        self.assertNotIn(secret, row["two_factor"])

    async def test_signing_in_on_a_page(self) -> None:
        """The password first, then within five minutes the code."""
        from peertube.errors import Invalid
        from peertube.usecases.logins import TwoFactorMissing

        secret, sessions = await self.enable(), self.pod.sessions
        where = {"address": "192.0.2.9", "user_agent": "a test"}
        with self.assertRaises(TwoFactorMissing) as missing:
            await sessions.log_in_page("alice", PASSWORD, **where)
        ticket = missing.exception.ticket
        self.pod.reactor.advance(60)
        cookie = await sessions.log_in_page_with_code(ticket, self.code(secret), **where)
        viewer = await sessions.viewer_for_page(cookie)
        self.assertEqual(viewer.user.username, "alice")
        self.pod.reactor.advance(300)
        for bad in (ticket, ticket[:-4], "", "x"):
            with self.assertRaises(Invalid):
                await sessions.log_in_page_with_code(bad, self.code(secret), **where)


class SessionsTests(_Case):
    """`/users/…/token-sessions`, `/users/scoped-tokens`."""

    async def test_where_one_is_logged_in(self) -> None:
        """The newest first; the login is remembered through refreshes."""
        tokens = await self.pod.log_in("alice", address="192.0.2.50")
        self.pod.reactor.advance(100)
        await self.pod.sessions.refresh(tokens.refresh_token, address="192.0.2.51", user_agent="another")
        path = f"/users/{self.ids['alice']}/token-sessions"
        shown = (await self.ask("GET", path, "alice")).json
        newest, first = shown["data"]
        self.assertEqual((shown["total"], newest["currentSession"], first["currentSession"]), (2, False, True))
        self.assertEqual((newest["loginIP"], newest["lastActivityIP"]), ("192.0.2.50", "192.0.2.51"))
        self.assertEqual((newest["loginDevice"], newest["lastActivityDevice"]), ("a test", "another"))
        self.assertLess(newest["loginDate"], newest["lastActivityDate"])

    async def test_ending_one(self) -> None:
        """At once; one's own, or as staff."""
        path = f"/users/{self.ids['alice']}/token-sessions"
        [one] = (await self.ask("GET", path, "alice")).json["data"]
        self.assertEqual((await self.ask("GET", path, "bob")).status, 403)
        self.assertEqual(await self.status("POST", f"{path}/{one['id']}/revoke", "bob"), 403)
        other = f"/users/{self.ids['bob']}/token-sessions/{one['id']}/revoke"
        self.assertEqual(await self.status("POST", other, "bob"), 404)
        self.assertEqual(await self.status("POST", f"{path}/{one['id']}/revoke", ROOT), 204)
        self.assertEqual((await self.ask("GET", "/users/me", "alice")).status, 401)

    async def test_the_token_of_feeds(self) -> None:
        """Stays until it is renewed; everybody has another."""
        first = (await self.ask("GET", "/users/scoped-tokens", "alice")).json["feedToken"]
        self.assertEqual((await self.ask("GET", "/users/scoped-tokens", "alice")).json["feedToken"], first)
        self.assertNotEqual((await self.ask("GET", "/users/scoped-tokens", "bob")).json["feedToken"], first)
        renewed = (await self.ask("POST", "/users/scoped-tokens", "alice")).json["feedToken"]
        self.assertNotEqual(renewed, first)
        self.assertEqual((await self.ask("GET", "/users/scoped-tokens", "alice")).json["feedToken"], renewed)


class MyAccountTests(_Case):
    """What one changes of one's own."""

    settings = {
        **_Case.settings,
        "signup": {"enabled": True, "requires_email_verification": True},
    }

    async def test_another_address(self) -> None:
        """Is confirmed first, and the old one hears of it."""
        change = {"email": "New@pod.example", "currentPassword": PASSWORD}
        self.assertEqual(await self.status("PUT", "/users/me", **change), 204)
        shown = (await self.ask("GET", "/users/me", "alice")).json
        self.assertEqual((shown["email"], shown["pendingEmail"]), ("alice@pod.example", "new@pod.example"))
        [mail] = await self.pod.mails()
        given = code_of(mail)
        self.assertEqual((mail.to, given["isPendingEmail"]), ("new@pod.example", "true"))
        path, code = f"/users/{given['userId']}/verify-email", given["verificationString"]
        self.assertEqual(await self.status("POST", path, verificationString=code, isPendingEmail=True), 204)
        shown = (await self.ask("GET", "/users/me", "alice")).json
        self.assertEqual(
            (shown["email"], shown["pendingEmail"], shown["emailVerified"]), ("new@pod.example", None, True)
        )
        [told] = await self.pod.mails()
        self.assertEqual((told.kind, told.to), (MailKind.EMAIL_CHANGED, "alice@pod.example"))

    async def test_an_address_that_somebody_took_meanwhile(self) -> None:
        """409, and nothing changes."""
        await self.status("PUT", "/users/me", email="new@pod.example", currentPassword=PASSWORD)
        given = code_of((await self.pod.mails())[0])
        await self.status("PUT", f"/users/{self.ids['bob']}", ROOT, email="new@pod.example")
        path, code = f"/users/{given['userId']}/verify-email", given["verificationString"]
        self.assertEqual(await self.status("POST", path, verificationString=code, isPendingEmail=True), 409)

    async def test_going_away(self) -> None:
        """With everything; root stays."""
        self.assertEqual(await self.status("DELETE", "/users/me"), 204)
        self.assertEqual((await self.ask("GET", "/users/me", "alice")).status, 401)
        self.assertEqual((await self.ask("GET", "/accounts/alice")).status, 404)
        self.assertEqual(await self.status("DELETE", "/users/me", ROOT), 400)

    async def test_settings_are_kept(self) -> None:
        """Those of 6.3 and of later versions."""
        body = {
            "noWelcomeModal": True, "noInstanceConfigWarningModal": True, "noAccountSetupWarningModal": True,
            "language": "de",
        }  # fmt: skip
        self.assertEqual(await self.status("PUT", "/users/me", **body), 204)
        shown = (await self.ask("GET", "/users/me", "alice")).json
        self.assertEqual({name: shown[name] for name in body}, body)
        self.assertEqual(await self.status("PUT", "/users/me", language="<b>"), 400)

    async def test_flags_and_names(self) -> None:
        """What only the staff sets, and what anybody may complete."""
        path = f"/users/{self.ids['alice']}"
        self.assertEqual(await self.status("PUT", path, ROOT, adminFlags=1), 204)
        self.assertEqual((await self.ask("GET", path, ROOT)).json["adminFlags"], 1)
        self.assertEqual(await self.status("PUT", path, ROOT, adminFlags=7), 400)
        self.assertEqual((await self.ask("GET", "/users/autocomplete?search=LI")).json, ["alice"])
        self.assertEqual((await self.ask("GET", "/users/autocomplete?search=%25")).json, [])

    async def test_blocking_is_told(self) -> None:
        """With the reason, and ends every session."""
        path = f"/users/{self.ids['alice']}"
        self.assertEqual(await self.status("POST", f"{path}/block", ROOT, reason="Too loud"), 204)
        self.assertEqual((await self.ask("GET", "/users/me", "alice")).status, 401)
        self.assertEqual(await self.status("POST", f"{path}/unblock", ROOT), 204)
        told = [(mail.kind, mail.variables["reason"]) for mail in await self.pod.mails()]
        self.assertEqual(told, [(MailKind.USER_BLOCKED, "Too loud"), (MailKind.USER_UNBLOCKED, "")])
