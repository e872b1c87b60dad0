"""Reports: kept here, told to the origin, seen by those who decide."""

from peertube.errors import Invalid, NotFound
from peertube.model.abuses import AbuseReason, AbuseState
from peertube.model.pages import Window
from peertube.model.users import Viewer
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
        (found,) = (await self.here.abuses.listing(ALL, state=AbuseState.ACCEPTED)).items
        self.assertEqual((found.moderation_comment, found.report.video_id), ("removed", None))
        self.assertEqual((await self.here.abuses.listing(ALL, state=AbuseState.PENDING)).total, 0)
        await self.here.abuses.remove(number)
        with self.assertRaises(NotFound):
            await self.here.abuses.remove(number)

    async def test_reasons_are_needed(self) -> None:
        """Neither empty nor without end."""
        for reason in ("", " x ", "x" * 3001):
            with self.assertRaises(Invalid):
                await self.here.abuses.report(self.ann, self.ours, Report(reason))
