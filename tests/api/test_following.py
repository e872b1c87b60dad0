"""Following, working together and handing over, through the REST API of one pod."""

from typing import Any

from twisted.trial.unittest import TestCase

from peertube.model.videos import Privacy
from peertube.storage.database import Transaction
from tests.network import Answer, Network
from tests.storage.publishers import add_account, add_video, uuid_of


class FollowingCase(TestCase):
    """A pod with root, alice and bob; `ids` are their channels."""

    async def setUp(self) -> None:
        self.network = Network(1)
        self.pod = self.network.pods[0]
        await self.network.start()
        self.database = self.pod.node._ground.database
        self.tokens = {"root": self.pod.token}
        self.ids: dict[str, int] = {}
        for name in ("alice", "bob"):
            person = {"username": name, "password": "password", "email": f"{name}@pod.example"}
            await self.pod.call("POST", "/users", person)
            self.tokens[name] = await self.pod.log_in(name, "password")
        for name in self.tokens:
            self.ids[name] = (await self.ask("GET", "/users/me", name)).json["videoChannels"][0]["id"]

    async def tearDown(self) -> None:
        await self.network.stop()

    async def ask(self, method: str, path: str, who: str | None = None, body: object = None) -> Answer:
        """Ask as somebody."""
        headers = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        kept, self.pod.token = self.pod.token, ""
        try:
            return await self.pod.call(method, path, body, headers)
        finally:
            self.pod.token = kept

    async def video(self, number: int, who: str = "alice", **fields: Any) -> None:
        """A published video of somebody."""
        await self.database.write(add_video, number, self.ids[who], **fields)


class SubscriptionTests(FollowingCase):
    """Channels, authors, tags."""

    async def test_channels_as_programs_for_peertube_follow_them(self) -> None:
        """By name, or by name and host; counted on both sides; twice is once."""
        for uri in ("alice_channel", "alice_channel@pod1.example"):
            self.assertEqual(204, (await self.ask("POST", "/users/me/subscriptions", "bob", {"uri": uri})).status)
        listed = (await self.ask("GET", "/users/me/subscriptions", "bob")).json
        self.assertEqual((1, "alice_channel"), (listed["total"], listed["data"][0]["name"]))
        self.assertEqual("alice", listed["data"][0]["ownerAccount"]["name"])
        found = (await self.ask("GET", "/users/me/subscriptions?search=nothing", "bob")).json
        self.assertEqual({"total": 0, "data": []}, found)
        shown = (await self.ask("GET", "/users/me/subscriptions/alice_channel@pod1.example", "bob")).json
        self.assertEqual(1, shown["followersCount"])
        self.assertEqual(1, (await self.ask("GET", "/accounts/bob")).json["followingCount"])
        exist = await self.ask("GET", "/users/me/subscriptions/exist?uris[]=alice_channel&uris[]=x@y&uris[]=", "bob")
        self.assertEqual(400, exist.status)
        exist = await self.ask("GET", "/users/me/subscriptions/exist?uris[]=alice_channel&uris[]=x@y", "bob")
        self.assertEqual({"alice_channel": True, "x@y": False}, exist.json)
        followers = (await self.ask("GET", "/video-channels/alice_channel/followers", "alice")).json
        one = followers["data"][0]
        self.assertEqual(
            (1, "bob", "alice_channel", "accepted"),
            (followers["total"], one["follower"]["name"], one["following"]["name"], one["state"]),
        )
        self.assertEqual(followers, (await self.ask("GET", "/accounts/alice/followers", "alice")).json)
        for path in ("/video-channels/alice_channel/followers", "/accounts/alice/followers"):
            self.assertEqual(403, (await self.ask("GET", path, "bob")).status)
        for status in (204, 404):
            self.assertEqual(status, (await self.ask("DELETE", "/users/me/subscriptions/alice_channel", "bob")).status)
        self.assertEqual(0, (await self.ask("GET", "/video-channels/alice_channel")).json["followersCount"])
        for uri, status in (("nobody", 404), ("account:nobody", 404), ("tag:x", 400), ("", 400), ("a@b@c", 404)):
            answer = await self.ask("POST", "/users/me/subscriptions", "bob", {"uri": uri})
            self.assertEqual(status, answer.status, uri)

    async def test_one_feed_of_everything_without_doubles(self) -> None:
        """A video that is followed in three ways is there once; friends' videos too; what is private is not."""
        await self.video(1, tags=("Höhle", "rock"))
        await self.video(2, "root", tags=("hohle",))
        await self.video(3, "root", tags=("other",))
        await self.video(4, tags=("hohle",), privacy=Privacy.PRIVATE)
        await self.database.write(self._friend)
        for uri in ("alice_channel", "account:alice", "tag:Höhle", "account:ana@friend.example"):
            self.assertEqual(204, (await self.ask("POST", "/users/me/subscriptions", "bob", {"uri": uri})).status)
        feed = (await self.ask("GET", "/users/me/subscriptions/videos?sort=createdAt", "bob")).json
        self.assertEqual([uuid_of(1), uuid_of(2), uuid_of(9)], sorted(one["uuid"] for one in feed["data"]))
        self.assertEqual(3, feed["total"])
        second = (await self.ask("GET", "/users/me/subscriptions/videos?start=1&count=1", "bob")).json
        self.assertEqual((3, 1), (second["total"], len(second["data"])))
        self.assertEqual(0, (await self.ask("GET", "/users/me/subscriptions/videos", "root")).json["total"])
        tags = (await self.ask("GET", "/users/me/subscriptions/tags", "bob")).json
        self.assertEqual(["Höhle"], [one["tag"] for one in tags["data"]])
        authors = (await self.ask("GET", "/users/me/subscriptions/accounts?sort=id", "bob")).json
        self.assertEqual(["alice", "ana"], [one["name"] for one in authors["data"]])
        self.assertEqual(204, (await self.ask("DELETE", "/users/me/subscriptions/tag:hohle", "bob")).status)
        self.assertEqual(2, (await self.ask("GET", "/users/me/subscriptions/videos", "bob")).json["total"])

    async def _friend(self, tx: Transaction) -> None:
        _, channel = await add_account(tx, "ana", host="friend.example")
        await add_video(tx, 9, channel, host="friend.example")

    async def test_counts_when_somebody_goes(self) -> None:
        """Neither the followers of what stays nor what is followed of what went are counted."""
        for who, uri in (("bob", "alice_channel"), ("bob", "account:alice"), ("alice", "bob_channel")):
            await self.ask("POST", "/users/me/subscriptions", who, {"uri": uri})
        user = (await self.ask("GET", "/users/me", "bob")).json["id"]
        self.assertEqual(204, (await self.ask("DELETE", f"/users/{user}", "root")).status)
        self.assertEqual(0, (await self.ask("GET", "/video-channels/alice_channel")).json["followersCount"])
        alice = (await self.ask("GET", "/accounts/alice")).json
        self.assertEqual((0, 0), (alice["followersCount"], alice["followingCount"]))


