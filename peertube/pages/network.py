"""What the network does by itself, and what waits for the admin: who asks, who was ejected or muted, what happened."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.model.admin_events import AdminEvent, AdminEventKind
from peertube.model.friend_proposals import FriendProposal
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.model.users import Right
from peertube.pages.admin import PodsList, number
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import N_

SHOWN_EVENTS = 50
_ALL = Window(count=100, sort="host")
KINDS = {
    AdminEventKind.POD_DORMANT: (N_("has not answered for a day; its videos are hidden"), "warn", "circle-pause"),
    AdminEventKind.POD_RETURNED: (N_("answers again; its videos are shown again"), "ok", "circle-check"),
    AdminEventKind.POD_EJECTED: (N_("was ejected: it has not answered for too long"), "danger", "unplug"),
    AdminEventKind.POD_FORGOTTEN: (N_("has been ejected for long; its videos were removed here"), "plain", "unplug"),
    AdminEventKind.POD_RESTORED: (N_("is a friend again: its ejection was taken back"), "ok", "rotate-ccw"),
    AdminEventKind.POD_INCOMPATIBLE: (N_("speaks another version"), "danger", "circle-alert"),
    AdminEventKind.POD_MUTED: (N_("sent too much and is muted for an hour"), "danger", "ban"),
    AdminEventKind.POD_ASKS: (N_("asks for friendship"), "plain", "handshake"),
    AdminEventKind.POD_KEY_CHANGED: (N_("has a new key, signed by the old one"), "plain", "info"),
    AdminEventKind.KEY_OUTDATED: (N_("knows an earlier key of this server and cannot be told"), "warn", "circle-alert"),
    AdminEventKind.POD_MOVED: (N_("has moved to another address"), "plain", "info"),
    AdminEventKind.CLOCKS_DIFFER: (
        N_("has another time than this server; one clock is wrong"),
        "warn",
        "clock",
    ),
    AdminEventKind.LANE_SHORTENED: (N_("has missed so much that it will be told everything anew"), "warn", "info"),
}


class Health(Protocol):
    """Knows what happened to friends."""

    async def events(self, window: Window) -> Listing[AdminEvent]:
        """What happened, newest first."""
        ...

    async def unseen(self) -> int:
        """How many events nobody has marked as seen."""
        ...

    async def see(self, event_id: int) -> None:
        """The admin has seen what happened, up to this event."""
        ...

    async def restore(self, pod_id: int) -> None:
        """Take an ejection back."""
        ...


class Mutes(Protocol):
    """Ends mutings."""

    async def unmute(self, pod_id: int) -> None:
        """Take what a friend sends again."""
        ...


class Proposals(Protocol):
    """Knows who asks for friendship."""

    async def listing(self) -> Sequence[FriendProposal]:
        """Those who wait, oldest first."""
        ...

    async def approve(self, host: str) -> None:
        """Become friends."""
        ...

    async def decline(self, host: str) -> None:
        """Forget that somebody has asked."""
        ...


@frozen
class NetworkPages:
    """`/admin/network`. What came from an ejected pod is removed after `forget_after_seconds`."""

    pods: PodsList
    health: Health
    limits: Mutes
    proposals: Proposals
    forget_after_seconds: float

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_PODS
        return [
            PageRoute("GET", "/admin/network", right, self.overview),
            PageRoute("POST", "/admin/network/seen", right, self.see),
            PageRoute("POST", "/admin/network/approve", right, self.approve),
            PageRoute("POST", "/admin/network/decline", right, self.decline),
            PageRoute("POST", "/admin/network/<identifier>/restore", right, self.restore),
            PageRoute("POST", "/admin/network/<identifier>/unmute", right, self.unmute),
        ]

    async def overview(self, visit: Visit) -> Shown:
        """What waits, and what happened."""
        pods = (await self.pods.listing(_ALL)).items
        context = {
            "proposals": await self.proposals.listing(),
            "ejected": [pod for pod in pods if pod.state is PodState.EJECTED],
            "forgotten_ms": {
                pod.id: pod.ejected_ms + int(self.forget_after_seconds * 1000)
                for pod in pods
                if pod.ejected_ms is not None
            },
            "muted": [pod for pod in pods if _is_muted(pod, visit.now_ms)],
            "events": (await self.health.events(Window(count=SHOWN_EVENTS, sort="-id"))).items,
            "unseen": await self.health.unseen(),
            "kinds": {kind: _shown(visit, kind) for kind in AdminEventKind},
        }
        return Shown("network.html", context, section="network")

    async def see(self, visit: Visit) -> Redirect:
        """Note that what happened was seen."""
        await self.health.see(number(visit.given("event")))
        return Redirect("/admin/network", done="network-seen")

    async def approve(self, visit: Visit) -> Redirect:
        """Become friends with somebody who has asked."""
        await self.proposals.approve(visit.given("host"))
        return Redirect("/admin/network", done="friend-approved")

    async def decline(self, visit: Visit) -> Redirect:
        """Do not become friends."""
        await self.proposals.decline(visit.given("host"))
        return Redirect("/admin/network", done="friend-declined")

    async def restore(self, visit: Visit, identifier: str) -> Redirect:
        """Take an ejection back."""
        await self.health.restore(number(identifier))
        return Redirect("/admin/network", done="friend-restored")

    async def unmute(self, visit: Visit, identifier: str) -> Redirect:
        """End a muting."""
        await self.limits.unmute(number(identifier))
        return Redirect("/admin/network", done="friend-unmuted")


def _is_muted(pod: Pod, now_ms: int) -> bool:
    return pod.state is not PodState.EJECTED and pod.muted_until_ms > now_ms


def _shown(visit: Visit, kind: AdminEventKind) -> dict[str, str]:
    text, tone, icon = KINDS[kind]
    return {"text": visit.gettext(text), "tone": tone, "icon": icon}
