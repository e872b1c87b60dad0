"""Friendship with other servers: who they are, how well we reach them, making friends, quitting, removing one."""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import NotFound, PodError
from peertube.http.problems import status_of
from peertube.model.delivery_health import LaneHealth
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod
from peertube.model.users import Right
from peertube.pages.admin import number
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import N_, Words
from peertube.usecases.friend_attempts import Attempt

MAXIMUM_HOSTS = 100
_ALL = Window(count=100, sort="host")
_RESULTS = {
    "asked": (N_("asked, waiting for the answer"), "plain", "clock"),
    "friend": (N_("is a friend now"), "ok", "circle-check"),
    "no-majority": (N_("too few of the asked servers know it"), "plain", "info"),
    "unreachable": (N_("does not answer"), "danger", "circle-alert"),
    "refused": (N_("declined"), "danger", "circle-alert"),
    "incompatible": (N_("speaks another version"), "danger", "circle-alert"),
    "myself": (N_("is this server"), "plain", "info"),
}


class FriendPods(Protocol):
    """Knows and ends friendships."""

    async def listing(self, window: Window) -> Listing[Pod]:
        """Friends in order."""
        ...

    async def quit(self) -> None:
        """End all friendships."""
        ...

    async def remove(self, pod_id: int) -> None:
        """End one friendship."""
        ...


class Lanes(Protocol):
    """Knows how well friends are told."""

    async def listing(self) -> Sequence[LaneHealth]:
        """Every pod."""
        ...

    async def retry(self, which: int) -> object:
        """Try a pod at once."""
        ...


class MakesFriends(Protocol):
    """Begins friendships, in the background."""

    async def make_friends(self, hosts: Sequence[str]) -> None:
        """Start an attempt."""
        ...

    async def attempt(self) -> Attempt | None:
        """The running or last attempt."""
        ...


@frozen
class FriendsPages:
    """`/admin/friends`."""

    pods: FriendPods
    attempts: MakesFriends
    lanes: Lanes
    preset_hosts: tuple[str, ...]

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_PODS
        return [
            PageRoute("GET", "/admin/friends", right, self.listing),
            PageRoute("POST", "/admin/friends/make", right, self.make),
            PageRoute("GET", "/admin/friends/quit", right, self.ask_quit),
            PageRoute("POST", "/admin/friends/quit", right, self.quit),
            PageRoute("POST", "/admin/friends/<identifier>/retry", right, self.retry),
            PageRoute("GET", "/admin/friends/<identifier>/remove", right, self.ask_removal),
            PageRoute("POST", "/admin/friends/<identifier>/remove", right, self.remove),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """All friends, and the form to make some."""
        return await self._list(visit)

    async def make(self, visit: Visit) -> Shown | Redirect:
        """Ask servers for friendship. The answer comes in the background."""
        typed = visit.given("hosts")
        hosts = [host for line in typed.splitlines() for host in line.replace(",", " ").split()][:MAXIMUM_HOSTS]
        try:
            await self.attempts.make_friends(hosts)
        except PodError as error:
            wrong = getattr(error, "fields", {})
            problem = " ".join(Words(visit.texts).faults(wrong).values()) or Words(visit.texts).error(
                error.code, error.detail
            )
            return await self._list(visit, typed=typed, problem=problem, status=status_of(error))
        return Redirect("/admin/friends", done="friends-asked")

    async def ask_quit(self, visit: Visit) -> Shown:
        """Ask whether all friendships shall really end."""
        text = visit.gettext
        context = {
            "title": text("Leave the network?"),
            "text": text("All friendships end. Videos of friends disappear here, and yours disappear there."),
            "action": "/admin/friends/quit",
            "yes": text("Leave the network"),
            "back": "/admin/friends",
        }
        return Shown("confirm.html", context, section="friends")

    async def quit(self, visit: Visit) -> Redirect:
        """End all friendships."""
        await self.pods.quit()
        return Redirect("/admin/friends", done="friends-quit")

    async def retry(self, visit: Visit, identifier: str) -> Redirect:
        """Try a friend at once that did not answer."""
        await self.lanes.retry(number(identifier))
        return Redirect("/admin/friends", done="friend-retried")

    async def ask_removal(self, visit: Visit, identifier: str) -> Shown:
        """Ask whether a friendship shall really end."""
        pod = await self._pod(number(identifier))
        text = visit.gettext
        context = {
            "title": text("End this friendship?"),
            "text": text("Videos of %(host)s disappear here, and yours disappear there.", host=pod.host),
            "action": f"/admin/friends/{pod.id}/remove",
            "yes": text("End the friendship"),
            "back": "/admin/friends",
        }
        return Shown("confirm.html", context, section="friends")

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """End a friendship."""
        await self.pods.remove(number(identifier))
        return Redirect("/admin/friends", done="friend-removed")

    async def _pod(self, pod_id: int) -> Pod:
        found = (await self.pods.listing(_ALL)).items
        for pod in found:
            if pod.id == pod_id:
                return pod
        raise NotFound("There is no such friend")

    async def _list(self, visit: Visit, *, typed: str = "", problem: str = "", status: int = 200) -> Shown:
        attempt = await self.attempts.attempt()
        context = {
            "pods": (await self.pods.listing(_ALL)).items,
            "lanes": {lane.pod_id: lane for lane in await self.lanes.listing()},
            "typed": typed or "\n".join(self.preset_hosts),
            "problem_text": problem,
            "attempt": attempt,
            "results": self._results(visit, attempt),
        }
        return Shown("friends.html", context, status=status, section="friends")

    def _results(self, visit: Visit, attempt: Attempt | None) -> list[dict[str, str]]:
        if attempt is None:
            return []
        shown = []
        for result in attempt.results:
            text, tone, icon = _RESULTS.get(result.result, (result.result, "plain", "info"))
            shown.append(
                {
                    "host": result.host,
                    "text": visit.gettext(text),
                    "tone": tone,
                    "icon": icon,
                    "detail": result.detail,
                }
            )
        return shown
