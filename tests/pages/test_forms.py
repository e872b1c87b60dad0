"""What the forms of owners and staff hand to the use cases, and what they show when those refuse."""

from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Invalid
from peertube.model.users import Role
from peertube.model.videos import Privacy, Rating
from tests.http.serving import viewer
from tests.pages.people import FakeJobs, FakePods, FakeUsers, all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import FakeRatings, FakeVideos, file, video

UUID = video().uuid


class FormsTests(TestCase):
    """Signed in as root."""

    def setUp(self) -> None:
        self.videos, self.sessions = FakeVideos([video(), video(2, host="other.example")]), FakeSessions()
        self.users, self.pods, self.jobs, self.ratings = FakeUsers(), FakePods(), FakeJobs(), FakeRatings()
        self.sessions.users["root"] = self.sessions.living["c"] = viewer(username="root", role=Role.ADMINISTRATOR)
        groups = all_groups(
            self.videos,
            self.sessions,
            SETTINGS,
            users=self.users,
            pods=self.pods,
            jobs=self.jobs,
            ratings=self.ratings,
        )
        self.browser = Browser(page_resource(page_site(groups, self.sessions, SETTINGS)))
        self.browser.cookies["session_80"] = "c"

    async def test_an_edited_video(self) -> None:
        """Empty fields are none, tags are cut at commas, an absent box is off."""
        fields = {"name": " New ", "tags": "a1, b2,, a1", "privacy": "2", "description": "x\r\ny", "category": ""}
        answer = await self.browser.send(f"/my-videos/{UUID}", fields)
        self.assertEqual(answer.header("Location"), "/my-videos")
        _, uuid, changes = self.videos.asked[-1]
        self.assertEqual(uuid, UUID)
        self.assertEqual(changes.fields["name"], "New")
        self.assertEqual(changes.fields["tags"], ("a1", "b2"))
        self.assertIs(changes.fields["privacy"], Privacy.UNLISTED)
        self.assertEqual(changes.fields["description"], "x\ny")
        self.assertIsNone(changes.fields["category"])
        self.assertFalse(changes.fields["download_enabled"])

    async def test_refused_fields_keep_what_was_typed(self) -> None:
        """The error beside the field, and a summary that leads to it."""

        async def refuse(*_):
            raise Invalid("wrong", fields={"name": "Should be longer"})

        self.videos.update = refuse
        answer = await self.browser.send(f"/my-videos/{UUID}", {"name": "No", "tags": "typed"})
        self.assertEqual(answer.status, 400)
        for part in (b'value="typed"', b'<a href="#name">Title: Should be longer</a>', b'aria-invalid="true"'):
            self.assertIn(part, answer.body)

    async def test_nonsense_numbers_are_refused_as_a_form(self) -> None:
        """Not as a bug."""
        answer = await self.browser.send(f"/my-videos/{UUID}", {"name": "Name", "category": "many", "privacy": "9"})
        self.assertEqual(answer.status, 400)

    async def test_videos_of_others_are_not_mine(self) -> None:
        """Nor may those of another server be changed."""
        path = f"/my-videos/{self.videos.videos[1].uuid}"
        self.assertEqual((await self.browser.get(path)).status, 403)
        self.assertEqual((await self.browser.send(f"{path}/remove", {})).status, 403)

    async def test_removal_asks_first(self) -> None:
        """GET changes nothing."""
        await self.browser.get(f"/my-videos/{UUID}/remove")
        self.assertNotIn(("remove", UUID), self.videos.asked)
        await self.browser.send(f"/my-videos/{UUID}/remove", {})
        self.assertIn(("remove", UUID), self.videos.asked)

    async def test_rating(self) -> None:
        """Like, dislike, none; nothing else."""
        await self.browser.send(f"/w/{UUID}/rate", {"rating": "dislike"})
        self.assertEqual(self.ratings.rated, [("root", UUID, Rating.DISLIKE)])
        self.assertEqual((await self.browser.send(f"/w/{UUID}/rate", {"rating": "best"})).status, 400)

    async def test_hosts_are_cut_at_lines_and_commas(self) -> None:
        """As people write lists."""
        await self.browser.send("/admin/friends/make", {"hosts": "a.example, b.example\r\n\r\n c.example"})
        self.assertEqual(self.pods.done, [("make", ["a.example", "b.example", "c.example"])])

    async def test_friendship_ends_after_confirmation(self) -> None:
        """One, or all."""
        await self.browser.send("/admin/friends/2/remove", {})
        await self.browser.send("/admin/friends/quit", {})
        self.assertEqual(self.pods.done, [("remove", 2), "quit"])

    async def test_a_new_user(self) -> None:
        """Quotas in megabytes, none for no limit."""
        fields = {"username": "Ana", "email": "a@b.example", "password": " secret ", "role": "2", "videoQuota": "5"}
        answer = await self.browser.send("/admin/users/new", fields)
        self.assertEqual(answer.header("Location"), "/admin/users")
        request = self.users.done[0][1]
        self.assertEqual((request.username, request.password, request.role), ("ana", " secret ", Role.USER))
        self.assertEqual((request.video_quota, request.video_quota_daily), (5_000_000, -1))
        self.assertFalse(request.may_upload)

    async def test_a_taken_name(self) -> None:
        """Told, with what was typed, but never the password."""
        self.users.error = Conflict("User with this username already exists.")
        answer = await self.browser.send(
            "/admin/users/new", {"username": "ana", "email": "a@b", "password": "hushhush"}
        )
        self.assertEqual(answer.status, 409)
        self.assertIn(b"already exists", answer.body)
        self.assertNotIn(b"hushhush", answer.body)

    async def test_blocking(self) -> None:
        """With the reason."""
        await self.browser.send("/admin/users/2/block", {"reason": "spam"})
        await self.browser.send("/admin/users/2/unblock", {})
        self.assertEqual(self.users.done, [("block", 2, "spam"), ("unblock", 2)])

    async def test_jobs(self) -> None:
        """A button leads back to the part of the list where it was; what is none leads to its beginning."""
        where = {"state": "failed", "type": "publish-video", "page": "3"}
        answer = await self.browser.send("/admin/jobs/2/retry", where)
        self.assertEqual(answer.header("Location"), "/admin/jobs?state=failed&type=publish-video&page=3")
        answer = await self.browser.send("/admin/jobs/pod-9/cancel", {"state": "//evil", "type": "<b>", "page": "x"})
        self.assertEqual(answer.header("Location"), "/admin/jobs")
        self.assertEqual(self.jobs.done, [("retry", "2"), ("cancel", "pod-9")])

    async def test_pausing_jobs(self) -> None:
        """The page says so, and offers the way back."""
        self.assertNotIn(b"/admin/jobs/resume", (await self.browser.get("/admin/jobs")).body)
        await self.browser.send("/admin/jobs/pause", {})
        page = (await self.browser.get("/admin/jobs")).body
        self.assertIn(b"Jobs are paused", page)
        self.assertNotIn(b"/admin/jobs/pause", page)
        await self.browser.send("/admin/jobs/resume", {})
        self.assertEqual(self.jobs.done, ["pause", "resume"])

    async def test_what_a_job_offers(self) -> None:
        """A retry where one helps; work for a friend is dropped elsewhere."""
        page = (await self.browser.get("/admin/jobs")).body.decode()
        offered = {one for one in range(1, 11) if f"/admin/jobs/{one}/retry" in page}
        stopped = {one for one in range(1, 11) if f"/admin/jobs/{one}/cancel" in page}
        self.assertEqual(({2, 4}, {1, 2, 5}), (offered, stopped))
        self.assertIn("/admin/jobs/pod-9/retry", page)
        self.assertNotIn("/admin/jobs/pod-9/cancel", page)
        only = (await self.browser.get("/admin/jobs?state=failed")).body.decode()
        self.assertIn("/admin/jobs/2/retry", only)
        self.assertNotIn("/admin/jobs/4/retry", only)

    async def test_retrying_a_friend(self) -> None:
        """Only one that did not answer."""
        page = (await self.browser.get("/admin/friends")).body
        self.assertNotIn(b"/admin/friends/1/retry", page)
        self.assertIn(b"/admin/friends/2/retry", page)
        self.assertIn(b"oldest", page)
        await self.browser.send("/admin/friends/2/retry", {})
        self.assertEqual(self.pods.done, [("retry", 2)])

    async def test_another_password_signs_in_anew(self) -> None:
        """The same twice, or it is a slip."""
        wrong = await self.browser.send("/settings/password", {"current": "a", "new": "right", "again": "other"})
        self.assertEqual((wrong.status, self.users.done), (400, []))
        answer = await self.browser.send("/settings/password", {"current": "a", "new": "right", "again": "right"})
        self.assertEqual((answer.status, self.browser.cookies["session_80"]), (303, "session-root"))

    async def test_sharing_is_asked_first(self) -> None:
        """No torrent is touched until the viewer agreed (web-client, principle 9)."""
        before = await self.browser.get(f"/w/{UUID}")
        self.assertIn(b'"sharing": false', before.body)
        await self.browser.send("/settings/sharing", {"sharing": "on", "next": f"/w/{UUID}"})
        self.assertIn(b'"sharing": true', (await self.browser.get(f"/w/{UUID}")).body)

    async def test_private_videos_are_not_shared(self) -> None:
        """Their pieces are for nobody else."""
        self.videos.videos[0] = video(privacy=Privacy.PRIVATE)
        self.videos.files = {1: file()}
        body = (await self.browser.get(f"/w/{UUID}")).body
        self.assertNotIn(b'id="sharing"', body)
        self.assertIn(b'"torrent": null', body)
