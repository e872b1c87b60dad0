"""Videos behind a password, and tokens for their files."""

from typing import Any

from peertube.errors import Forbidden, Invalid, NotFound, PodError, TooManyRequests, Unauthorized
from peertube.model import topics
from peertube.model.pages import Window
from peertube.model.users import Role, Viewer
from peertube.model.video_access import NOTHING_SHOWN, Proof
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Privacy
from peertube.storage import sessions, users, video_passwords
from peertube.storage.sessions import NewSession
from peertube.usecases.file_tokens import LIFE_MS
from peertube.usecases.files import Files
from peertube.usecases.video_passwords import VideoPasswords
from peertube.usecases.videos import VideoChanges
from tests.storage.publishers import NOW_MS
from tests.usecases.video_world import VideoCase


class ProtectedCase(VideoCase):
    """Alice has a video with two passwords."""

    async def more(self) -> None:
        self.bob = (await self.person("bob")).viewer
        self.moderator = (await self.person("maud", role=Role.MODERATOR)).viewer
        self.passwords = VideoPasswords(database=self.database, clock=self.clock, vault=self.vault)
        self.files = Files(database=self.database, storage=self.storage, access=self.access)
        self.uuid = await self.publish(privacy=Privacy.PASSWORD_PROTECTED, passwords=("open sesame", "other"))

    async def refused(self, code: str, viewer: Viewer | None, proof: Proof = NOTHING_SHOWN) -> None:
        with self.assertRaises(Forbidden) as caught:
            await self.videos.details(viewer, self.uuid, proof)
        self.assertEqual(caught.exception.code, code)

    async def change(self, **fields: Any) -> None:
        passwords = fields.pop("passwords", None)
        await self.videos.update(self.alice.viewer, self.uuid, VideoChanges(fields, passwords=passwords))

    async def listed(self) -> list[str | None]:
        found = await self.passwords.listing(self.alice.viewer, self.uuid, Window(sort="createdAt"))
        return [item.password for item in found.items]


class PasswordTests(ProtectedCase):
    """Who knows one sees the video."""

    async def test_with_and_without(self) -> None:
        """Each refusal says what is missing; the owner and moderators need none."""
        for address, viewer in (("192.0.2.1", None), ("192.0.2.2", self.bob)):
            await self.refused("video_requires_password", viewer)
            await self.refused("incorrect_video_password", viewer, Proof(password="nonsense", address=address))
            await self.refused("incorrect_video_password", viewer, Proof(password="", address=address))
            for password in ("open sesame", "other"):
                found = await self.videos.details(viewer, self.uuid, Proof(password=password))
                self.assertEqual(found.video.uuid, self.uuid)
        for viewer in (self.alice.viewer, self.moderator):
            await self.videos.details(viewer, self.uuid)

    async def test_guessing_ends(self) -> None:
        """After so many wrong ones, an address gets no answer, not even to the right one; others do."""
        for _ in range(3):
            await self.refused("incorrect_video_password", None, Proof(password="guess", address="192.0.2.1"))
        for password in ("guess", "other"):
            with self.assertRaises(TooManyRequests):
                await self.videos.details(None, self.uuid, Proof(password=password, address="192.0.2.1"))
        await self.videos.details(None, self.uuid, Proof(password="other", address="192.0.2.2"))
        await self.videos.details(self.alice.viewer, self.uuid, Proof(password="guess", address="192.0.2.1"))

    async def test_nothing_else_names_it(self) -> None:
        """Neither lists nor friends nor the tracker."""
        found = await self.videos.listing(None, VideoFilter(), Window(sort="-publishedAt"))
        self.assertEqual((found.total, list(found.items)), (0, []))
        self.assertEqual(await self.told(), [])
        self.assertEqual([news["added"] for news in self.publisher.of(topics.TORRENTS)], [[]])

    async def test_files_need_it_too(self) -> None:
        """Whoever knows only the names of files knows nothing."""
        (file,) = (await self.details(self.uuid)).files
        for kind, name in (("web_videos", file.file_name), ("torrents", file.torrent_name)):
            for proof, code in (
                (Proof(), "video_requires_password"),
                (Proof(password="x"), "incorrect_video_password"),
                (Proof(token="nonsense"), "video_requires_password"),
            ):
                with self.assertRaises(Forbidden) as caught:
                    await self.files.resolve(None, kind, name, proof)
                self.assertEqual(caught.exception.code, code)
            self.assertFalse((await self.files.resolve(None, kind, name, Proof(password="other"))).is_open)

    async def test_closing_a_public_video(self) -> None:
        """Friends forget it at once, and so does the tracker."""
        uuid = await self.publish()
        (file,) = (await self.details(uuid)).files
        changes = VideoChanges({"privacy": Privacy.PASSWORD_PROTECTED}, passwords=("secret",))
        await self.videos.update(self.alice.viewer, uuid, changes)
        self.assertEqual([kind for kind, _ in await self.told()], ["remove-video"])
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1], {"added": [], "removed": [file.info_hash]})

    async def test_passwords_are_no_rows_to_read(self) -> None:
        """What the database holds opens nothing without the key of the vault."""
        video = (await self.details(self.uuid)).video
        stored = (await self.database.read(video_passwords.listing, video.id, Window())).items
        self.assertEqual({self.vault.unseal(one.sealed) for one in stored}, {"open sesame", "other"})


