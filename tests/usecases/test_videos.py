"""Looking at videos, changing and removing them."""

from attrs import evolve

from peertube.errors import Forbidden, Invalid, NotFound, PodError, Unauthorized, Unprocessable
from peertube.model import topics
from peertube.model.pages import Window
from peertube.model.users import Role, Viewer
from peertube.model.video_filters import Include, VideoFilter
from peertube.model.videos import Privacy
from peertube.policy.short_uuid import shorten
from peertube.storage import videos
from peertube.usecases.videos import VideoChanges
from tests.storage.publishers import NOW_MS, add_account, add_video, uuid_of
from tests.usecases.video_world import SETTINGS, VideoCase


class SightTests(VideoCase):
    """Who sees what."""

    async def more(self) -> None:
        self.bob = (await self.person("bob")).viewer
        self.moderator = (await self.person("maud", role=Role.MODERATOR)).viewer

    async def refused(self, error: type[PodError], viewer: Viewer | None, identifier: str) -> None:
        with self.assertRaises(error):
            await self.videos.details(viewer, identifier)

    async def test_by_number_uuid_and_short_uuid(self) -> None:
        """Three names of one video."""
        number = await self.database.write(add_video, 1, self.alice.channel_id)
        for identifier in (str(number), uuid_of(1), uuid_of(1).upper(), shorten(uuid_of(1))):
            self.assertEqual((await self.videos.details(None, identifier)).video.id, number)

    async def test_no_such_video(self) -> None:
        """Unknown ids are not found; what is no id is malformed."""
        for identifier in ("999", uuid_of(9), shorten(uuid_of(9))):
            await self.refused(NotFound, None, identifier)
        for identifier in ("upload", "", "0", "-1", "9" * 30, "1" * 22, "x" * 500, "' or 1=1 --"):
            with self.assertRaises((Invalid, NotFound)):
                await self.videos.details(None, identifier)

    async def test_unlisted_is_hidden_from_those_who_count(self) -> None:
        """The UUID is the key; numbers can be guessed."""
        number = str(await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.UNLISTED))
        await self.videos.details(None, uuid_of(1))
        await self.refused(Unauthorized, None, number)
        await self.refused(Forbidden, self.bob, number)
        for viewer in (self.alice.viewer, self.moderator):
            await self.videos.details(viewer, number)

    async def test_private_is_for_its_owner_and_moderators(self) -> None:
        """401 for strangers, 403 for users."""
        await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.PRIVATE)
        await self.refused(Unauthorized, None, uuid_of(1))
        await self.refused(Forbidden, self.bob, uuid_of(1))
        for viewer in (self.alice.viewer, self.moderator):
            await self.videos.details(viewer, uuid_of(1))

    async def test_internal_is_for_users(self) -> None:
        """Everybody who is logged in, unless blocked."""
        await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.INTERNAL)
        await self.refused(Unauthorized, None, uuid_of(1))
        await self.videos.details(self.bob, uuid_of(1))
        await self.refused(Forbidden, evolve(self.bob, user=evolve(self.bob.user, blocked=True)), uuid_of(1))


