"""Signing up over HTTP: at once, by request, and not at all."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from peertube.model.mails import Mail, MailKind
from peertube.model.users import ROOT
from tests.api.people import PeopleApiCase
from tests.usecases.people import PASSWORD

MANY = {"window": 300, "max": 1000}
LIMITS = {"login": MANY, "signup": MANY, "ask_send_email": MANY}
CAROL = {"username": "carol", "email": "Carol@pod.example", "password": PASSWORD}
CHANNEL = {"name": "carols_films", "displayName": "Carol's films"}


def code_of(mail: Mail) -> dict[str, str]:
    """What the link in a mail carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(mail.variables["link"]).query).items()}


class _Case(PeopleApiCase):
    async def sign_up(self, **changes: Any) -> tuple[int, Any]:
        """Status and code of an attempt."""
        answer = await self.ask("POST", "/users/register", json={**CAROL, **changes})
        return answer.status, answer.json["code"] if answer.body else None

    async def log_in(self, username: str = "carol") -> tuple[int, Any]:
        """Status and code of a login."""
        answer = await self.token_form(username=username)
        return answer.status, answer.json.get("code")


class ClosedTests(_Case):
    """As a new pod is."""

    async def test_nobody_signs_up(self) -> None:
        """403 on both ways."""
        self.assertEqual(await self.sign_up(), (403, "signup_closed"))
        request = {**CAROL, "registrationReason": "I make films"}
        self.assertEqual((await self.ask("POST", "/users/registrations/request", json=request)).status, 403)


class DirectTests(_Case):
    """`signup.requires_approval: false`."""

    settings = {
        "rates_limit": LIMITS,
        "smtp": {"hostname": "localhost"},
        "signup": {
            "enabled": True, "requires_approval": False, "limit": 5, "requires_email_verification": True,
            "filters": {"cidr": {"blacklist": ["192.0.2.0/24"]}},
        },
    }  # fmt: skip

    async def test_an_account_whose_address_must_be_confirmed(self) -> None:
        """No login before; the link works once."""
        self.assertEqual(await self.sign_up(displayName="Carol", channel=CHANNEL), (204, None))
        self.assertEqual(await self.log_in(), (400, "email_not_verified"))
        [mail] = await self.pod.mails()
        self.assertEqual((mail.kind, mail.to), (MailKind.VERIFY_EMAIL, "carol@pod.example"))
        given = code_of(mail)
        path = f"/users/{given['userId']}/verify-email"
        body = {"verificationString": given["verificationString"]}
        self.assertEqual((await self.ask("POST", path, json={"verificationString": "x" * 64})).status, 403)
        self.assertEqual((await self.ask("POST", path, json=body)).status, 204)
        self.assertEqual((await self.ask("POST", path, json=body)).status, 403)
        self.assertEqual((await self.ask("POST", "/users/9999/verify-email", json=body)).status, 404)
        self.assertEqual((await self.log_in())[0], 200)
        shown = (await self.ask("GET", "/accounts/carol")).json
        self.assertEqual(shown["displayName"], "Carol")
        self.assertEqual((await self.ask("GET", "/video-channels/carols_films")).json["displayName"], "Carol's films")

    async def test_the_link_once_more(self) -> None:
        """Also by the other of PeerTube's paths; nothing tells whether somebody has an address."""
        await self.sign_up()
        await self.pod.mails()
        for path in ("/users/ask-send-verify-email", "/users/registrations/ask-send-verify-email"):
            for email in ("CAROL@pod.example", "nobody@pod.example", "alice@pod.example"):
                self.assertEqual((await self.ask("POST", path, json={"email": email})).status, 204)
        mails = [mail.to for mail in await self.pod.mails()]
        self.assertEqual(mails, ["carol@pod.example", "alice@pod.example"] * 2)

    async def test_an_old_link(self) -> None:
        """Good for an hour."""
        await self.sign_up()
        given = code_of((await self.pod.mails())[0])
        self.pod.reactor.advance(3601)
        body = {"verificationString": given["verificationString"]}
        answer = await self.ask("POST", f"/users/{given['userId']}/verify-email", json=body)
        self.assertEqual(answer.status, 403)

    async def test_what_is_taken(self) -> None:
        """Names of users and channels, and addresses in any case."""
        for changes in (
            {"username": "alice"}, {"email": "ALICE@pod.example"}, {"username": "bob_channel"},
            {"channel": {"name": "alice_channel"}},
        ):  # fmt: skip
            self.assertEqual((await self.sign_up(**changes))[0], 409, changes)

    async def test_what_is_wrong(self) -> None:
        """Each field by its name."""
        for changes, field in (
            ({"username": "Ca rol"}, "username"), ({"email": "carol"}, "email"), ({"password": "short"}, "password"),
            ({"displayName": ""}, "displayName"), ({"channel": {"name": "x y"}}, "channelName"),
            ({"channel": {"name": "carol"}}, "channelName"),
        ):  # fmt: skip
            answer = await self.ask("POST", "/users/register", json={**CAROL, **changes})
            self.assertEqual((answer.status, list(answer.json["invalid-params"])), (400, [field]))

    async def test_the_limit_of_users(self) -> None:
        """Root, alice and bob are there: two more."""
        results = [
            (await self.sign_up(username=f"user{number}", email=f"{number}@pod.example"))[0] for number in range(3)
        ]
        self.assertEqual(results, [204, 204, 403])

    async def test_asking_needs_no_approval_here(self) -> None:
        """What PeerTube leaves open is open."""
        request = {**CAROL, "registrationReason": "I make films"}
        self.assertEqual((await self.ask("POST", "/users/registrations/request", json=request)).status, 200)


