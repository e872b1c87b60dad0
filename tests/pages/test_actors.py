"""Pages of channels and people: following, one's own channels, invitations, pictures."""

from twisted.trial.unittest import TestCase

from peertube.model.actor_images import ImageKind
from peertube.model.users import Role
from tests.http.serving import Answer, viewer
from tests.pages.actors import FakeActors, FakePeople
from tests.pages.people import all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import FakeVideos, video

UUID = video().uuid


class ActorPagesTests(TestCase):
    """A browser that is signed in as an administrator."""

    def setUp(self) -> None:
        self.actors, self.people, sessions = FakeActors(), FakePeople(), FakeSessions()
        sessions.users["root"] = sessions.living["c"] = viewer(username="root", role=Role.ADMINISTRATOR)
        groups = all_groups(FakeVideos([video()]), sessions, SETTINGS, actors=self.actors, together=self.people)
        self.browser = Browser(page_resource(page_site(groups, sessions, SETTINGS)))
        self.browser.cookies["session_80"] = "c"

    async def get(self, path: str) -> Answer:
        return await self.browser.get(path)

    async def post(self, path: str, **fields: str) -> Answer:
        return await self.browser.send(path, fields)

    async def test_subscribing_from_a_channel(self) -> None:
        """The button changes, and leads back to where it was."""
        page = await self.get("/c/ana_channel")
        self.assertIn('action="/subscriptions/add"', page.body.decode())
        answer = await self.post("/subscriptions/add", uri="ana_channel", next="/c/ana_channel")
        self.assertEqual((303, "/c/ana_channel"), (answer.status, answer.header("Location")))
        self.assertIn('action="/subscriptions/remove"', (await self.get("/c/ana_channel")).body.decode())
        answer = await self.post("/subscriptions/remove", uri="ana_channel", next="//evil.example")
        self.assertEqual("/following", answer.header("Location"))
        self.assertEqual([("follow", "ana_channel"), ("unfollow", "ana_channel")], self.actors.done)

    async def test_older_addresses(self) -> None:
        """PeerTube's lead to ours."""
        for path, place in (
            ("/video-channels/ana_channel", "/c/ana_channel"),
            ("/c/ana_channel@b.example/videos", "/c/ana_channel@b.example"),
            ("/accounts/ana", "/a/ana"),
            ("/services/redirect/accounts/ana@b.example", "/a/ana@b.example"),
        ):
            answer = await self.get(path)
            self.assertEqual((301, place), (answer.status, answer.header("Location")), path)
        self.assertEqual(404, (await self.get("/c/nobody")).status)
        self.assertEqual(404, (await self.get("/directory/99")).status)

    async def test_following_a_tag_and_nobody(self) -> None:
        """What was typed stays when it was wrong."""
        answer = await self.post("/following/manage", kind="tag", name="#hills")
        self.assertEqual((303, [("follow", "tag:hills")]), (answer.status, self.actors.done))
        answer = await self.post("/following/manage", kind="account", name="@nobody")
        self.assertEqual(400, answer.status)
        self.assertIn('value="@nobody"', answer.body.decode())
        self.assertIn("No person is known here by this handle.", answer.body.decode())

    async def test_making_and_changing_a_channel(self) -> None:
        """Faults are beside their fields, with everything that was typed."""
        answer = await self.post("/my-channels/new", name="taken", displayName="Mine", streamDirectory="2")
        self.assertEqual(400, answer.status)
        self.assertIn("This name is taken already.", answer.body.decode())
        self.assertIn('value="Mine"', answer.body.decode())
        answer = await self.post("/my-channels/new", name="mine", displayName="Mine", streamDirectory="2")
        self.assertEqual("/my-channels/mine", answer.header("Location"))
        [(_, _, fields)] = self.actors.done
        self.assertEqual(("Mine", None, 2), (fields.display_name, fields.support, fields.directory))
        answer = await self.post(
            "/my-channels/ana_channel", displayName="Ours", support="Tea", videos_too="true", streamDirectory="x"
        )
        self.assertEqual(303, answer.status)
        _, handle, changes, videos_too = self.actors.done[-1]
        self.assertEqual(
            ("ana_channel", "Ours", None, True), (handle, changes["display_name"], changes["directory"], videos_too)
        )

    async def test_people_of_a_channel(self) -> None:
        """Invited by name; removed; those of other servers are nobody's to change."""
        answer = await self.post("/my-channels/ana_channel/people", account="nobody")
        self.assertEqual(400, answer.status)
        self.assertIn("Nobody else on this server is called so.", answer.body.decode())
        await self.post("/my-channels/ana_channel/people", account="@bob")
        await self.post("/my-channels/ana_channel/people/4/remove")
        self.assertEqual([("invite", "ana_channel", "bob"), ("remove", "ana_channel", 4)], self.people.done)
        self.assertEqual(403, (await self.get("/my-channels/ana_channel@b.example")).status)
        self.assertEqual(303, (await self.post("/my-channels/ana_channel/remove")).status)

    async def test_invitations_and_offers(self) -> None:
        """Each is answered with a button."""
        await self.get("/invitations")
        await self.post("/invitations/channels/ana_channel/4", answer="accept")
        await self.post("/invitations/videos/1", answer="accept", channelId="3")
        await self.post("/invitations/videos/1", answer="refuse")
        answer = await self.post(f"/my-videos/{UUID}/give", username="nobody")
        self.assertEqual(400, answer.status)
        self.assertEqual(303, (await self.post(f"/my-videos/{UUID}/give", username="@bob")).status)
        self.assertEqual(
            [("accept", "ana_channel", 4), ("accept", 1, 3), ("refuse", 1), ("give", "bob")], self.people.done
        )

    async def test_the_text_and_the_pictures_of_the_server(self) -> None:
        """The text is markdown without what could do harm."""
        self.actors.content = "# Welcome\n\n## Rules\n\n<script>alert(1)</script> ![x](https://evil.example/x.png)"
        home = (await self.get("/")).body.decode()
        self.assertIn("<h2>Welcome</h2>\n<h3>Rules</h3>", home)
        self.assertNotIn("<script>alert", home)
        self.assertNotIn('<img src="https://evil', home)
        await self.post("/admin/appearance", content="# Hello")
        await self.post("/admin/appearance/banner/remove")
        await self.post("/my-channels/ana_channel/avatar/remove")
        await self.post("/settings/avatar/remove")
        self.assertEqual(
            [
                ("change", "# Hello"),
                ("remove",),
                ("remove_of_channel", "ana_channel", ImageKind.AVATAR),
                ("remove_mine",),
            ],
            self.actors.done,
        )