class ListTests(VideoCase):
    """Who may ask lists for more."""

    async def more(self) -> None:
        self.moderator = (await self.person("maud", role=Role.MODERATOR)).viewer
        await self.database.write(add_video, 1, self.alice.channel_id, nsfw=True)
        await self.database.write(add_video, 2, self.alice.channel_id, privacy=Privacy.PRIVATE)
        _, friend = await self.database.write(add_account, "friend", host="b.example")
        await self.database.write(add_video, 3, friend, host="b.example")

    async def numbers(self, viewer: Viewer | None, **wanted: object) -> list[int]:
        found = await self.videos.listing(viewer, VideoFilter(**wanted), Window(sort="-publishedAt"))
        return [int(video.uuid[-3:]) for video in found.items]

    async def test_privileged_filters(self) -> None:
        """401 without the right."""
        for more in ({"privacies": (Privacy.PRIVATE,)}, {"include": Include.NOT_PUBLISHED}):
            for viewer in (None, self.alice.viewer):
                with self.assertRaises(Unauthorized):
                    await self.numbers(viewer, **more)
        self.assertEqual(await self.numbers(self.moderator, privacies=(Privacy.PRIVATE,)), [2])
        self.assertEqual(await self.numbers(None, include=Include.FILES), [3, 1])

    async def test_sensitive_videos_as_preferred(self) -> None:
        """Whoever chose not to see them does not, unless asking for them."""
        user = self.alice.viewer.user
        chaste = evolve(user, preferences=evolve(user.preferences, nsfw_policy="do_not_list"))
        viewer = evolve(self.alice.viewer, user=chaste)
        self.assertEqual(await self.numbers(viewer), [3])
        self.assertEqual(await self.numbers(None), [3, 1])

    async def test_own_host_is_this_pod(self) -> None:
        """Others know us by our name."""
        self.assertEqual(await self.numbers(None, host=SETTINGS.webserver.host), [1])
        self.assertEqual(await self.numbers(None, host="b.example"), [3])

    async def test_of_accounts_and_channels(self) -> None:
        """By name, or name and host."""
        window, everything = Window(), VideoFilter()
        for handle, number in (("alice", 1), ("alice@pod.example:9001", 1), ("friend@b.example", 3)):
            found = await self.videos.of_account(None, handle, everything, window)
            self.assertEqual([video.uuid for video in found.items], [uuid_of(number)], handle)
        found = await self.videos.of_channel(None, "friend_channel@b.example", everything, window)
        self.assertEqual(found.total, 1)
        for ask in (self.videos.of_account, self.videos.of_channel):
            for handle in ("nobody", "alice@b.example", "@", "a@b@c"):
                with self.assertRaises(NotFound):
                    await ask(None, handle, everything, window)

    async def test_unknown_order(self) -> None:
        """Named, not a failure."""
        with self.assertRaises(Invalid) as caught:
            await self.videos.listing(None, VideoFilter(), Window(sort="-nonsense"))
        self.assertIn("sort", caught.exception.fields)

    async def test_mine(self) -> None:
        """All of mine, none of others."""
        found = await self.videos.mine(self.alice.viewer, Window())
        self.assertEqual((found.total, len(found.items)), (2, 2))
        self.assertEqual((await self.videos.mine(self.moderator, Window())).total, 0)
        found = await self.videos.mine(self.alice.viewer, Window(), "nothing like it")
        self.assertEqual(found.total, 0)


