"""Who may become a friend by asking: all, those whom the admin approves, or nobody."""

from peertube.errors import NotFound
from peertube.model.admin_events import AdminEventKind
from peertube.model.pages import Window
from tests.pods.network import PodOnTest
from tests.usecases.test_pods import NetworkTests

ALL = Window(count=100, sort="id")


class ProposalsTests(NetworkTests):
    """Pod 1 asks pod 2."""

    size = 2

    async def setUp(self) -> None:
        await super().setUp()
        self.asking, self.asked = self.pods

    def accepts(self, pod: PodOnTest, whom: str) -> None:
        pod.requests._accept_whom = whom

    async def result(self) -> str:
        (result,) = (await self.attempt(self.asking)).results
        return result.result

    async def test_nobody(self) -> None:
        """The asking admin reads why; whom the pod asks itself is welcome."""
        self.accepts(self.asked, "none")
        await self.network.befriend(self.asking, self.asked)
        self.assertEqual(await self.result(), "refused")
        self.assertEqual((await self.asking.friends(), await self.asked.friends()), ([], []))
        await self.network.befriend(self.asked, self.asking)
        self.assertEqual(await self.asked.friends(), [self.asking.host])

    async def test_asking_and_approving(self) -> None:
        """Friends only after the admin has said so; what both have is exchanged then."""
        uuid = await self.asking.upload(await self.asking.add_author())
        for pod in self.pods:
            self.accepts(pod, "ask")
        await self.network.befriend(self.asking, self.asked)
        self.assertEqual(await self.result(), "asked")
        self.assertEqual((await self.asking.friends(), await self.asked.friends()), ([], []))
        (proposal,) = await self.asked.proposals.listing()
        self.assertEqual((proposal.host, proposal.email), (self.asking.host, "admin@pod1.example"))
        (event,) = (await self.asked.health.events(ALL)).items
        self.assertEqual((event.kind, event.subject), (AdminEventKind.POD_ASKS, self.asking.host))
        await self.asked.proposals.approve(proposal.host)
        await self.network.settle()
        self.assertEqual(await self.asking.friends(), [self.asked.host])
        self.assertEqual(await self.asked.friends(), [self.asking.host])
        self.assertEqual(await self.asked.proposals.listing(), [])
        self.assertIsNotNone(await self.asked.details(uuid))

    async def test_declining(self) -> None:
        """Nothing is left."""
        self.accepts(self.asked, "ask")
        await self.network.befriend(self.asking, self.asked)
        await self.asked.proposals.decline(self.asking.host)
        for answer in (self.asked.proposals.decline, self.asked.proposals.approve):
            with self.assertRaises(NotFound):
                await answer(self.asking.host)
        self.assertEqual(await self.asked.friends(), [])

    async def test_whoever_quit_meanwhile_is_not_taken_by_surprise(self) -> None:
        """An approval that comes after we gave up is a proposal of its own."""
        for pod in self.pods:
            self.accepts(pod, "ask")
        await self.network.befriend(self.asking, self.asked)
        await self.asking.pods.quit()
        await self.asked.proposals.approve(self.asking.host)
        await self.network.settle()
        self.assertEqual(await self.asking.friends(), [])
        self.assertEqual([one.host for one in await self.asking.proposals.listing()], [self.asked.host])
