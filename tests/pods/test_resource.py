"""The routes for pods and about pods, over HTTP in memory."""

from twisted.trial.unittest import TestCase

from peertube.api.pods import PodsApi
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.model.users import Role
from peertube.pods import envelope, resource
from peertube.pods.resource import PodsResource
from peertube.usecases.friend_attempts import Attempt, HostResult
from peertube.usecases.ports import PodKey
from tests.http.serving import Client, CountingCounters, gate, viewer
from tests.http.serving import resource as mounted

REMOTE = "/api/v1/remote"


def pod(number: int, state: PodState = PodState.FRIEND) -> Pod:
    """A friend."""
    return Pod(
        id=number,
        host=f"pod{number}.example",
        email=f"admin@pod{number}.example",
        public_key="PEM",
        protocol=3,
        state=state,
        score=100,
        failures=0,
        next_try_ms=0,
        last_success_ms=None,
        last_error_ms=None,
        last_error=None,
        created_ms=1_500_000_000_000,
    )


SHOWN = {
    "id": 1,
    "host": "pod1.example",
    "email": "admin@pod1.example",
    "score": 100,
    "createdAt": "2017-07-14T02:40:00.000Z",
}


class Friends:
    """Use cases that write down what they are asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def restore(self, pod_id: int) -> None:
        self.asked.append(("restore", pod_id))

    async def listing(self, window: Window, *, ejected: bool = True) -> Listing[Pod]:
        self.asked.append(window)
        return Listing(total=2, items=[pod(1), pod(2, PodState.DORMANT)])

    async def receive(self, pod: Pod, items: object) -> object:
        raise AssertionError("nothing is signed here")

    receive_counters = receive_events = receive

    async def quit(self) -> None:
        self.asked.append("quit")

    async def remove(self, pod_id: int) -> None:
        self.asked.append(pod_id)

    async def make_friends(self, hosts: list[str]) -> None:
        self.asked.append(hosts)

    async def attempt(self) -> Attempt:
        return Attempt("id", ["a.example"], 0, 1000, None, [HostResult("a.example", "friend")])

    async def verify(self, method: str, path: str, body: bytes) -> object:
        return envelope.parse(body)

    def our_key(self) -> PodKey:
        return PodKey("me.example", "PEM", (3,))


class ResourceTests(TestCase):
    """What pods and people are answered."""

    def setUp(self) -> None:
        self.friends = Friends()
        self.counters = CountingCounters()
        remote = PodsResource(
            pods=self.friends,
            requests=self.friends,
            items=self.friends,
            counts=self.friends,
            identity=self.friends,
            limits=self.friends,
            counters=self.counters,
        )
        api = PodsApi(
            pods=self.friends, attempts=self.friends, health=self.friends, limits=self.friends, proposals=self.friends
        )
        people = {"root": viewer(1, Role.ADMINISTRATOR), "someone": viewer(2)}
        self.client = Client(mounted([*remote.routes(), *api.routes()], gate(people)))

    async def test_list_and_key(self) -> None:
        """For everyone; pods that we do not reach are not recommended."""
        answer = await self.client.ask("POST", f"{REMOTE}/pods/list", json={})
        self.assertEqual(answer.json, {"total": 1, "data": [SHOWN]})
        answer = await self.client.ask("GET", f"{REMOTE}/pods/key")
        self.assertEqual(answer.json, {"host": "me.example", "publicKey": "PEM", "versions": [3]})

    async def test_anything_else_is_400(self) -> None:
        """Also what exists with another method; unsigned requests; rubbish."""
        for method, path in (
            ("GET", "/pods/list"),
            ("GET", "/pods/add"),
            ("POST", "/nothing/here"),
            ("PUT", "/videos"),
            ("GET", ""),
            ("POST", "/videos"),
            ("POST", "/pods/add"),
            ("POST", "/pods/remove"),
        ):
            body = b"rubbish" if method == "POST" else None
            answer = await self.client.ask(method, REMOTE + path, body=body)
            self.assertEqual((answer.status, path), (400, path))

    async def test_limits(self) -> None:
        """429 with Retry-After; too large a body is 413."""
        answer = await self.client.ask("POST", f"{REMOTE}/pods/remove", body=b"x" * 20_000)
        self.assertEqual(answer.status, 413)
        for _ in range(resource.PROPOSING.most):
            answer = await self.client.ask("POST", f"{REMOTE}/pods/add", body=b"{}")
            self.assertEqual(answer.status, 400)
        answer = await self.client.ask("POST", f"{REMOTE}/pods/add", body=b"{}")
        self.assertEqual((answer.status, answer.header("Retry-After")), (429, "7"))

    async def test_the_list_for_people(self) -> None:
        """As in 2017 for everyone; with health for those who manage friends; bad parameters are named."""
        answer = await self.client.ask("GET", "/api/v1/pods?start=1&count=5&sort=-score")
        self.assertEqual(answer.json["data"][0], SHOWN)
        self.assertEqual(self.friends.asked, [Window(1, 5, "-score")])
        answer = await self.client.ask("GET", "/api/v1/pods", token="root")
        self.assertEqual(answer.json["data"][1]["state"], "dormant")
        answer = await self.client.ask("GET", "/api/v1/pods?sort=public_key")
        self.assertEqual((answer.status, list(answer.json["invalid-params"])), (400, ["sort"]))

    async def test_what_the_admin_may(self) -> None:
        """And nobody else."""
        requests = [
            ("POST", "/pods/make-friends", {"hosts": ["a.example"]}, ["a.example"]),
            ("GET", "/pods/quit-friends", None, "quit"),
            ("POST", "/pods/quit-friends", None, "quit"),
            ("DELETE", "/pods/7", None, 7),
        ]
        for method, path, json, asked in requests:
            for token, status in ((None, 401), ("someone", 403), ("root", 204)):
                answer = await self.client.ask(method, f"/api/v1{path}", token=token, json=json)
                self.assertEqual((answer.status, path), (status, path))
            self.assertEqual(self.friends.asked.pop(), asked)
        self.assertEqual(self.friends.asked, [])
        answer = await self.client.ask("GET", "/api/v1/pods/make-friends", token="root")
        self.assertEqual(answer.json["results"], [{"host": "a.example", "result": "friend", "detail": ""}])

    async def test_bad_bodies_of_the_admin(self) -> None:
        """400, and the field is named; an id that is no number is not there."""
        for body in ({}, {"hosts": []}, {"hosts": "a.example"}, {"hosts": ["a.example"] * 101}):
            answer = await self.client.ask("POST", "/api/v1/pods/make-friends", token="root", json=body)
            self.assertEqual((answer.status, list(answer.json["invalid-params"])), (400, ["hosts"]))
        answer = await self.client.ask("DELETE", "/api/v1/pods/nine", token="root")
        self.assertEqual(answer.status, 404)
