"""Making, changing and removing users, and changing oneself."""

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Forbidden, Invalid, NotFound, PodError, TooManyRequests, Unauthorized
from peertube.model import topics
from peertube.model.accounts import LOCAL
from peertube.model.pages import Window
from peertube.model.users import ROOT, Role
from peertube.model.videos import NewVideo, NewVideoFile, Privacy, VideoFields, VideoState
from peertube.storage import accounts, channels, deliveries, jobs, pods, sessions, users, videos
from peertube.usecases.my_account import MyChanges
from peertube.usecases.new_users import UserRequest
from peertube.usecases.users import UserChanges
from tests.usecases.people import ADDRESS, GENEROUS, PASSWORD, People


class PeopleCase(TestCase):
    """A pod with root and the user alice, and one friend."""

    async def setUp(self) -> None:
        self.pod = People()
        await self.pod.open(GENEROUS)
        self.read, self.write = self.pod.database.read, self.pod.database.write
        self.friend = await self.write(
            pods.add, host="b.example", email="b@b.example", public_key="", protocol=3, score=100, now_ms=0
        )
        self.alice = await self.pod.add("alice")
        self.root = await self.pod.viewer(ROOT, "root password")

    async def tearDown(self) -> None:
        await self.pod.close()

    async def refused(self, awaitable, kind: type[PodError]) -> PodError:
        return await self.assertFailure(ensureDeferred(awaitable), kind)

    async def told(self) -> list[tuple[str, str]]:
        rows = await self.read(deliveries.head, self.friend, 100)
        return [(row.kind.value, row.object_uuid) for row in rows]


class RootTests(TestCase):
    """The first user."""

    async def setUp(self) -> None:
        self.pod = People()
        await self.pod.open(GENEROUS)

    async def tearDown(self) -> None:
        await self.pod.close()

    async def test_root_is_as_peertube_makes_it(self) -> None:
        """Names that programs know."""
        profile = await self.pod.my_account.profile(await self.pod.viewer(ROOT, "root password"))
        self.assertEqual(
            (Role.ADMINISTRATOR, "root", ["root_channel"], ["Main root channel"], -1, "admin@example.com"),
            (
                profile.user.role,
                profile.account.name,
                [channel.name for channel in profile.channels],
                [channel.display_name for channel in profile.channels],
                profile.user.video_quota,
                profile.user.email,
            ),
        )

    async def test_it_is_made_once(self) -> None:
        """A later start changes no password."""
        self.assertIsNone(await self.pod.users.ensure_root("other password"))
        self.assertIsNone(await self.pod.users.ensure_root(None))
        await self.pod.viewer(ROOT, "root password")

    async def test_a_password_is_made_up_and_told_once(self) -> None:
        """There is no default password (AU-15)."""
        root = (await self.pod.viewer(ROOT, "root password")).user
        await self.write_away(root.id, root.account_id)
        password = await self.pod.users.ensure_root(None)
        self.assertGreaterEqual(len(password), 20)
        await self.pod.viewer(ROOT, password)

    async def test_the_operator_may_choose_a_short_one(self) -> None:
        """`bin/play` uses test1."""
        root = (await self.pod.viewer(ROOT, "root password")).user
        await self.write_away(root.id, root.account_id)
        self.assertIsNone(await self.pod.users.ensure_root("test1"))
        await self.pod.viewer(ROOT, "test1")

    async def test_nobody_removes_blocks_or_demotes_root(self) -> None:
        """Not even root, not even from the console."""
        root = await self.pod.viewer(ROOT, "root password")
        for viewer in (root, None):
            for attempt in (
                self.pod.users.remove(viewer, root.user.id),
                self.pod.users.block(viewer, root.user.id, None),
                self.pod.users.update(viewer, root.user.id, UserChanges(role=Role.USER)),
            ):
                error = await self.assertFailure(ensureDeferred(attempt), Invalid)
                self.assertEqual("root_is_protected", error.code)
        await self.pod.viewer(ROOT, "root password")

    async def write_away(self, user_id: int, account_id: int) -> None:
        await self.pod.database.write(accounts.remove, account_id)
        await self.pod.database.write(users.remove, user_id)


