"""What other pods ask of us, below ``/api/v1/remote`` (docs/pods-protocol.rst).

========================  ======================================================  ============================
``POST pods/list``        ``{}``, not signed                                      ``{"total", "data": [pod]}``
``GET pods/key``          -                                                       ``{"host", "publicKey", "versions"}``
``POST pods/add``         ``{"host", "email", "publicKey", "versions"}``, signed  ``{"cert", "email", "versions"}``
``POST pods/remove``      signed                                                  204
``POST pods/change-key``  ``{"publicKey", "proof"}``, signed with the old key     204
``POST pods/move``        ``{"host"}``, signed in the name of the old host        204
``POST videos``           ``{"data": [{"type", "data"}]}``, signed                once it is stored: 204, or from
                                                                                version 4 on ``{"refused": [...]}``
``POST videos/qadu``      ``{"data": [{"data": counters}]}``, signed              the same
``POST videos/events``    ``{"data": [{"data": event}]}``, signed                 the same
anything else             -                                                       400
========================  ======================================================  ============================
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from attrs import frozen

from peertube.errors import Invalid, TooManyRequests
from peertube.http.routing import Access, Call, Reply, Route
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.pods import election, envelope
from peertube.pods.client import BASE
from peertube.pods.urls import moment
from peertube.policy.rate_limit import address_group
from peertube.usecases.friend_counts import FriendCounts
from peertube.usecases.friend_identity import FriendIdentity
from peertube.usecases.friend_items import FriendItems
from peertube.usecases.friend_limits import FriendLimits
from peertube.usecases.friend_requests import FriendRequests, Signed
from peertube.usecases.ports import Counters

_SMALL_BODY = 16 * 1024
_Take = Callable[[Pod, Sequence[object]], Awaitable[Sequence[tuple[int, str]]]]


@frozen
class Limit:
    """At most so many requests in a minute."""

    most: int
    seconds: float = 60


ASKING = Limit(240)
"""Lists and keys, for one address."""

PROPOSING = Limit(60)
"""Offers of friendship, from one address."""

PROPOSED = Limit(20)
"""Offers of friendship in the name of one host: each may make us ask that host for its key."""

CHANGING = Limit(10)
"""Changes of the key or the host of one friend."""

SENDING = Limit(1200)
"""Signed requests from one address, before the signature is looked at."""


class FriendList(Protocol):
    """What is needed of `usecases.pods.Pods`."""

    async def listing(self, window: Window) -> Listing[Pod]:
        """Some of our pods."""
        ...


class PodsResource:
    """The routes for pods."""

    def __init__(
        self,
        *,
        pods: FriendList,
        requests: FriendRequests,
        items: FriendItems,
        counts: FriendCounts,
        limits: FriendLimits,
        identity: FriendIdentity,
        counters: Counters,
    ) -> None:
        self._pods = pods
        self._requests = requests
        self._items = items
        self._counts = counts
        self._limits = limits
        self._identity = identity
        self._counters = counters

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        known = [
            Route("POST", "/remote/pods/list", Access.ANYONE, self.list_pods),
            Route("GET", "/remote/pods/key", Access.ANYONE, self.show_key),
            Route("POST", "/remote/pods/add", Access.ANYONE, self.add),
            Route("POST", "/remote/pods/remove", Access.ANYONE, self.remove),
            Route("POST", "/remote/pods/change-key", Access.ANYONE, self.change_key),
            Route("POST", "/remote/pods/move", Access.ANYONE, self.move),
            Route("POST", "/remote/videos", Access.ANYONE, self.receive_items),
            Route("POST", "/remote/videos/qadu", Access.ANYONE, self.receive_counters),
            Route("POST", "/remote/videos/events", Access.ANYONE, self.receive_events),
        ]
        others = [
            Route(method, f"/remote{rest}", Access.ANYONE, self.nothing)
            for method in ("GET", "POST", "PUT", "DELETE")
            for rest in ("", "/<path:rest>")
        ]
        return known + others

    async def list_pods(self, call: Call) -> object:
        """The friends of this pod."""
        self._limit("list", address_group(call.address), ASKING)
        friends = await self._pods.listing(Window(0, election.MOST_PODS_OF_A_LIST, "id"))
        shown = [_listed(pod) for pod in friends.items if pod.state is PodState.FRIEND]
        return {"total": len(shown), "data": shown}

    async def show_key(self, call: Call) -> object:
        """The key of this pod."""
        self._limit("key", address_group(call.address), ASKING)
        key = self._requests.our_key()
        return {"host": key.host, "publicKey": key.public_key, "versions": list(key.versions)}

    async def add(self, call: Call) -> object:
        """An offer of friendship."""
        self._limit("add", address_group(call.address), PROPOSING)
        body = call.content(_SMALL_BODY)
        self._limit("add-host", envelope.parse(body).host, PROPOSED)
        answer = await self._requests.add("POST", f"{BASE}/pods/add", body)
        shown = {"cert": answer.public_key, "email": answer.email, "versions": list(answer.versions)}
        return Reply({**shown, "pending": True}, status=202) if answer.pending else shown

    async def remove(self, call: Call) -> None:
        """The end of a friendship."""
        self._limit("signed", address_group(call.address), SENDING)
        signed = await self._requests.verify("POST", f"{BASE}/pods/remove", call.content(_SMALL_BODY))
        await self._requests.remove(signed.pod)

    async def change_key(self, call: Call) -> None:
        """A friend has a new key."""
        await self._identity.change_key(await self._signed(call, "/pods/change-key"))

    async def move(self, call: Call) -> None:
        """A friend has another host."""
        await self._identity.move(await self._signed(call, "/pods/move"))

    async def _signed(self, call: Call, path: str) -> Signed:
        """A small request of a friend; few of them, since each may make us do much."""
        self._limit("signed", address_group(call.address), SENDING)
        signed = await self._requests.verify("POST", BASE + path, call.content(_SMALL_BODY))
        self._limit("change", signed.pod.host, CHANGING)
        return signed

    async def receive_items(self, call: Call) -> object:
        """News of a friend."""
        return await self._receive(call, "/videos", self._items.receive)

    async def receive_counters(self, call: Call) -> object:
        """The newest counters of videos of a friend."""
        return await self._receive(call, "/videos/qadu", self._counts.receive_counters)

    async def receive_events(self, call: Call) -> object:
        """What happened at a friend's to videos of ours."""
        return await self._receive(call, "/videos/events", self._counts.receive_events)

    async def _receive(self, call: Call, path: str, take: _Take) -> object:
        self._limit("signed", address_group(call.address), SENDING)
        body = call.content(envelope.LARGEST_BODY)
        signed = await self._requests.verify("POST", BASE + path, body)
        items = _items(signed.members.get("data"))
        await self._limits.count(signed.pod, items=len(items), size=len(body))
        refused = await take(signed.pod, items)
        if signed.version < envelope.ACKNOWLEDGING:
            return None
        return {"refused": [{"index": index, "reason": reason} for index, reason in refused]}

    async def nothing(self, call: Call, rest: str = "") -> None:
        """What pods do not say."""
        raise Invalid("There is no such request between pods", code="unknown_request")

    def _limit(self, what: str, who: str, limit: Limit) -> None:
        key = f"remote:{what}:{who}"
        if self._counters.hit(key, limit.seconds) > limit.most:
            seconds = max(1, round(self._counters.remaining_seconds(key)))
            raise TooManyRequests("Too many requests between pods", retry_after_seconds=seconds)


def _listed(pod: Pod) -> dict[str, object]:
    return {
        "id": pod.id,
        "host": pod.host,
        "email": pod.email,
        "score": pod.score,
        "createdAt": moment(pod.created_ms),
    }  # fmt: skip


def _items(data: Any) -> Sequence[object]:
    if not isinstance(data, list):
        raise Invalid("data must be a list of items", code="invalid_body", fields={"data": "must be a list"})
    return data
