"""Users over HTTP: shapes of PeerTube's answers, and what is refused."""

from peertube.model.users import ROOT
from tests.api.people import PeopleApiCase
from tests.usecases.people import PASSWORD

_AT = "2023-11-14T22:13:20.000Z"


class MeTests(PeopleApiCase):
    """`/users/me`."""

    async def test_my_profile_is_as_peertube_shows_it(self) -> None:
        """Member by member, of root, as PeerTube 6.3 answered."""
        shown = (await self.ask("GET", "/users/me", ROOT)).json
        account = {
            "url": "http://pod.example/accounts/root", "name": "root", "host": "pod.example", "avatars": [],
            "id": shown["account"]["id"], "hostRedundancyAllowed": False, "followingCount": 0, "followersCount": 0,
            "createdAt": _AT, "displayName": "root", "description": None, "updatedAt": _AT, "userId": shown["id"],
        }  # fmt: skip
        channel = {
            "url": "http://pod.example/video-channels/root_channel", "name": "root_channel", "host": "pod.example",
            "avatars": [], "id": shown["videoChannels"][0]["id"], "hostRedundancyAllowed": False,
            "followingCount": 0, "followersCount": 0, "createdAt": _AT, "banners": [],
            "displayName": "Main root channel", "description": None, "support": None, "isLocal": True,
            "streamDirectory": None,
            "updatedAt": _AT,
        }  # fmt: skip
        self.assertEqual(18, len(shown.pop("notificationSettings")))
        self.assertEqual(
            {
                "id": shown["id"], "username": "root", "email": "admin@example.com", "theme": "instance-default",
                "pendingEmail": None, "emailPublic": False, "emailVerified": True, "nsfwPolicy": "display",
 "nsfwFlagsDisplayed": 0,
 "nsfwFlagsHidden": 0,
 "nsfwFlagsWarned": 0,
 "nsfwFlagsBlurred": 0,
                "p2pEnabled": True, "videosHistoryEnabled": True, "autoPlayVideo": True, "autoPlayNextVideo": False,
                "autoPlayNextVideoPlaylist": True, "videoLanguages": None,
                "role": {"id": 0, "label": "Administrator"}, "videoQuota": -1, "videoQuotaDaily": -1,
                "noInstanceConfigWarningModal": False, "noWelcomeModal": False, "noAccountSetupWarningModal": False,
                "blocked": False, "blockedReason": None, "account": account, "videoChannels": [channel],
                "createdAt": _AT, "pluginAuth": None, "lastLoginDate": _AT, "twoFactorEnabled": False,
                "adminFlags": 0, "specialPlaylists": [], "language": None,
            },
            shown,
        )  # fmt: skip

    async def test_changing_it(self) -> None:
        """Only what is sent changes."""
        body = {"nsfwPolicy": "blur", "videoLanguages": ["en", "fr"], "p2pEnabled": False, "displayName": "Alice"}
        self.assertEqual(204, (await self.ask("PUT", "/users/me", "alice", body)).status)
        self.assertEqual(204, (await self.ask("PUT", "/users/me", "alice", {"description": "About me"})).status)
        shown = (await self.ask("GET", "/users/me", "alice")).json
        self.assertEqual(
            ("blur", ["en", "fr"], False, True, "Alice", "About me"),
            (
                shown["nsfwPolicy"], shown["videoLanguages"], shown["p2pEnabled"], shown["autoPlayVideo"],
                shown["account"]["displayName"], shown["account"]["description"],
            ),
        )  # fmt: skip
        await self.ask("PUT", "/users/me", "alice", {"videoLanguages": None, "description": None})
        shown = (await self.ask("GET", "/users/me", "alice")).json
        self.assertEqual((None, None), (shown["videoLanguages"], shown["account"]["description"]))

    async def test_wrong_values_are_named(self) -> None:
        """400, and nothing changes."""
        for body, field in (
            ({"nsfwPolicy": "maybe"}, "nsfwPolicy"), ({"displayName": ""}, "displayName"),
            ({"description": "ab"}, "description"), ({"theme": "<b>"}, "theme"), ({"email": "x"}, "email"),
            ({"password": "short"}, "password"), ({"p2pEnabled": "perhaps"}, "p2pEnabled"),
            ({"videoLanguages": "en"}, "videoLanguages"), ({"displayName": "x\0y"}, "displayName"),
        ):  # fmt: skip
            answer = await self.ask("PUT", "/users/me", "alice", body)
            self.assertEqual((400, [field]), (answer.status, list(answer.json["invalid-params"])), body)

    async def test_a_new_password_logs_out(self) -> None:
        """And needs the old one: 401 with its own code."""
        answer = await self.ask("PUT", "/users/me", "alice", {"password": "another one", "currentPassword": "wrong"})
        self.assertEqual((401, "current_password_is_invalid"), (answer.status, answer.json["code"]))
        body = {"password": "another one", "currentPassword": PASSWORD}
        self.assertEqual(204, (await self.ask("PUT", "/users/me", "alice", body)).status)
        self.assertEqual(401, (await self.ask("GET", "/users/me", "alice")).status)
        self.assertEqual(200, (await self.token_form(password="another one")).status)

    async def test_quota(self) -> None:
        """In bytes."""
        answer = await self.ask("GET", "/users/me/video-quota-used", "alice")
        self.assertEqual({"videoQuotaUsed": 0, "videoQuotaUsedDaily": 0}, answer.json)