class StaffTests(PeopleCase):
    """What the staff does."""

    async def test_a_new_user_has_account_and_channel_and_friends_hear_of_them(self) -> None:
        """In one transaction."""
        profile = await self.pod.users.profile(self.alice)
        self.assertEqual(["alice_channel"], [channel.name for channel in profile.channels])
        self.assertEqual(
            [("add-author", profile.account.uuid), ("add-channel", profile.channels[0].uuid)], await self.told()
        )

    async def test_quotas_default_to_the_configuration(self) -> None:
        """And may be given."""
        number = await self.pod.add("carol", video_quota=5)
        user = (await self.pod.users.profile(number)).user
        self.assertEqual((5, -1, True), (user.video_quota, user.video_quota_daily, user.may_upload))

    async def test_names_and_addresses_are_taken_once(self) -> None:
        """Accounts and channels share one namespace."""
        for username, email in (
            ("alice", "new@pod.example"),
            ("alice_channel", "new@pod.example"),
            ("root_channel", "new@pod.example"),
            ("new", "ALICE@pod.example"),
        ):
            request = UserRequest(username=username, email=email, password=PASSWORD)
            await self.refused(self.pod.users.create(self.root, request), Conflict)
        taken = UserRequest(username="new", email="n@pod.example", password=PASSWORD, channel_name="alice")
        await self.refused(self.pod.users.create(self.root, taken), Conflict)
        self.assertIsNone(await self.read(users.by_username, "new"))
        self.assertIsNone(await self.read(accounts.local_by_name, "new"))

    async def test_every_wrong_field_is_named(self) -> None:
        """All at once."""
        request = UserRequest(username="A B", email="x", password="short", video_quota=-2, channel_name="A B")
        error = await self.refused(self.pod.users.create(self.root, request), Invalid)
        self.assertEqual({"username", "email", "password", "videoQuota", "channelName"}, set(error.fields))
        error = await self.refused(self.pod.users.update(self.root, self.alice, UserChanges(password="x")), Invalid)
        self.assertEqual({"password"}, set(error.fields))

    async def test_moderators_manage_plain_users_only(self) -> None:
        """And make nobody more than that, themselves included."""
        await self.pod.add("mod", Role.MODERATOR)
        other = await self.pod.add("mod2", Role.MODERATOR)
        mod = await self.pod.viewer("mod")
        for target in (self.root.user.id, other, mod.user.id):
            for attempt in (
                self.pod.users.update(mod, target, UserChanges(email="stolen@pod.example")),
                self.pod.users.update(mod, target, UserChanges(password="stolen password")),
                self.pod.users.block(mod, target, None),
                self.pod.users.remove(mod, target),
            ):
                await self.refused(attempt, Forbidden)
        await self.refused(self.pod.users.update(mod, self.alice, UserChanges(role=Role.ADMINISTRATOR)), Forbidden)
        request = UserRequest(username="evil", email="e@pod.example", password=PASSWORD, role=Role.ADMINISTRATOR)
        await self.refused(self.pod.users.create(mod, request), Forbidden)
        await self.pod.users.block(mod, self.alice, "spam")
        self.assertEqual("spam", (await self.pod.users.profile(self.alice)).user.blocked_reason)

    async def test_a_demoted_moderator_acts_no_more(self) -> None:
        """Whatever the token says that was read before."""
        number = await self.pod.add("mod", Role.MODERATOR)
        stale = await self.pod.viewer("mod")
        await self.pod.users.update(self.root, number, UserChanges(role=Role.USER))
        await self.refused(self.pod.users.block(stale, self.alice, None), Forbidden)

    async def test_users_are_found(self) -> None:
        """By parts of name and address, literally."""
        await self.pod.add("bob_x")
        found = await self.pod.users.listing(Window(sort="username"))
        self.assertEqual((3, ["alice", "bob_x", "root"]), (found.total, [one.user.username for one in found.items]))
        for text, expected in (("B_X", ["bob_x"]), ("%", []), ("!", []), ("alice@", ["alice"]), ("'", [])):
            found = await self.pod.users.listing(Window(sort="id"), text=text)
            self.assertEqual((len(expected), expected), (found.total, [one.user.username for one in found.items]))
        await self.pod.users.block(None, self.alice, None)
        found = await self.pod.users.listing(Window(sort="id", skip_count=True), blocked=True)
        self.assertEqual((None, ["alice"]), (found.total, [one.user.username for one in found.items]))
        for sort in sorted(users.SORTS):
            self.assertEqual(3, len((await self.pod.users.listing(Window(sort=sort))).items), sort)
        await self.refused(self.pod.users.listing(Window(sort="password_hash")), Invalid)

    async def test_unknown_users(self) -> None:
        """Are not found."""
        for attempt in (
            self.pod.users.profile(99),
            self.pod.users.update(self.root, 99, UserChanges()),
            self.pod.users.block(self.root, 99, None),
            self.pod.users.remove(self.root, 99),
            self.pod.users.reset_password("nobody", None),
        ):
            await self.refused(attempt, NotFound)


