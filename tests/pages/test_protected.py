"""Pages of videos that are not for everybody, and the parts of forms that make them so."""

from twisted.trial.unittest import TestCase

from peertube.errors import Forbidden
from peertube.model.users import Role
from peertube.model.videos import Privacy, ScheduledUpdate, SensitiveFlags
from peertube.policy.short_uuid import shorten
from tests.http.serving import viewer
from tests.pages.people import all_groups
from tests.pages.serving import SETTINGS, Browser, FakeSessions, page_resource, page_site
from tests.pages.videos import FakeVideos, video

PROTECTED = video(1, privacy=Privacy.PASSWORD_PROTECTED)
UUID = PROTECTED.uuid


class ProtectedVideos(FakeVideos):
    """The first one needs a token."""

    async def details(self, viewer, id_or_uuid, proof=None):
        if id_or_uuid == UUID and (proof is None or proof.token != f"token.of.{UUID}"):
            raise Forbidden("A password, please", code="video_requires_password")
        return await super().details(viewer, id_or_uuid, proof)


class PasswordPageTests(TestCase):
    """Without script, for strangers."""

    def setUp(self) -> None:
        sessions = FakeSessions()
        groups = all_groups(ProtectedVideos([PROTECTED]), sessions, SETTINGS)
        self.browser = Browser(page_resource(page_site(groups, sessions, SETTINGS)))

    async def test_the_password_opens_the_page_and_its_files(self) -> None:
        """A wrong one is told, and nothing of the video."""
        asked = await self.browser.get(f"/w/{UUID}")
        self.assertEqual(asked.status, 403)
        self.assertIn(f'action="/w/{shorten(UUID)}/password"'.encode(), asked.body)
        self.assertNotIn(PROTECTED.fields.name.encode(), asked.body)
        wrong = await self.browser.send(f"/w/{UUID}/password", {"password": "wrong"})
        self.assertEqual(wrong.status, 403)
        self.assertIn(b"This is not the password of the video.", wrong.body)
        right = await self.browser.send(f"/w/{UUID}/password", {"password": "right"})
        self.assertEqual(right.header("Location"), f"/w/{shorten(UUID)}")
        shown = await self.browser.get(f"/w/{UUID}")
        self.assertEqual(shown.status, 200)
        self.assertIn(f"/private/file-1.mp4?videoFileToken=token.of.{UUID}".encode(), shown.body)
        self.assertIn(f"/views?videoFileToken=token.of.{UUID}".encode(), shown.body)


class FormTests(TestCase):
    """What an owner fills in."""

    def setUp(self) -> None:
        self.sessions = FakeSessions()
        self.sessions.living["c"] = viewer(username="root", role=Role.ADMINISTRATOR)
        schedule = ScheduledUpdate(1_900_000_000_000, Privacy.UNLISTED)
        self.video = video(2, nsfw=True, nsfw_flags=SensitiveFlags.VIOLENT, nsfw_summary="A fight", schedule=schedule)
        self.videos = FakeVideos([self.video])
        groups = all_groups(self.videos, self.sessions, SETTINGS)
        self.browser = Browser(page_resource(page_site(groups, self.sessions, SETTINGS)))
        self.browser.cookies["session_80"] = "c"

    async def save(self, **fields: str) -> object:
        answer = await self.browser.send(f"/my-videos/{self.video.uuid}", {"name": "A title", **fields})
        self.assertEqual(answer.status, 303, answer.body)
        return self.videos.asked[-1][2]

    async def test_privacy_and_schedule(self) -> None:
        """Passwords by lines; times in UTC; empty means as it is, and not at all."""
        changes = await self.save(privacy="5", videoPasswords=" one \r\n\r\ntwo\r\none", scheduleAt="2030-03-17T17:46")
        self.assertIs(changes.fields["privacy"], Privacy.PASSWORD_PROTECTED)
        self.assertEqual(changes.passwords, ("one", "two"))
        self.assertEqual(changes.fields["schedule"], ScheduledUpdate(1_899_999_960_000))
        changes = await self.save()
        self.assertEqual((changes.passwords, changes.fields["schedule"]), (None, None))

    async def test_what_is_sensitive(self) -> None:
        """Flags and words go with the box that says so."""
        changes = await self.save(nsfw="true", nsfwSex="true", nsfwShocking="true", nsfwSummary="Look away")
        self.assertEqual((int(changes.fields["nsfw_flags"]), changes.fields["nsfw_summary"]), (6, "Look away"))
        changes = await self.save(nsfwSex="true", nsfwSummary="Look away")
        self.assertEqual((int(changes.fields["nsfw_flags"]), changes.fields["nsfw_summary"]), (0, None))

    async def test_the_form_shows_what_is_there(self) -> None:
        """So that saving it changes nothing; the watch page says it too."""
        shown = await self.browser.get(f"/my-videos/{self.video.uuid}")
        for part in (b'value="2030-03-17T17:46"', b'value="A fight"', b'name="nsfwViolent" value="true" checked'):
            self.assertIn(part, shown.body)
        watched = await self.browser.get(f"/w/{self.video.uuid}")
        self.assertIn(b"A fight", watched.body)
        self.assertIn(b"Violence", watched.body)