class UpdateTests(VideoCase):
    """Changes, and who hears of them."""

    async def change(self, uuid: str, **fields: object) -> None:
        await self.videos.update(self.alice.viewer, uuid, VideoChanges(fields))

    async def test_what_is_not_named_stays(self) -> None:
        """A change of the description keeps the tags."""
        uuid = await self.publish(tags=("one",), category=3)
        await self.change(uuid, description="New description", category=None)
        fields = (await self.details(uuid)).video.fields
        self.assertEqual((fields.tags, fields.category, fields.description), (("one",), None, "New description"))

    async def test_friends_hear_of_it(self) -> None:
        """With the version that is stored."""
        uuid = await self.publish()
        await self.change(uuid, nsfw=True)
        version = (await self.details(uuid)).video.version
        self.assertEqual((await self.told())[-1], ("update-video", version))

    async def test_closing_and_opening(self) -> None:
        """Friends forget the video, then hear of it as of a new one; the tracker follows."""
        uuid = await self.publish()
        (file,) = (await self.details(uuid)).files
        await self.change(uuid, privacy=Privacy.PRIVATE)
        self.assertEqual([kind for kind, _ in await self.told()], ["remove-video"])
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1], {"added": [], "removed": [file.info_hash]})
        self.clock.time_ms += 1000
        await self.change(uuid, privacy=Privacy.PUBLIC)
        video = (await self.details(uuid)).video
        self.assertEqual(video.published_ms, NOW_MS + 1000)
        self.assertEqual((await self.told())[-1], ("add-video", video.version))
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1], {"added": [file.info_hash], "removed": []})

    async def test_private_changes_stay_private(self) -> None:
        """Friends hear nothing."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        await self.change(uuid, description="Secret text")
        self.assertEqual(await self.told(), [])

    async def test_new_pictures(self) -> None:
        """The old ones go."""
        uuid = await self.publish()
        image = self.temporary(b"image")
        await self.videos.update(self.alice.viewer, uuid, VideoChanges({}, thumbnail=image, preview=image))
        image.unlink()
        await self.work()
        video = (await self.details(uuid)).video
        self.assertEqual(self.storage.path("thumbnails", video.thumbnail_name).read_bytes(), b"small image")
        self.assertEqual(len([name for name in self.storage.everything() if name.endswith(".jpg")]), 2)

    async def test_nothing_changes_when_something_is_wrong(self) -> None:
        """Neither rows nor files."""
        uuid = await self.publish()
        before, files = await self.details(uuid), self.storage.everything()
        image, text = self.temporary(b"image"), self.temporary(b"text")
        bob = await self.person("bob")
        for error, changes in (
            (Invalid, VideoChanges({"name": "x", "tags": ("a",)}, thumbnail=image)),
            (Forbidden, VideoChanges({}, channel_id=bob.channel_id, thumbnail=image)),
            (Invalid, VideoChanges({}, channel_id=999, thumbnail=image)),
            (Unprocessable, VideoChanges({}, thumbnail=image, preview=text)),
        ):
            with self.assertRaises(error):
                await self.videos.update(self.alice.viewer, uuid, changes)
        image.unlink()
        text.unlink()
        self.assertEqual((await self.details(uuid), self.storage.everything()), (before, files))

    async def test_only_owner_and_moderators(self) -> None:
        """And nobody changes what lives on another pod."""
        uuid = await self.publish()
        bob = (await self.person("bob")).viewer
        root = (await self.person("root", role=Role.ADMINISTRATOR)).viewer
        with self.assertRaises(Forbidden):
            await self.videos.update(bob, uuid, VideoChanges({"name": "Mine now"}))
        with self.assertRaises(Forbidden):
            await self.videos.remove(bob, uuid)
        await self.videos.update(root, uuid, VideoChanges({"name": "Moderated"}))
        _, friend = await self.database.write(add_account, "friend", host="b.example")
        await self.database.write(add_video, 3, friend, host="b.example")
        for action in (self.videos.update(root, uuid_of(3), VideoChanges({})), self.videos.remove(root, uuid_of(3))):
            with self.assertRaises(Forbidden):
                await action


class RemovalTests(VideoCase):
    """Nothing of a removed video stays."""

    async def test_rows_files_and_news(self) -> None:
        """The job that removes the files is written with the removal of the rows."""
        uuid = await self.publish()
        (file,) = (await self.details(uuid)).files
        await self.videos.remove(self.alice.viewer, uuid)
        self.assertIsNone(await self.database.read(videos.details_by_uuid, uuid))
        self.assertEqual(len(self.storage.everything()), 4)
        await self.work()
        self.assertEqual(self.storage.everything(), [])
        self.assertEqual([kind for kind, _ in await self.told()], ["remove-video"])
        self.assertEqual(self.publisher.of(topics.TORRENTS)[-1], {"added": [], "removed": [file.info_hash]})

    async def test_private_ones_go_quietly(self) -> None:
        """Friends never knew them."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        await self.videos.remove(self.alice.viewer, uuid)
        self.assertEqual(await self.told(), [])
        with self.assertRaises(NotFound):
            await self.videos.remove(self.alice.viewer, uuid)
