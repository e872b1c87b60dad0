"""Channels and accounts over HTTP."""

from peertube.model.users import ROOT
from peertube.storage import accounts, channels
from tests.api.people import PeopleApiCase

_AT = "2023-11-14T22:13:20.000Z"


class ReadingTests(PeopleApiCase):
    """What everybody sees."""

    async def test_an_account(self) -> None:
        """Member by member as PeerTube answered; by name, and by name and host in any spelling."""
        shown = (await self.ask("GET", "/accounts/alice")).json
        self.assertEqual(
            {
                "url": "http://pod.example/accounts/alice", "name": "alice", "host": "pod.example", "avatars": [],
                "id": shown["id"], "hostRedundancyAllowed": False, "followingCount": 0, "followersCount": 0,
                "createdAt": _AT, "displayName": "alice", "description": None, "updatedAt": _AT,
                "userId": self.ids["alice"],
            },
            shown,
        )  # fmt: skip
        for handle in ("alice@pod.example", "alice@POD.example:80"):
            self.assertEqual(shown, (await self.ask("GET", f"/accounts/{handle}")).json)
        for handle, status in (("nobody", 404), ("alice@b.example", 404), ("alice@b/c", 404), ("alice@%00", 404)):
            self.assertEqual(status, (await self.ask("GET", f"/accounts/{handle}")).status, handle)

    async def test_a_channel(self) -> None:
        """With its owner."""
        shown = (await self.ask("GET", "/video-channels/alice_channel@pod.example")).json
        owner = shown.pop("ownerAccount")
        self.assertEqual((await self.ask("GET", "/accounts/alice")).json, owner)
        self.assertEqual(
            {
                "url": "http://pod.example/video-channels/alice_channel", "name": "alice_channel",
                "host": "pod.example", "avatars": [], "id": shown["id"], "hostRedundancyAllowed": False,
                "followingCount": 0, "followersCount": 0, "createdAt": _AT, "banners": [],
                "displayName": "Main alice channel", "description": None, "support": None, "isLocal": True,
                "streamDirectory": None,
                "updatedAt": _AT,
            },
            shown,
        )  # fmt: skip
        self.assertEqual(404, (await self.ask("GET", "/video-channels/nothing")).status)

    async def test_things_of_other_pods(self) -> None:
        """With their own host and address, and without what only we know."""
        await self.pod.database.write(self._add_remote)
        account = (await self.ask("GET", "/accounts/alice@b.example:9002")).json
        self.assertEqual(("http://b.example:9002/accounts/alice", "b.example:9002"), (account["url"], account["host"]))
        self.assertNotIn("userId", account)
        channel = (await self.ask("GET", "/video-channels/news@b.example:9002")).json
        self.assertEqual((False, account), (channel["isLocal"], channel["ownerAccount"]))
        self.assertNotIn("hostRedundancyAllowed", channel)
        for method in ("PUT", "DELETE"):
            answer = await self.ask(method, "/video-channels/news@b.example:9002", ROOT, {"displayName": "ours"})
            self.assertEqual(403, answer.status)

    async def _add_remote(self, tx) -> None:
        account_id = await accounts.add(
            tx, uuid="a", host="b.example:9002", user_id=None, name="alice", display_name="Alice", description=None,
            created_ms=1, updated_ms=1,
        )  # fmt: skip
        await channels.add(
            tx, uuid="c", host="b.example:9002", account_id=account_id, name="news", display_name="News",
            description=None, support=None, created_ms=1, updated_ms=1,
        )  # fmt: skip

    async def test_lists(self) -> None:
        """Paged and sorted."""
        answer = (await self.ask("GET", "/video-channels?sort=name&count=2")).json
        self.assertEqual((3, ["alice_channel", "bob_channel"]), (
            answer["total"], [one["name"] for one in answer["data"]],
        ))  # fmt: skip
        self.assertEqual("alice", answer["data"][0]["ownerAccount"]["name"])
        answer = (await self.ask("GET", "/accounts/alice/video-channels")).json
        self.assertEqual((1, ["alice_channel"]), (answer["total"], [one["name"] for one in answer["data"]]))
        self.assertEqual(3, (await self.ask("GET", "/accounts?count=0")).json["total"])
        self.assertEqual({"data": []}, (await self.ask("GET", "/video-channels?count=0&skipCount=true")).json)
        for path in ("/video-channels?sort=uuid", "/accounts/alice/video-channels?sort=x", "/video-channels?count=-1"):
            self.assertEqual(400, (await self.ask("GET", path)).status, path)


class ChangingTests(PeopleApiCase):
    """What the owner does."""

    async def test_the_life_of_a_channel(self) -> None:
        """Made, changed, removed; the last one stays."""
        body = {"name": "cats", "displayName": "Cats", "description": "All of them"}
        made = await self.ask("POST", "/video-channels", "alice", body)
        self.assertEqual((200, ["id"]), (made.status, list(made.json["videoChannel"])))
        changes = {"displayName": "Big cats", "support": "Buy food"}
        self.assertEqual(204, (await self.ask("PUT", "/video-channels/cats", "alice", changes)).status)
        shown = (await self.ask("GET", "/video-channels/cats")).json
        self.assertEqual(
            ("Big cats", "All of them", "Buy food"), (shown["displayName"], shown["description"], shown["support"])
        )
        await self.ask("PUT", "/video-channels/cats", "alice", {"description": None})
        self.assertIsNone((await self.ask("GET", "/video-channels/cats")).json["description"])
        self.assertEqual(204, (await self.ask("DELETE", "/video-channels/cats", "alice")).status)
        self.assertEqual(404, (await self.ask("GET", "/video-channels/cats")).status)
        self.assertEqual(409, (await self.ask("DELETE", "/video-channels/alice_channel", "alice")).status)

    async def test_what_is_refused(self) -> None:
        """Taken names 409, wrong values 400 by name, more than 20 channels 400."""
        for name in ("alice", "bob", "bob_channel", "root_channel"):
            body = {"name": name, "displayName": "Mine"}
            self.assertEqual(409, (await self.ask("POST", "/video-channels", "alice", body)).status, name)
        for body, field in (
            ({"name": "A B", "displayName": "x"}, "name"), ({"name": "ok", "displayName": ""}, "displayName"),
            ({"name": "ok"}, "displayName"), ({"name": "ok", "displayName": "x", "support": "ab"}, "support"),
        ):  # fmt: skip
            answer = await self.ask("POST", "/video-channels", "alice", body)
            self.assertEqual((400, [field]), (answer.status, list(answer.json["invalid-params"])), body)
        for number in range(19):
            body = {"name": f"n{number}", "displayName": "x"}
            self.assertEqual(200, (await self.ask("POST", "/video-channels", "alice", body)).status)
        body = {"name": "one_more", "displayName": "x"}
        self.assertEqual(400, (await self.ask("POST", "/video-channels", "alice", body)).status)

    async def test_the_staff_may_change_any(self) -> None:
        """Of this pod."""
        body = {"displayName": "Moderated"}
        self.assertEqual(204, (await self.ask("PUT", "/video-channels/alice_channel", ROOT, body)).status)
        self.assertEqual("Moderated", (await self.ask("GET", "/video-channels/alice_channel")).json["displayName"])