class StaffTests(PeopleApiCase):
    """`/users`."""

    async def test_the_life_of_a_user(self) -> None:
        """Made, seen, changed, blocked, removed."""
        body = {"username": "carol", "email": "carol@pod.example", "password": PASSWORD, "role": 2, "videoQuota": 100}
        made = await self.ask("POST", "/users", ROOT, body)
        self.assertEqual((200, ["id", "account"]), (made.status, list(made.json["user"])))
        path = f"/users/{made.json['user']['id']}"
        shown = (await self.ask("GET", path, ROOT)).json
        self.assertEqual(
            ("carol", 100, 0, "User", "carol_channel", True),
            (
                shown["username"], shown["videoQuota"], shown["videoQuotaUsed"], shown["role"]["label"],
                shown["videoChannels"][0]["name"], shown["mayUpload"],
            ),
        )  # fmt: skip
        body = {"role": 1, "mayUpload": False, "email": "c@pod.example"}
        self.assertEqual(204, (await self.ask("PUT", path, ROOT, body)).status)
        shown = (await self.ask("GET", path, ROOT)).json
        self.assertEqual((1, False, "c@pod.example", 100), (
            shown["role"]["id"], shown["mayUpload"], shown["email"], shown["videoQuota"],
        ))  # fmt: skip
        self.assertEqual(204, (await self.ask("POST", f"{path}/block", ROOT, {"reason": "spam"})).status)
        self.assertEqual("spam", (await self.ask("GET", path, ROOT)).json["blockedReason"])
        self.assertEqual(204, (await self.ask("POST", f"{path}/unblock", ROOT)).status)
        self.assertEqual(204, (await self.ask("DELETE", path, ROOT)).status)
        self.assertEqual(404, (await self.ask("GET", path, ROOT)).status)

    async def test_the_list(self) -> None:
        """Paged, sorted, searched; wrong parameters are named."""
        answer = (await self.ask("GET", "/users?sort=username&count=2&start=1", ROOT)).json
        self.assertEqual((3, ["bob", "root"]), (answer["total"], [one["username"] for one in answer["data"]]))
        answer = (await self.ask("GET", "/users?search=ALI&blocked=false", ROOT)).json
        self.assertEqual(["alice"], [one["username"] for one in answer["data"]])
        self.assertNotIn("password", repr(answer).lower())
        for query, field in (
            ("sort=email", "sort"), ("count=101", "count"), ("start=-1", "start"), ("start=x", "start"),
            ("blocked=maybe", "blocked"),
        ):  # fmt: skip
            answer = await self.ask("GET", f"/users?{query}", ROOT)
            self.assertEqual((400, [field]), (answer.status, list(answer.json["invalid-params"])), query)

    async def test_what_is_refused(self) -> None:
        """Taken names 409, wrong values 400, root's protection 400, unknown ids 404."""
        root = (await self.ask("GET", "/users/me", ROOT)).json["id"]
        user = {"username": "dave", "email": "dave@pod.example", "password": PASSWORD}
        for method, path, body, status in (
            ("POST", "/users", {**user, "username": "alice"}, 409),
            ("POST", "/users", {**user, "email": "alice@pod.example"}, 409),
            ("POST", "/users", {**user, "username": "A B"}, 400),
            ("POST", "/users", {**user, "role": 7}, 400),
            ("POST", "/users", {"username": "dave"}, 400),
            ("POST", "/users", {**user, "videoQuota": 10**30}, 400),
            ("PUT", f"/users/{self.ids['alice']}", {"email": "bob@pod.example"}, 409),
            ("PUT", f"/users/{root}", {"role": 2}, 400),
            ("POST", f"/users/{root}/block", {}, 400),
            ("DELETE", f"/users/{root}", None, 400),
            ("DELETE", "/users/999999", None, 404),
            ("GET", "/users/x", None, 400),
            ("GET", "/users/99999999999999999999", None, 400),
            ("POST", "/users/999999/block", {"reason": "x"}, 400),
        ):
            answer = await self.ask(method, path, ROOT, body)
            self.assertEqual(status, answer.status, f"{method} {path} {body}")