class ApprovalTests(_Case):
    """`signup.requires_approval: true`."""

    settings = {
        "rates_limit": {**LIMITS, "signup": {"window": 300, "max": 3}},
        "smtp": {"hostname": "localhost"},
        "signup": {"enabled": True, "limit": -1},
    }

    async def request(self, **changes: Any) -> Any:
        """Ask for an account; the answer."""
        body = {**CAROL, "registrationReason": "I make films", **changes}
        return await self.ask("POST", "/users/registrations/request", json=body)

    async def test_a_request_as_peertube_shows_it(self) -> None:
        """And the staff hears of it."""
        shown = (await self.request(channel=CHANNEL, displayName="Carol")).json
        self.assertEqual(
            {
                "id": 1, "state": {"id": 1, "label": "Pending"}, "registrationReason": "I make films",
                "moderationResponse": None, "username": "carol", "email": "carol@pod.example",
                "emailVerified": False, "accountDisplayName": "Carol", "channelHandle": "carols_films",
                "channelDisplayName": "Carol's films", "createdAt": shown["createdAt"],
                "updatedAt": shown["updatedAt"], "user": None,
            },
            shown,
        )  # fmt: skip
        [mail] = await self.pod.mails()
        self.assertEqual((mail.kind, mail.to), (MailKind.REGISTRATION_REQUESTED, "admin@example.com"))
        self.assertEqual((await self.sign_up())[1], "signup_requires_approval")
        self.assertEqual((await self.request()).status, 409)
        self.assertEqual(await self.log_in(), (400, "account_waiting_for_approval"))
        wrong = await self.token_form(username="carol", password="another password")
        self.assertEqual(wrong.json["code"], "invalid_grant")

    async def test_accepted(self) -> None:
        """With the password that was chosen; once."""
        await self.request(channel=CHANNEL)
        await self.pod.mails()
        path = "/users/registrations/1"
        answered = {"moderationResponse": "Welcome!"}
        self.assertEqual((await self.ask("POST", f"{path}/accept", "alice", json=answered)).status, 403)
        self.assertEqual((await self.ask("POST", f"{path}/accept", ROOT, json=answered)).status, 204)
        self.assertEqual((await self.ask("POST", f"{path}/reject", ROOT, json=answered)).status, 409)
        [mail] = await self.pod.mails()
        self.assertEqual((mail.kind, mail.variables["response"]), (MailKind.REGISTRATION_ACCEPTED, "Welcome!"))
        self.assertEqual((await self.log_in())[0], 200)
        listed = (await self.ask("GET", "/users/registrations?sort=-createdAt", ROOT)).json
        [one] = listed["data"]
        self.assertEqual((listed["total"], one["state"]["id"], one["moderationResponse"]), (1, 3, "Welcome!"))
        self.assertEqual(one["user"]["id"], (await self.ask("GET", "/users?search=carol", ROOT)).json["data"][0]["id"])

    async def test_rejected_without_a_word(self) -> None:
        """And forgotten."""
        await self.request()
        await self.pod.mails()
        quietly = {"moderationResponse": "No", "preventEmailDelivery": True}
        self.assertEqual((await self.ask("POST", "/users/registrations/1/reject", ROOT, json=quietly)).status, 204)
        self.assertEqual(await self.pod.mails(), [])
        self.assertEqual(await self.log_in(), (400, "account_approval_rejected"))
        self.assertEqual((await self.request()).status, 200)
        self.assertEqual((await self.ask("DELETE", "/users/registrations/1", ROOT)).status, 204)
        self.assertEqual((await self.ask("DELETE", "/users/registrations/1", ROOT)).status, 404)

    async def test_searching(self) -> None:
        """In names, addresses and reasons."""
        await self.request()
        await self.request(username="dave", email="dave@pod.example", registrationReason="100% cats")
        for text, names in (("CAROL", ["carol"]), ("cats", ["dave"]), ("100%", ["dave"]), ("xyz", [])):
            found = (await self.ask("GET", f"/users/registrations?search={text.replace('%', '%25')}", ROOT)).json
            self.assertEqual([one["username"] for one in found["data"]], names)
        self.assertEqual((await self.ask("GET", "/users/registrations?sort=email", ROOT)).status, 400)

    async def test_not_too_often(self) -> None:
        """429; what was refused does not count."""
        await self.request(username="alice")
        results = [
            (await self.request(username=f"user{number}", email=f"{number}@pod.example")).status for number in range(4)
        ]
        self.assertEqual(results, [200, 200, 200, 429])


