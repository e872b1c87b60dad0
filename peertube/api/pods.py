"""Friends: ``/pods`` for everyone; ``/pods/make-friends``, ``/pods/quit-friends`` and ``/pods/<id>`` for the admin."""

from typing import Literal

from pydantic import BaseModel, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.pods import attempt, event, pod, pod_health, proposal
from peertube.errors import NotFound
from peertube.http.routing import Access, Call, Route
from peertube.model.users import Right
from peertube.usecases.friend_attempts import MOST_HOSTS, FriendAttempts
from peertube.usecases.friend_health import FriendHealth
from peertube.usecases.friend_limits import FriendLimits
from peertube.usecases.friend_proposals import FriendProposals
from peertube.usecases.pods import Pods


class PodsParameters(PageParameters):
    """Which friends are listed, and in which order."""

    sort: Literal["id", "-id", "host", "-host", "score", "-score", "createdAt", "-createdAt"] = "createdAt"


class MakeFriends(BaseModel):
    """The hosts to ask: names, with a port where it is not the usual one."""

    hosts: list[str] = Field(min_length=1, max_length=MOST_HOSTS)


class PodsApi:
    """Routes about friends."""

    def __init__(
        self,
        *,
        pods: Pods,
        attempts: FriendAttempts,
        health: FriendHealth,
        limits: FriendLimits,
        proposals: FriendProposals,
    ) -> None:
        self._pods = pods
        self._limits = limits
        self._proposals = proposals
        self._health = health
        self._attempts = attempts

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/pods", Access.OPTIONAL, self.listing, query=PodsParameters),
            Route("POST", "/pods/make-friends", Right.MANAGE_PODS, self.make_friends, body=MakeFriends),
            Route("GET", "/pods/make-friends", Right.MANAGE_PODS, self.attempt),
            Route("GET", "/pods/quit-friends", Right.MANAGE_PODS, self.quit),
            Route("POST", "/pods/quit-friends", Right.MANAGE_PODS, self.quit),
            Route("DELETE", "/pods/<pod_id>", Right.MANAGE_PODS, self.remove),
            Route("POST", "/pods/<pod_id>/restore", Right.MANAGE_PODS, self.restore),
            Route("POST", "/pods/<pod_id>/unmute", Right.MANAGE_PODS, self.unmute),
            Route("GET", "/pods/proposals", Right.MANAGE_PODS, self.waiting),
            Route("POST", "/pods/proposals/<host>/approve", Right.MANAGE_PODS, self.approve),
            Route("DELETE", "/pods/proposals/<host>", Right.MANAGE_PODS, self.decline),
            Route("GET", "/admin-events", Right.MANAGE_PODS, self.events, query=PageParameters),
        ]

    async def listing(self, call: Call) -> object:
        """The friends of this pod; with how well they are reached, for those who manage them."""
        manages = call.viewer is not None and call.viewer.user.has(Right.MANAGE_PODS)
        found = await self._pods.listing(call.parameters(PodsParameters).window(), ejected=manages)
        return page(found, [pod_health(one) if manages else pod(one) for one in found.items])

    async def make_friends(self, call: Call) -> None:
        """Ask hosts for their friends and add those that most of them know; goes on after the answer."""
        await self._attempts.make_friends((await call.body(MakeFriends)).hosts)

    async def attempt(self, call: Call) -> object:
        """The running or last attempt at making friends."""
        made = await self._attempts.attempt()
        if made is None:
            raise NotFound("Nobody has tried to make friends since the last quit")
        return attempt(made)

    async def quit(self, call: Call) -> None:
        """End every friendship."""
        await self._pods.quit()

    async def remove(self, call: Call, pod_id: str) -> None:
        """End one friendship."""
        await self._pods.remove(_number(pod_id))

    async def restore(self, call: Call, pod_id: str) -> None:
        """Take the ejection of a friend back."""
        await self._health.restore(_number(pod_id))

    async def unmute(self, call: Call, pod_id: str) -> None:
        """Take again what a friend sends."""
        await self._limits.unmute(_number(pod_id))

    async def waiting(self, call: Call) -> object:
        """The pods that ask for friendship and wait for an answer."""
        found = await self._proposals.listing()
        return {"total": len(found), "data": [proposal(one) for one in found]}

    async def approve(self, call: Call, host: str) -> None:
        """Become friends with a pod that has asked; goes on after the answer."""
        await self._proposals.approve(host)

    async def decline(self, call: Call, host: str) -> None:
        """Forget that a pod has asked."""
        await self._proposals.decline(host)

    async def events(self, call: Call) -> object:
        """What the admin should know about, newest first."""
        found = await self._health.events(call.parameters(PageParameters).window())
        return page(found, [event(one) for one in found.items])


def _number(pod_id: str) -> int:
    if not (pod_id.isascii() and pod_id.isdigit() and len(pod_id) < 19):
        raise NotFound("There is no such pod")
    return int(pod_id)