class RemovalTests(PeopleCase):
    """A user goes with everything."""

    async def test_everything_goes_and_friends_are_told(self) -> None:
        """Rows, sessions, files, swarms."""
        await self.pod.log_in("alice")
        profile = await self.pod.users.profile(self.alice)
        public = await self.add_video(profile.channels[0].id, "11111111-1111-4111-8111-111111111111", Privacy.PUBLIC)
        await self.add_video(profile.channels[0].id, "22222222-2222-4222-8222-222222222222", Privacy.PRIVATE)
        self.assertEqual(200, (await self.pod.users.profile(self.alice)).bytes_used)
        listed = await self.pod.users.listing(Window(sort="-videoQuotaUsed"))
        self.assertEqual(("alice", 200), (listed.items[0].user.username, listed.items[0].bytes_used))
        self.pod.publisher.published.clear()
        await self.pod.users.remove(self.root, self.alice)
        self.assertEqual(
            [
                ("remove-video", public),
                ("remove-channel", profile.channels[0].uuid),
                ("remove-author", profile.account.uuid),
            ],
            await self.told(),
        )
        self.assertIsNone(await self.read(users.by_id, self.alice))
        self.assertIsNone(await self.read(accounts.by_id, profile.account.id))
        self.assertIsNone(await self.read(videos.details_by_uuid, public))
        self.assertEqual(0, await self.read(sessions.count_of_user, self.alice, 0))
        self.assertEqual({"web_videos": 2, "torrents": 2, "thumbnails": 2, "previews": 2}, await self.discarded())
        (news,) = self.pod.publisher.of(topics.TORRENTS)
        self.assertEqual((0, 2), (len(news["added"]), len(news["removed"])))
        for topic in (topics.JOBS, topics.DELIVERIES, topics.SESSIONS, topics.USERS):
            self.assertTrue(self.pod.publisher.of(topic), topic)

    async def discarded(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for job in await self.read(_jobs):
            for kind, names in job.payload["files"].items():
                found[kind] = found.get(kind, 0) + len(names)
        return found

    async def add_video(self, channel_id: int, uuid: str, privacy: Privacy) -> str:
        new = NewVideo(
            uuid=uuid, host=LOCAL, channel_id=channel_id, fields=VideoFields(name="v", privacy=privacy),
            state=VideoState.PUBLISHED, duration=1, aspect_ratio=None, created_ms=0, updated_ms=0, published_ms=0,
            thumbnail_name=f"{uuid}.jpg", preview_name=f"{uuid}-p.jpg",
        )  # fmt: skip
        file = NewVideoFile(
            resolution=720, width=1280, height=720, fps=25, extname=".mp4", size=100, has_audio=True, has_video=True,
            info_hash=uuid.replace("-", "") + "00000000", file_name=f"{uuid}-720.mp4",
            torrent_name=f"{uuid}-720.torrent",
        )  # fmt: skip
        await self.write(videos.add, new, [file])
        return uuid


async def _jobs(tx):
    return [job for number in range(1, 20) if (job := await jobs.by_id(tx, number)) is not None]


class MyAccountTests(PeopleCase):
    """What everybody may change of their own."""

    async def setUp(self) -> None:
        await super().setUp()
        self.me = await self.pod.viewer("alice")

    async def change(self, **changes) -> None:
        await self.pod.my_account.update(self.me, MyChanges(**changes))

    async def test_preferences_and_texts(self) -> None:
        """Only what is named changes."""
        await self.change(preferences={"theme": "dark", "video_languages": ("en",)}, display_name=" Alice ")
        await self.change(description="About me", sets_description=True)
        await self.change(preferences={"p2p_enabled": False})
        profile = await self.pod.my_account.profile(self.me)
        chosen = profile.user.preferences
        self.assertEqual(("dark", ("en",), False), (chosen.theme, chosen.video_languages, chosen.p2p_enabled))
        self.assertEqual(("Alice", "About me"), (profile.account.display_name, profile.account.description))
        await self.change(sets_description=True)
        self.assertIsNone((await self.pod.my_account.profile(self.me)).account.description)

    async def test_password_and_address_need_the_current_password(self) -> None:
        """An open browser is not enough to steal an account."""
        for changes in ({"password": "another one"}, {"email": "new@pod.example"}):
            for current in (None, "wrong", "x" * 100_000):
                error = await self.refused(self.change(**changes, current_password=current), Unauthorized)
                self.assertEqual("current_password_is_invalid", error.code)
        await self.change(email="New@pod.example", current_password=PASSWORD)
        profile = await self.pod.my_account.profile(self.me)
        self.assertEqual(("new@pod.example", False), (profile.user.email, profile.user.email_verified))
        await self.change(password="another one", current_password=PASSWORD)
        self.assertEqual(0, await self.read(sessions.count_of_user, self.alice, 0))
        await self.pod.log_in("new@pod.example", "another one")

    async def test_an_address_of_somebody_else(self) -> None:
        """Is taken."""
        taken = self.change(email="admin@example.com", current_password=PASSWORD)
        await self.refused(taken, Conflict)

    async def test_the_current_password_cannot_be_guessed_without_limit(self) -> None:
        """A stolen token is not a password."""
        for _ in range(self.pod.settings.rates_limit.login.max):
            self.pod.logins.count_attempt(f"password:{self.alice}")
        attempt = self.change(email="new@pod.example", current_password=PASSWORD)
        await self.refused(attempt, TooManyRequests)

    async def test_page_sessions_end_too(self) -> None:
        """With a new password."""
        cookie = await self.pod.sessions.log_in_page("alice", PASSWORD, address=ADDRESS, user_agent="")
        await self.change(password="another one", current_password=PASSWORD)
        self.assertIsNone(await self.pod.sessions.viewer_for_page(cookie))

    async def test_the_last_channel_is_left(self) -> None:
        """An account always has a place to publish in."""
        mine = await self.read(channels.of_account, self.me.user.account_id)
        await self.refused(self.pod.channels.remove(self.me, mine[0].name), Conflict)