class PasswordTests(_Case):
    """A lost password."""

    settings = {"rates_limit": LIMITS, "smtp": {"hostname": "localhost"}}

    async def asked(self, email: str = "alice@pod.example") -> dict[str, str]:
        """Ask for a link; what it carries."""
        self.assertEqual((await self.ask("POST", "/users/ask-reset-password", json={"email": email})).status, 204)
        mails = await self.pod.mails()
        return code_of(mails[0]) if mails else {}

    async def reset(self, given: dict[str, str], password: str = "another password") -> int:
        """Follow it."""
        body = {"verificationString": given["verificationString"], "password": password}
        return (await self.ask("POST", f"/users/{given['userId']}/reset-password", json=body)).status

    async def test_another_password_ends_every_session(self) -> None:
        """Once; a second link that was asked for is worth nothing then."""
        first, second = await self.asked("ALICE@pod.example"), await self.asked()
        self.assertEqual(await self.reset(second, "short"), 400)
        self.assertEqual(await self.reset(second), 204)
        self.assertEqual((await self.reset(first), await self.reset(second)), (403, 403))
        self.assertEqual((await self.ask("GET", "/users/me", "alice")).status, 401)
        self.assertEqual((await self.token_form(password="another password")).status, 200)
        self.assertEqual((await self.pod.mails())[0].kind, MailKind.PASSWORD_CHANGED)

    async def test_nobody_learns_who_has_an_account(self) -> None:
        """One answer, and as much is written for a stranger as for a user; only nothing is sent."""
        self.assertEqual(await self.asked("nobody@pod.example"), {})

    async def test_the_code_of_another(self) -> None:
        """It is good for one user and one purpose."""
        given = await self.asked()
        self.assertEqual(await self.reset({**given, "userId": str(self.ids["bob"])}), 403)
        verify = {"verificationString": given["verificationString"]}
        self.assertEqual((await self.ask("POST", f"/users/{given['userId']}/verify-email", json=verify)).status, 403)

    async def test_an_old_link_and_a_changed_address(self) -> None:
        """Neither is good."""
        given = await self.asked()
        self.pod.reactor.advance(3601)
        self.assertEqual(await self.reset(given), 403)
        given = await self.asked()
        change = {"email": "new@pod.example"}
        await self.ask("PUT", f"/users/{self.ids['alice']}", ROOT, json=change)
        self.assertEqual(await self.reset(given), 403)

    async def test_three_mails_an_hour(self) -> None:
        """To one address, whoever asks."""
        results = [
            (await self.ask("POST", "/users/ask-reset-password", json={"email": "alice@pod.example"})).status
            for _ in range(4)
        ]
        self.assertEqual(results, [204, 204, 204, 429])

    async def test_a_user_without_a_password(self) -> None:
        """Chooses it by a link that is good for a week."""
        new = {"username": "erin", "email": "erin@pod.example", "role": 2}
        self.assertEqual((await self.ask("POST", "/users", ROOT, json=new)).status, 200)
        [mail] = await self.pod.mails()
        self.pod.reactor.advance(6 * 86_400)
        self.assertEqual(await self.reset(code_of(mail), PASSWORD), 204)
        self.assertEqual((await self.log_in("erin"))[0], 200)

    async def test_the_database_holds_no_code(self) -> None:
        """Nobody who reads it can use one."""
        given = await self.asked()
        rows = await self.pod.database.read(_everything)
        self.assertNotIn(given["verificationString"], rows)


async def _everything(tx: Any) -> str:
    from peertube.storage.query import Query

    found = [await tx.all(Query("select * from user_codes")), await tx.all(Query("select * from mails"))]
    return str([[dict(row) for row in rows] for rows in found])