class TogetherTests(FollowingCase):
    """Collaborators and changes of ownership."""

    async def test_collaborators_from_invitation_to_removal(self) -> None:
        """Who accepted changes the channel and its videos; the channel itself, and who takes part, stay the owner's."""
        base = "/video-channels/alice_channel/collaborators"
        for account, status in (("nobody", 400), ("alice", 400), ("ana@friend.example", 400)):
            answer = await self.ask("POST", f"{base}/invite", "alice", {"accountHandle": account})
            self.assertEqual(status, answer.status, account)
        self.assertEqual(403, (await self.ask("POST", f"{base}/invite", "bob", {"accountHandle": "bob"})).status)
        made = (await self.ask("POST", f"{base}/invite", "alice", {"accountHandle": "bob"})).json["collaborator"]
        self.assertEqual(({"id": 1, "label": "Pending"}, "bob"), (made["state"], made["account"]["name"]))
        self.assertEqual(409, (await self.ask("POST", f"{base}/invite", "alice", {"accountHandle": "bob"})).status)
        await self.video(1, privacy=Privacy.PRIVATE)
        change = {"name": "Ours together"}
        self.assertEqual(403, (await self.ask("PUT", f"/videos/{uuid_of(1)}", "bob", change)).status)
        self.assertEqual(403, (await self.ask("POST", f"{base}/{made['id']}/accept", "root")).status)
        self.assertEqual(204, (await self.ask("POST", f"{base}/{made['id']}/accept", "bob")).status)
        self.assertEqual(409, (await self.ask("POST", f"{base}/{made['id']}/accept", "bob")).status)
        self.assertEqual(204, (await self.ask("PUT", f"/videos/{uuid_of(1)}", "bob", change)).status)
        self.assertEqual(200, (await self.ask("GET", f"/videos/{uuid_of(1)}", "bob")).status)
        named = {"displayName": "Alice and Bob", "streamDirectory": 3}
        self.assertEqual(204, (await self.ask("PUT", "/video-channels/alice_channel", "bob", named)).status)
        self.assertEqual(403, (await self.ask("DELETE", "/video-channels/alice_channel", "bob")).status)
        mine = (await self.ask("GET", "/users/me/videos?includeCollaborations=true", "bob")).json
        self.assertEqual([uuid_of(1)], [one["uuid"] for one in mine["data"]])
        self.assertEqual(0, (await self.ask("GET", "/users/me/videos", "bob")).json["total"])
        listed = (
            await self.ask("GET", "/accounts/bob/video-channels?includeCollaborations=true&sort=name", "bob")
        ).json
        self.assertEqual(["alice_channel", "bob_channel"], [one["name"] for one in listed["data"]])
        self.assertEqual({"id": 3, "label": "Vehicles"}, listed["data"][0]["streamDirectory"])
        self.assertEqual(1, (await self.ask("GET", base, "bob")).json["total"])
        self.assertEqual(204, (await self.ask("DELETE", f"{base}/{made['id']}", "bob")).status)
        self.assertEqual(403, (await self.ask("PUT", f"/videos/{uuid_of(1)}", "bob", change)).status)

    async def test_a_refused_invitation(self) -> None:
        """It is gone, and may be repeated."""
        base = "/video-channels/alice_channel/collaborators"
        for _ in range(2):
            made = (await self.ask("POST", f"{base}/invite", "alice", {"accountHandle": "bob"})).json["collaborator"]
            self.assertEqual(204, (await self.ask("POST", f"{base}/{made['id']}/reject", "bob")).status)
        self.assertEqual({"total": 0, "data": []}, (await self.ask("GET", base, "alice")).json)

    async def test_a_video_changes_hands(self) -> None:
        """Offered by its owner, taken into a channel of the next one, who alone may change it then."""
        await self.video(1)
        give = f"/videos/{uuid_of(1)}/give-ownership"
        for who, name, status in (("bob", "bob", 403), ("alice", "x@y.example", 400), ("alice", "alice", 400)):
            self.assertEqual(status, (await self.ask("POST", give, who, {"username": name})).status)
        self.assertEqual(204, (await self.ask("POST", give, "alice", {"username": "bob"})).status)
        self.assertEqual(409, (await self.ask("POST", give, "alice", {"username": "root"})).status)
        [offer] = (await self.ask("GET", "/videos/ownership", "bob")).json["data"]
        self.assertEqual(
            ("WAITING", "alice", "bob", uuid_of(1)),
            (
                offer["status"], offer["initiatorAccount"]["name"], offer["nextOwnerAccount"]["name"],
                offer["video"]["uuid"],
            ),
        )  # fmt: skip
        accept = f"/videos/ownership/{offer['id']}/accept"
        for who, channel, status in (("alice", "alice", 403), ("bob", "alice", 400), ("bob", "bob", 204)):
            answer = await self.ask("POST", accept, who, {"channelId": self.ids[channel]})
            self.assertEqual(status, answer.status, answer.body)
        self.assertEqual(403, (await self.ask("POST", accept, "bob", {"channelId": self.ids["bob"]})).status)
        self.assertEqual("bob_channel", (await self.ask("GET", f"/videos/{uuid_of(1)}")).json["channel"]["name"])
        self.assertEqual(403, (await self.ask("PUT", f"/videos/{uuid_of(1)}", "alice", {"name": "Mine!"})).status)

    async def test_a_refused_video(self) -> None:
        """It stays where it is, and may be offered again."""
        await self.video(1)
        for number in range(2):
            await self.ask("POST", f"/videos/{uuid_of(1)}/give-ownership", "alice", {"username": "bob"})
            offers = (await self.ask("GET", "/videos/ownership", "bob")).json
            self.assertEqual(number + 1, offers["total"])
            refuse = f"/videos/ownership/{offers['data'][0]['id']}/refuse"
            self.assertEqual(204, (await self.ask("POST", refuse, "bob")).status)
        self.assertEqual("alice_channel", (await self.ask("GET", f"/videos/{uuid_of(1)}")).json["channel"]["name"])

    async def test_numbers_and_ratings_are_for_the_account_itself(self) -> None:
        """With the views of each of the last days."""
        await self.video(1)
        await self.ask("PUT", f"/videos/{uuid_of(1)}/rate", "bob", {"rating": "like"})
        rated = (await self.ask("GET", "/accounts/bob/ratings?rating=like", "bob")).json
        self.assertEqual(
            (1, "like", uuid_of(1)), (rated["total"], rated["data"][0]["rating"], rated["data"][0]["video"]["uuid"])
        )
        self.assertEqual(0, (await self.ask("GET", "/accounts/bob/ratings?rating=dislike", "bob")).json["total"])
        self.assertEqual(403, (await self.ask("GET", "/accounts/bob/ratings", "alice")).status)
        path = "/accounts/alice/video-channels?withStats=true"
        [channel] = (await self.ask("GET", path, "alice")).json["data"]
        self.assertEqual((1, 30), (channel["videosCount"], len(channel["viewsPerDay"])))
        self.assertNotIn("videosCount", (await self.ask("GET", path, "bob")).json["data"][0])

    async def test_a_support_text_for_every_video(self) -> None:
        """Only when that was asked for."""
        await self.video(1)
        body = {"support": "Buy me tea", "bulkVideosSupportUpdate": True}
        self.assertEqual(204, (await self.ask("PUT", "/video-channels/alice_channel", "alice", body)).status)
        self.assertEqual("Buy me tea", (await self.ask("GET", f"/videos/{uuid_of(1)}")).json["support"])

    async def test_the_home_page(self) -> None:
        """Set by the admin, read by everybody; programs hear in the configuration that there is one."""
        path = "/custom-pages/homepage/instance"
        self.assertEqual(404, (await self.ask("GET", path)).status)
        self.assertEqual(403, (await self.ask("PUT", path, "bob", {"content": "# Mine"})).status)
        self.assertEqual(204, (await self.ask("PUT", path, "root", {"content": "# Welcome"})).status)
        self.assertEqual({"content": "# Welcome"}, (await self.ask("GET", path)).json)
        self.assertTrue((await self.ask("GET", "/config")).json["homepage"]["enabled"])
        await self.ask("PUT", path, "root", {"content": ""})
        self.assertEqual(404, (await self.ask("GET", path)).status)
