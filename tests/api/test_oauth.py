"""Logging in and out over HTTP, and the matrix of tokens that are refused on every route (AU-02, AU-04)."""

from peertube.http.routing import Access
from peertube.model.users import ROOT, Right
from tests.api.people import PeopleApiCase
from tests.usecases.people import PASSWORD


class LocalClientTests(PeopleApiCase):
    """The client of the pod's own users."""

    async def test_it_is_shown_under_the_own_name_only(self) -> None:
        """A page on another name must not log people in here."""
        answer = await self.ask("GET", "/oauth-clients/local")
        client = self.pod.sessions.local_client()
        self.assertEqual({"client_id": client.id, "client_secret": client.secret}, answer.json)
        self.assertEqual((32, 32), (len(client.id), len(client.secret)))
        for host, status in (("POD.example:80", 200), ("evil.example", 403), ("pod.example:81", 403), ("", 403)):
            self.pod.reactor.advance(1)
            answer = await self.ask("GET", "/oauth-clients/local", headers={"Host": host})
            self.assertEqual(status, answer.status, host)


class TokenTests(PeopleApiCase):
    """The token endpoint, answer by answer as PeerTube's."""

    async def test_password_and_refresh(self) -> None:
        """Programs written for PeerTube log in."""
        answer = await self.token_form()
        self.assertEqual(200, answer.status)
        self.assertEqual(
            ["token_type", "access_token", "refresh_token", "expires_in", "refresh_token_expires_in"],
            list(answer.json),
        )
        self.assertEqual("Bearer", answer.json["token_type"])
        self.assertEqual(("no-store", "no-cache"), (answer.header("Cache-Control"), answer.header("Pragma")))
        renewed = await self.token_form(grant_type="refresh_token", refresh_token=answer.json["refresh_token"])
        self.assertEqual(200, renewed.status)
        self.assertEqual(401, (await self.ask("GET", "/users/me", answer.json["access_token"])).status)
        self.assertEqual(200, (await self.ask("GET", "/users/me", renewed.json["access_token"])).status)

    async def test_a_wrong_login(self) -> None:
        """The members of PeerTube's problem."""
        answer = await self.token_form(password="wrong one")
        self.assertEqual(
            (400, "application/problem+json"), (answer.status, answer.header("Content-Type").split(";")[0])
        )
        expected = {
            "type": "https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/invalid_grant",
            "detail": "Invalid grant: user credentials are invalid",
            "error": "Invalid grant: user credentials are invalid",
            "status": 400,
            "code": "invalid_grant",
        }
        self.assertEqual(expected, {name: answer.json.get(name) for name in expected})

    async def test_everything_else_that_is_wrong(self) -> None:
        """Each with its code, none with a token."""
        for fields, code in (
            ({"client_id": "x"}, "invalid_client"),
            ({"client_secret": ""}, "invalid_client"),
            ({"grant_type": "password", "username": "nobody"}, "invalid_grant"),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
            ({"grant_type": "refresh_token"}, "invalid_request"),
            ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
            ({"username": ""}, "invalid_request"),
            ({"password": ""}, "invalid_request"),
            ({"username": "x" * 2000}, "invalid_parameters"),
        ):
            answer = await self.token_form(**fields)
            self.assertEqual((400, code), (answer.status, answer.json["code"]), fields)

    async def test_a_blocked_user(self) -> None:
        """Hears so, with status 400."""
        await self.pod.users.block(None, self.ids["alice"], None)
        answer = await self.token_form()
        self.assertEqual((400, "User is blocked."), (answer.status, answer.json["detail"]))

    async def test_logging_out(self) -> None:
        """Ends the session, and the refresh token with it."""
        tokens = (await self.token_form()).json
        answer = await self.ask("POST", "/users/revoke-token", tokens["access_token"])
        self.assertEqual((200, {}), (answer.status, answer.json))
        self.assertEqual(401, (await self.ask("POST", "/users/revoke-token", tokens["access_token"])).status)
        renewed = await self.token_form(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        self.assertEqual(400, renewed.status)


class LoginLimitTests(PeopleApiCase):
    """Too many attempts."""

    settings = {"rates_limit": {"login": {"window": 300, "max": 5}}}

    async def test_there_is_a_time_to_come_back(self) -> None:
        """429 with Retry-After."""
        answers = [await self.token_form(username=f"n{number}", password="wrong") for number in range(6)]
        self.assertEqual([400] * 5 + [429], [answer.status for answer in answers])
        self.assertEqual("300", answers[-1].header("Retry-After"))


class AuthenticationMatrixTests(PeopleApiCase):
    """Every route around people, with every token that must not work."""

    async def _bad_tokens(self) -> dict[str, str]:
        revoked = (await self.pod.log_in("alice")).access_token
        await self.pod.sessions.revoke(await self.pod.sessions.viewer_for_access_token(revoked))
        number = await self.pod.add("blocked")
        blocked = (await self.pod.log_in("blocked")).access_token
        await self.pod.users.block(None, number, None)
        number = await self.pod.add("removed")
        removed = (await self.pod.log_in("removed")).access_token
        await self.pod.users.remove(None, number)
        await self.pod.add("changed")
        changed = (await self.pod.log_in("changed")).access_token
        await self.pod.users.reset_password("changed", "another one")
        pair = await self.pod.log_in("alice")
        await self.pod.sessions.refresh(pair.refresh_token, address="", user_agent="")
        cookie = await self.pod.sessions.log_in_page("alice", PASSWORD, address="", user_agent="")
        return {
            "wrong": "wrong", "revoked": revoked, "blocked": blocked, "removed": removed, "changed": changed,
            "refreshed": pair.access_token, "a refresh token": pair.refresh_token, "a cookie": cookie,
        }  # fmt: skip

    def _paths(self):
        for route in self.routes():
            path = route.template.replace("<number>", str(self.ids["bob"])).replace("<handle>", "bob_channel")
            yield route, path

    async def test_bad_tokens_are_refused_everywhere(self) -> None:
        """Where a token is looked at, a bad one is 401 with code and message, before the body is read."""
        for name, token in (await self._bad_tokens()).items():
            for route, path in self._paths():
                if route.access is Access.ANYONE:
                    continue
                answer = await self.ask(route.method, path, token)
                self.assertEqual(
                    (401, "invalid_token", "Invalid token"),
                    (answer.status, answer.json["code"], answer.json["message"]),
                    f"{name}: {route.method} {path}",
                )

    async def test_expired_tokens(self) -> None:
        """To the second, everywhere."""
        self.pod.reactor.advance(self.pod.settings.oauth2.token_lifetime.access_token)
        for route, path in self._paths():
            if route.access is not Access.ANYONE:
                self.assertEqual(401, (await self.ask(route.method, path, "alice")).status, path)

    async def test_no_token(self) -> None:
        """401 where one is needed."""
        for route, path in self._paths():
            if route.access in (Access.ANYONE, Access.OPTIONAL):
                continue
            answer = await self.ask(route.method, path)
            self.assertEqual(
                (401, "Authentication required"), (answer.status, answer.json["message"]), f"{route.method} {path}"
            )

    async def test_foreign_users(self) -> None:
        """403 for what belongs to others or to the staff; nothing changes."""
        for route, path in self._paths():
            foreign_channel = route.method in ("PUT", "DELETE") and path == "/video-channels/bob_channel"
            if isinstance(route.access, Right) or foreign_channel:
                body = {"displayName": "stolen", "password": "stolen password"} if route.method != "GET" else None
                answer = await self.ask(route.method, path, "alice", body)
                self.assertEqual(403, answer.status, f"{route.method} {path}")
        self.assertEqual(200, (await self.ask("GET", "/users/me", "bob")).status)
        self.assertEqual("Main bob channel", (await self.ask("GET", "/video-channels/bob_channel")).json["displayName"])

    async def test_every_route_says_who_may(self) -> None:
        """The staff's routes need a right, not a name."""
        staff = [route.template for route in self.routes() if isinstance(route.access, Right)]
        self.assertEqual(11, len(staff))
        self.assertEqual(200, (await self.ask("GET", "/users", ROOT)).status)
