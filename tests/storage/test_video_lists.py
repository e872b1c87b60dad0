"""Lists of videos: filters, orders, and how many questions they cost."""

from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.model.pages import Listing, Window
from peertube.model.video_filters import Include, Sensitive, VideoFilter
from peertube.model.videos import Privacy, Video, VideoState
from peertube.storage import pods, video_lists, videos, views
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_account, add_publisher, add_video, uuid_of

DAY_MS = 86_400_000


class CountingTransaction:
    """Passes questions on and counts them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.questions = 0

    def __getattr__(self, name: str) -> Any:
        self.questions += 1
        return getattr(self._tx, name)


async def counted_listing(tx: Transaction, *arguments: Any) -> tuple[int, Listing[Video]]:
    counting = CountingTransaction(tx)
    found = await video_lists.listing(counting, *arguments)
    return counting.questions, found


async def fall_asleep(tx: Transaction) -> None:
    await tx.run(Query("update pods set state = 'dormant'"))


class ListCase(TestCase):
    """Six videos of this pod and one of a friend."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)
        _, friend = await self.database.write(add_account, "friend", host="b.example")
        await self.database.write(self._fill, self.alice.channel_id, friend)

    async def _fill(self, tx: Transaction, channel: int, friend: int) -> None:
        await add_video(tx, 1, channel, name="Élan vital", category=1, language="fr", tags=("Nature", "vie"))
        await add_video(tx, 2, channel, name="100% cats", category=2, licence=3, nsfw=True, tags=("cats",))
        await add_video(tx, 3, channel, name="Dogs and cats", language="en", originally_published_ms=5000)
        await add_video(tx, 4, channel, name="Private", privacy=Privacy.PRIVATE)
        await add_video(tx, 5, channel, name="Unlisted", privacy=Privacy.UNLISTED)
        await add_video(tx, 6, channel, name="Not yet", change={"state": VideoState.TO_TRANSCODE})
        await add_video(tx, 7, friend, name="Far away", host="b.example", tags=("nature",))

    async def numbers(self, sort: str = "-publishedAt", **wanted: Any) -> list[int]:
        """Which videos are found, in order."""
        window = Window(count=100, sort=sort)
        found = await self.database.read(video_lists.listing, VideoFilter(**wanted), window, NOW_MS)
        self.assertEqual(found.total, len(found.items))
        return [int(video.uuid[-3:]) for video in found.items]


class FilterTests(ListCase):
    """Each filter alone."""

    async def test_usual_lists_show_what_is_public_and_published(self) -> None:
        """Unlisted, private and unfinished videos are nobody else's business."""
        self.assertEqual(await self.numbers(), [7, 3, 2, 1])

    async def test_fields(self) -> None:
        """Categories, licences, languages, and languages that nobody stated."""
        self.assertEqual(await self.numbers(categories=(1, 2)), [2, 1])
        self.assertEqual(await self.numbers(licences=(3,)), [2])
        self.assertEqual(await self.numbers(languages=("fr", "en")), [3, 1])
        self.assertEqual(await self.numbers(languages=("fr", "_unknown")), [7, 2, 1])
        self.assertEqual(await self.numbers(languages=("_unknown",)), [7, 2])

    async def test_tags_without_case(self) -> None:
        """One of them, or all of them."""
        self.assertEqual(await self.numbers(tags_one_of=("NATURE", "cats")), [7, 2, 1])
        self.assertEqual(await self.numbers(tags_all_of=("nature", "vie", "Vie")), [1])

    async def test_sensitive(self) -> None:
        """Only them, none of them, both."""
        self.assertEqual(await self.numbers(sensitive=Sensitive.ONLY), [2])
        self.assertEqual(await self.numbers(sensitive=Sensitive.NONE), [7, 3, 1])
        self.assertEqual(await self.numbers(sensitive=Sensitive.BOTH), [7, 3, 2, 1])

    async def test_places(self) -> None:
        """Here, elsewhere, one host, an account, a channel."""
        self.assertEqual(await self.numbers(is_local=True), [3, 2, 1])
        self.assertEqual(await self.numbers(is_local=False), [7])
        self.assertEqual(await self.numbers(host="b.example"), [7])
        self.assertEqual(await self.numbers(host=""), [3, 2, 1])
        self.assertEqual(await self.numbers(account_id=self.alice.viewer.user.account_id), [3, 2, 1])
        self.assertEqual(await self.numbers(channel_id=self.alice.channel_id), [3, 2, 1])

    async def test_bounds(self) -> None:
        """Times and durations, both ends included."""
        self.assertEqual(await self.numbers(published_from_ms=NOW_MS + 2000, published_until_ms=NOW_MS + 3000), [3, 2])
        self.assertEqual(await self.numbers(originally_published_from_ms=1), [3])
        self.assertEqual(await self.numbers(originally_published_until_ms=1), [])
        self.assertEqual(await self.numbers(duration_from=12, duration_until=13), [3, 2])

    async def test_forms(self) -> None:
        """There are no lives and no HLS here; every video is a web video."""
        self.assertEqual(await self.numbers(is_live=True), [])
        self.assertEqual(await self.numbers(is_live=False), [7, 3, 2, 1])
        self.assertEqual(await self.numbers(has_hls_files=True), [])
        self.assertEqual(await self.numbers(has_web_video_files=False), [])

    async def test_by_uuid(self) -> None:
        """Some videos, by name."""
        self.assertEqual(await self.numbers(uuids=(uuid_of(1), uuid_of(4))), [1])

    async def test_more_for_moderators(self) -> None:
        """Other privacies and unfinished videos are listed when asked for."""
        everything = tuple(Privacy)
        self.assertEqual(await self.numbers(privacies=everything), [7, 5, 4, 3, 2, 1])
        self.assertEqual(await self.numbers(include=Include.NOT_PUBLISHED), [7, 6, 3, 2, 1])

    async def test_own_videos(self) -> None:
        """All of them, or those of a privacy."""
        owner = self.alice.viewer.user.id
        self.assertEqual(await self.numbers(owner_id=owner), [6, 5, 4, 3, 2, 1])
        self.assertEqual(await self.numbers(owner_id=owner, privacies=(Privacy.PRIVATE,)), [4])

    async def test_videos_of_pods_that_cannot_be_reached_are_hidden(self) -> None:
        """Nobody could play them."""
        await self.database.write(
            pods.add, host="b.example", email="", public_key="", protocol=3, score=0, now_ms=NOW_MS
        )
        self.assertIn(7, await self.numbers())
        await self.database.write(fall_asleep)
        self.assertNotIn(7, await self.numbers())