class ListOfPasswordsTests(ProtectedCase):
    """What an owner does with them."""

    async def test_list_replace_add_remove(self) -> None:
        """The last one stays."""
        self.assertEqual(await self.listed(), ["open sesame", "other"])
        await self.passwords.replace(self.alice.viewer, self.uuid, ["other", "third"])
        self.assertEqual(await self.listed(), ["other", "third"])
        await self.passwords.add(self.alice.viewer, self.uuid, "fourth")
        await self.passwords.add(self.moderator, self.uuid, "fourth")
        self.assertEqual(await self.listed(), ["other", "third", "fourth"])
        found = await self.passwords.listing(self.alice.viewer, self.uuid, Window(sort="-createdAt", count=1))
        self.assertEqual((found.total, len(found.items)), (3, 1))
        for left in (2, 1):
            first = (await self.passwords.listing(self.alice.viewer, self.uuid, Window())).items[0].stored.id
            await self.passwords.remove(self.alice.viewer, self.uuid, first)
            self.assertEqual(len(await self.listed()), left)
            with self.assertRaises(NotFound):
                await self.passwords.remove(self.alice.viewer, self.uuid, first)
        last = (await self.passwords.listing(self.alice.viewer, self.uuid, Window())).items[0].stored.id
        with self.assertRaises(Forbidden):
            await self.passwords.remove(self.alice.viewer, self.uuid, last)

    async def test_wrong_ones(self) -> None:
        """None, doubles, too short; strangers; videos without."""
        for passwords in ([], ["x"], ["same", "same"]):
            with self.assertRaises(Invalid):
                await self.passwords.replace(self.alice.viewer, self.uuid, passwords)
        with self.assertRaises(Forbidden):
            await self.passwords.listing(self.bob, self.uuid, Window())
        with self.assertRaises(Invalid):
            await self.passwords.add(self.alice.viewer, await self.publish(), "secret")
        self.assertEqual(await self.listed(), ["open sesame", "other"])

    async def test_they_follow_the_privacy(self) -> None:
        """A video needs some to be protected, keeps them while it is, and loses them with it."""
        await self.change(name="Another name")
        await self.change(privacy=Privacy.PASSWORD_PROTECTED)
        self.assertEqual(await self.listed(), ["open sesame", "other"])
        await self.change(privacy=Privacy.UNLISTED)
        for passwords in (None, ()):
            with self.assertRaises(Invalid) as caught:
                await self.change(privacy=Privacy.PASSWORD_PROTECTED, passwords=passwords)
            self.assertEqual(set(caught.exception.fields), {"videoPasswords"})
        await self.change(privacy=Privacy.PASSWORD_PROTECTED, passwords=("new one",))
        self.assertEqual(await self.listed(), ["new one"])


class TokenTests(ProtectedCase):
    """What players put into addresses."""

    async def opened(self, token: str, uuid: str | None = None) -> bool:
        (file,) = (await self.details(uuid or self.uuid)).files
        try:
            await self.files.resolve(None, "web_videos", file.file_name, Proof(token=token))
        except PodError:
            return False
        return True

    async def by_password(self) -> str:
        token, expires_ms = await self.access.token(None, self.uuid, Proof(password="other"))
        self.assertEqual(expires_ms, NOW_MS + LIFE_MS)
        return token

    async def logged_in(self, viewer: Viewer) -> Viewer:
        session = NewSession(
            user_id=viewer.user.id,
            kind="api",
            token_hash=viewer.user.username,
            family_hash="",
            created_ms=NOW_MS,
            access_expires_ms=NOW_MS + 1,
            expires_ms=NOW_MS + 30 * LIFE_MS,
            address="",
            user_agent="",
        )
        return Viewer(user=viewer.user, session_id=await self.database.write(sessions.add, session))

    async def test_of_a_password(self) -> None:
        """It opens this video for 8 hours, and no other."""
        token = await self.by_password()
        self.assertTrue(await self.opened(token))
        other = await self.publish(privacy=Privacy.PASSWORD_PROTECTED, passwords=("other",))
        self.assertFalse(await self.opened(token, other))
        self.assertFalse(await self.opened(token[:-4] + "AAAA"))
        self.clock.time_ms += LIFE_MS
        self.assertFalse(await self.opened(token))

    async def test_it_ends_with_the_password_and_the_privacy(self) -> None:
        """An owner who closes something has closed it."""
        token = await self.by_password()
        await self.passwords.replace(self.alice.viewer, self.uuid, ["open sesame"])
        self.assertFalse(await self.opened(token))
        await self.passwords.replace(self.alice.viewer, self.uuid, ["other"])
        token = await self.by_password()
        await self.change(privacy=Privacy.PRIVATE)
        self.assertFalse(await self.opened(token))

    async def test_of_users(self) -> None:
        """As long as they are logged in, not blocked, and may see the video."""
        alice, bob = await self.logged_in(self.alice.viewer), await self.logged_in(self.bob)
        await self.change(privacy=Privacy.INTERNAL)
        token, _ = await self.access.token(bob, self.uuid, Proof())
        self.assertTrue(await self.opened(token))
        await self.change(privacy=Privacy.PRIVATE)
        self.assertFalse(await self.opened(token))
        token, _ = await self.access.token(alice, self.uuid, Proof())
        self.assertTrue(await self.opened(token))
        await self.database.write(sessions.remove, alice.session_id)
        self.assertFalse(await self.opened(token))
        again = await self.logged_in(self.alice.viewer)
        token, _ = await self.access.token(again, self.uuid, Proof())
        await self.database.write(users.remove, again.user.id)
        with self.assertRaises(Forbidden):
            await self.access.token(bob, self.uuid, Proof())

    async def test_not_for_everybody(self) -> None:
        """Strangers get one for a password only."""
        uuid = await self.publish()
        with self.assertRaises(Unauthorized):
            await self.access.token(None, uuid, Proof(password="x"))
        with self.assertRaises(Forbidden):
            await self.access.token(None, self.uuid, Proof(password="x"))
        with self.assertRaises(Forbidden):
            await self.access.token(self.bob, self.uuid, Proof())
