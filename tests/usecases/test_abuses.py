"""Reports: kept here, told to the origin, seen by those who decide."""

from peertube.errors import Forbidden, Invalid, NotFound
from peertube.model.abuses import AbuseFilter, AbuseReason, AbuseState
from peertube.model.pages import Window
from peertube.model.users import Role, Viewer
from peertube.usecases.abuses import Report
from tests.pods.network import PodOnTest
from tests.storage.publishers import add_publisher
from tests.usecases.test_pods import NetworkTests

ALL = Window(count=100, sort="id")


class AbusesTests(NetworkTests):
    """video-abuse of 2017: pods 1 and 2 are friends, each has a video."""

    size = 2

    async def setUp(self) -> None:
        await super().setUp()
        self.here, self.there = self.pods
        await self.network.befriend(self.here, self.there)
        self.ours = await self.here.upload(await self.here.add_author(), "Ours")
        self.theirs = await self.there.upload(await self.there.add_author(), "Theirs")
        await self.network.settle()
        self.ann: Viewer = (await self.here.database.write(add_publisher, "ann")).viewer

    async def reports(self, pod: PodOnTest) -> list[tuple[str, str, str, str]]:
        listing = await pod.abuses.listing(ALL)
        return [(r.report.host, r.report.reporter_name, r.report.video_name, r.report.reason) for r in listing.items]

    async def test_a_report_reaches_the_origin(self) -> None:
        """A local report stays here; one about a friend's video is there too."""
        await self.here.abuses.report(self.ann, self.ours, Report("my reason"))
        await self.here.abuses.report(self.ann, self.theirs, Report("their reason", [AbuseReason.PRIVACY]))
        await self.network.settle()
        self.assertEqual(
            await self.reports(self.here), [("", "ann", "Ours", "my reason"), ("", "ann", "Theirs", "their reason")]
        )
        self.assertEqual(await self.reports(self.there), [(self.here.host, "ann", "Theirs", "their reason")])
        self.assertEqual((await self.here.abuses.mine(self.ann, ALL)).total, 2)

    async def test_a_report_told_twice_is_one(self) -> None:
        """And a report about what is not ours is none."""
        (pod,) = await self.there.pods.friends()
        item = {
            "uuid": "00000000-0000-4000-8000-00000000000b",
            "videoUUID": self.theirs,
            "reporterUsername": "bob",
            "reportReason": "bad",
        }
        told = {"type": "report-abuse", "data": item}
        foreign = {"type": "report-abuse", "data": {**item, "videoUUID": self.ours}}
        refused = await self.there.items.receive(pod, [told, foreign, told])
        self.assertEqual([place for place, _ in refused], [1])
        self.assertEqual(await self.reports(self.there), [(self.here.host, "bob", "Theirs", "bad")])

    async def test_decisions(self) -> None:
        """State and comment change apart; a report outlives its video."""
        number = await self.here.abuses.report(self.ann, self.ours, Report("my reason", start_at=1, end_at=2))
        await self.here.abuses.decide(number, state=AbuseState.ACCEPTED, moderation_comment=None)
        await self.here.abuses.decide(number, state=None, moderation_comment="removed")
        await self.here.remove(self.ours)
        (found,) = (await self.here.abuses.listing(ALL, AbuseFilter(state=AbuseState.ACCEPTED))).items
        self.assertEqual((found.moderation_comment, found.report.video_id), ("removed", None))
        self.assertEqual((await self.here.abuses.listing(ALL, AbuseFilter(state=AbuseState.PENDING))).total, 0)
        await self.here.abuses.remove(number)
        with self.assertRaises(NotFound):
            await self.here.abuses.remove(number)

    async def test_who_may_be_looked_for(self) -> None:
        """By state, reporter, video, whose it is, its channel, words, reason, pod, and what is gone."""
        await self.here.abuses.report(self.ann, self.ours, Report("100% of it_is bad", [AbuseReason.PRIVACY]))
        await self.here.abuses.report(self.ann, self.theirs, Report("Quite another thing"))
        for wanted, found in (
            (AbuseFilter(), ["Ours", "Theirs"]),
            (AbuseFilter(reporter="AN"), ["Ours", "Theirs"]),
            (AbuseFilter(reporter="bob"), []),
            (AbuseFilter(video="our"), ["Ours"]),
            (AbuseFilter(reportee="author2"), ["Theirs"]),
            (AbuseFilter(channel="a channel"), ["Ours", "Theirs"]),
            (AbuseFilter(channel="channel1"), ["Ours"]),
            (AbuseFilter(text="another"), ["Theirs"]),
            (AbuseFilter(text="localhost:9002"), ["Theirs"]),
            (AbuseFilter(text="100% of it_is"), ["Ours"]),
            (AbuseFilter(text="100_"), []),
            (AbuseFilter(predefined_reason=AbuseReason.PRIVACY), ["Ours"]),
            (AbuseFilter(host=self.there.host), ["Theirs"]),
            (AbuseFilter(deleted=True), []),
        ):
            listing = await self.here.abuses.listing(ALL, wanted)
            self.assertEqual([one.report.video_name for one in listing.items], found, wanted)
            self.assertEqual(listing.total, len(found))

    async def test_messages(self) -> None:
        """Between the reporter and moderators alone; not with a reporter of another pod."""
        number = await self.here.abuses.report(self.ann, self.theirs, Report("my reason"))
        maud = (await self.here.database.write(add_publisher, "maud", Role.MODERATOR)).viewer
        bob = (await self.here.database.write(add_publisher, "bob")).viewer
        await self.here.abuses.say(maud, number, "What do you mean?")
        said = await self.here.abuses.say(self.ann, number, " It is mine. ")
        found = await self.here.abuses.messages(self.ann, number)
        self.assertEqual(
            [(one.name, one.by_moderator, one.message) for one in found],
            [("maud", True, "What do you mean?"), ("ann", False, "It is mine.")],
        )
        (mine,) = (await self.here.abuses.mine(self.ann, ALL)).items
        self.assertEqual(mine.messages, 2)
        for refused in (self.here.abuses.messages(bob, number), self.here.abuses.say(bob, number, "Let me in")):
            with self.assertRaises(NotFound):
                await refused
        with self.assertRaises(Forbidden):
            await self.here.abuses.unsay(self.ann, number, found[0].id)
        await self.here.abuses.unsay(maud, number, said)
        with self.assertRaises(NotFound):
            await self.here.abuses.unsay(maud, number, said)
        await self.network.settle()
        (there,) = (await self.there.abuses.listing(ALL)).items
        other = (await self.there.database.write(add_publisher, "max", Role.MODERATOR)).viewer
        with self.assertRaises(Invalid):
            await self.there.abuses.say(other, there.id, "Hello?")
        await self.here.abuses.remove(number)
        with self.assertRaises(NotFound):
            await self.here.abuses.messages(maud, number)

    async def test_reasons_are_needed(self) -> None:
        """Neither empty nor without end."""
        for reason in ("", " x ", "x" * 3001):
            with self.assertRaises(Invalid):
                await self.here.abuses.report(self.ann, self.ours, Report(reason))