class SearchTests(ListCase):
    """What people type."""

    async def test_without_case_and_accents(self) -> None:
        """Whoever cannot type an accent finds the video still."""
        self.assertEqual(await self.numbers(search="ELAN"), [1])
        self.assertEqual(await self.numbers(search="élàn  vît"), [1])

    async def test_every_word_counts_in_any_order(self) -> None:
        """In the name or the tags."""
        self.assertEqual(await self.numbers(search="cats dogs"), [3])
        self.assertEqual(await self.numbers(search="vital nature"), [1])
        self.assertEqual(await self.numbers(search="vital cats"), [])

    async def test_signs_of_sql_are_letters(self) -> None:
        """They part words and do nothing else."""
        self.assertEqual(await self.numbers(search="100%"), [2])
        self.assertEqual(await self.numbers(search="%"), [])
        self.assertEqual(await self.numbers(search="_ "), [])
        self.assertEqual(await self.numbers(search="!"), [])
        self.assertEqual(await self.numbers(search="' or 1=1 --"), [])

    async def test_best_match_first(self) -> None:
        """The shorter the name, the better it fits."""
        self.assertEqual(await self.numbers("-match", search="cats"), [2, 3])
        await self.database.write(add_video, 8, self.alice.channel_id, name="Cats")
        self.assertEqual(await self.numbers("-match", search="cats"), [8, 2, 3])


class OrderTests(ListCase):
    """Every column, both ways."""

    async def test_plain_columns(self) -> None:
        """Equal ones: the younger first when descending."""
        self.assertEqual(await self.numbers("name"), [2, 3, 1, 7])
        self.assertEqual(await self.numbers("-name"), [7, 1, 3, 2])
        for column in ("duration", "createdAt", "publishedAt"):
            self.assertEqual(await self.numbers(column), [1, 2, 3, 7])
            self.assertEqual(await self.numbers(f"-{column}"), [7, 3, 2, 1])
        self.assertEqual((await self.numbers("originallyPublishedAt"))[0], 3)

    async def test_counters(self) -> None:
        """By views and likes."""
        for number, count in ((1, 5), (3, 9)):
            found = await self.database.read(videos.details_by_uuid, uuid_of(number))
            await self.database.write(videos.set_counters, found.video.id, views=count, likes=count)
        self.assertEqual(await self.numbers("-views"), [3, 1, 7, 2])
        self.assertEqual(await self.numbers("-likes"), [3, 1, 7, 2])
        self.assertEqual(set(await self.numbers("-hot")), {1, 2, 3, 7})
        self.assertEqual(set(await self.numbers("-best")), {1, 2, 3, 7})

    async def test_trending_counts_a_week(self) -> None:
        """Fame of the past is no trend."""
        old = await self.database.read(videos.details_by_uuid, uuid_of(1))
        new = await self.database.read(videos.details_by_uuid, uuid_of(2))
        await self.database.write(views.add, old.video.id, 100, NOW_MS - 8 * DAY_MS)
        await self.database.write(views.add, new.video.id, 2, NOW_MS - 6 * DAY_MS)
        self.assertEqual(await self.numbers("-trending"), [2, 7, 3, 1])


class CostTests(ListCase):
    """The price of a list does not grow with its rows."""

    async def test_as_many_questions_for_many_rows_as_for_one(self) -> None:
        """What is known of the word, total, rows: three."""
        for sort in video_lists.SORTS:
            for count in (1, 100):
                asked, found = await self.database.read(
                    counted_listing,
                    VideoFilter(search="channel", tags_one_of=("nature",)),
                    Window(0, count, f"-{sort}"),
                    NOW_MS,
                )
                self.assertEqual((asked, len(found.items)), (3, min(count, 2)), sort)

    async def test_totals_are_counted_only_for_those_who_want_them(self) -> None:
        """And nothing is read for a page that is past the end or empty."""
        asked, found = await self.database.read(counted_listing, VideoFilter(), Window(skip_count=True), NOW_MS)
        self.assertEqual((asked, found.total, len(found.items)), (1, None, 4))
        asked, found = await self.database.read(counted_listing, VideoFilter(), Window(start=50), NOW_MS)
        self.assertEqual((asked, found.total, list(found.items)), (1, 4, []))
        asked, found = await self.database.read(counted_listing, VideoFilter(), Window(count=0), NOW_MS)
        self.assertEqual((asked, found.total), (1, 4))

    async def test_windows(self) -> None:
        """Pages follow one another."""
        for start, expected in ((0, [7, 3]), (2, [2, 1])):
            window = Window(start=start, count=2, sort="-publishedAt")
            found = await self.database.read(video_lists.listing, VideoFilter(), window, NOW_MS)
            self.assertEqual(([int(video.uuid[-3:]) for video in found.items], found.total), (expected, 4))
