"""Two pods over real HTTP on loopback: the client, the way out, the site's routes."""

from twisted.internet import reactor
from twisted.trial.unittest import TestCase
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request, Site

from peertube.delivery.outbound import Outbound
from peertube.errors import Refused, Unreachable
from peertube.pods import envelope
from tests.http.serving import gate, resource
from tests.pods.network import Network, PodOnTest
from tests.pods.surroundings import friend_at
from tests.storage.databases import open_memory_database


class OverHttpTests(TestCase):
    """What the network in memory leaves out."""

    async def setUp(self) -> None:
        self.network = Network()
        self.addCleanup(self._stop)
        self.ports = []
        self.ours, self.theirs = await self.pod(1), await self.pod(2)

    async def _stop(self) -> None:
        for port in self.ports:
            await port.stopListening()
        await self.network.stop()

    async def pod(self, number: int) -> PodOnTest:
        """A pod that listens."""
        routes: list[PodOnTest] = []
        port = reactor.listenTCP(0, Site(Later(routes)), interface="127.0.0.1")
        self.ports.append(port)
        pod = PodOnTest(
            self.network,
            number,
            await open_memory_database(),
            host=f"127.0.0.1:{port.getHost().port}",
            web=Outbound(reactor=reactor, allow_private=True, timeout_seconds=5),
        )
        routes.append(pod)
        self.network.pods[pod.host] = pod
        return pod

    async def test_friendship_and_a_video(self) -> None:
        """The whole exchange."""
        uuid = await self.theirs.upload(await self.theirs.add_author())
        await self.network.befriend(self.ours, self.theirs)
        self.assertEqual((await self.ours.friends(), await self.theirs.friends()),
                         ([self.theirs.host], [self.ours.host]))  # fmt: skip
        self.assertEqual((await self.ours.details(uuid)).video.host, self.theirs.host)
        await self.ours.pods.quit()
        await self.network.settle()
        self.assertEqual(await self.theirs.friends(), [])

    async def test_refusals_have_their_status(self) -> None:
        """So that the sender knows whom they are about."""
        friend = friend_at(self.theirs.host)
        with self.assertRaises(Refused) as raised:
            await self.ours.client.deliver(friend, "/videos", b"[]")
        self.assertEqual(raised.exception.status, 403)
        self.assertIn("not a friend", raised.exception.detail)
        with self.assertRaises(Refused) as raised:
            await self.ours.client.deliver(friend, "/videos", b'["' + b"x" * envelope.LARGEST_BODY + b'"]')
        self.assertEqual(raised.exception.status, 413)

    async def test_a_picture(self) -> None:
        """Is a JPEG or is refused."""
        with self.assertRaises(Unreachable):
            await self.ours.client.fetch_preview(f"http://{self.theirs.host}/api/v1/remote/pods/key", 1000)


class Later(Resource):
    """The routes of a pod that is made once its port is known."""

    isLeaf = False

    def __init__(self, pods: list[PodOnTest]) -> None:
        super().__init__()
        self._pods = pods

    def getChildWithDefault(self, path: bytes, request: Request) -> IResource:
        request.postpath.insert(0, request.prepath.pop())
        return resource(self._pods[0].resource.routes(), gate())
