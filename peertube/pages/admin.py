"""The overview for the people who run the server."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from peertube.http.routing import Access
from peertube.model.abuses import Abuse, AbuseFilter, AbuseState
from peertube.model.friend_proposals import FriendProposal
from peertube.model.jobs import Job, JobState
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.model.users import Right, UserProfile
from peertube.model.video_filters import VideoFilter
from peertube.pages.videos import VideoLists
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit

_COUNT_ONLY = Window(count=0, sort="-publishedAt")


class JobsList(Protocol):
    """Knows the jobs."""

    async def listing(
        self, window: Window, *, states: tuple[JobState, ...] | None = None, kind: str | None = None
    ) -> Listing[Job]:
        """Jobs, newest first."""
        ...


class PodsList(Protocol):
    """Knows the friends."""

    async def listing(self, window: Window) -> Listing[Pod]:
        """Friends in order."""
        ...


class ReportsList(Protocol):
    """Knows the reports."""

    async def listing(self, window: Window, wanted: AbuseFilter) -> Listing[Abuse]:
        """Reports in order."""
        ...


class ProposalsList(Protocol):
    """Knows who asks for friendship."""

    async def listing(self) -> Sequence[FriendProposal]:
        """Those who wait, oldest first."""
        ...


class Events(Protocol):
    """Knows what happened to friends."""

    async def unseen(self) -> int:
        """How many events nobody has marked as seen."""
        ...


class UsersList(Protocol):
    """Knows the users."""

    async def listing(
        self, window: Window, *, text: str | None = None, blocked: bool | None = None
    ) -> Listing[UserProfile]:
        """Users in order."""
        ...


class Numbers(Protocol):
    """What only the running parts of the pod know."""

    def tracker(self) -> Mapping[str, int]:
        """Counts of the tracker by name: swarms, peers, seeds, announces, refused, ..."""
        ...

    def seeder(self) -> Mapping[str, int]:
        """Counts of the hybrid seeder by name; empty where it is switched off."""
        ...

    async def storage(self) -> Mapping[str, int]:
        """Bytes by kind of file, and ``free``."""
        ...


@frozen
class AdminPages:
    """`/admin`."""

    videos: VideoLists
    users: UsersList
    pods: PodsList
    jobs: JobsList
    numbers: Numbers
    abuses: ReportsList
    proposals: ProposalsList
    events: Events

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/admin", Right.MANAGE_JOBS, self.overview),
            PageRoute("GET", "/admin/", Access.ANYONE, self.without_slash),
        ]

    async def without_slash(self, visit: Visit) -> Redirect:
        """The same with another spelling."""
        return Redirect("/admin")

    async def overview(self, visit: Visit) -> Shown:
        """What needs attention, then counts."""
        pods = (await self.pods.listing(Window(count=100, sort="host"))).items
        context = {
            "attention": await self._attention(visit, pods),
            "counts": await self._counts(visit, pods),
            "tracker": self._tracker(visit),
            "seeder": self._seeder(visit),
            "storage": self._storage(visit, await self.numbers.storage()),
        }
        return Shown("admin.html", context, section="admin")

    async def _attention(self, visit: Visit, pods: Any) -> list[tuple[str, str]]:
        found = []
        failed = (await self.jobs.listing(Window(count=0), states=(JobState.FAILED,))).total or 0
        if failed:
            text = visit.texts.ngettext("%(num)s job failed.", "%(num)s jobs failed.", failed)
            found.append((text, "/admin/jobs?state=failed"))
        waiting = Window(count=0, sort="id")
        reports = (await self.abuses.listing(waiting, AbuseFilter(state=AbuseState.PENDING))).total or 0
        if reports:
            text = visit.texts.ngettext("%(num)s report is open.", "%(num)s reports are open.", reports)
            found.append((text, "/admin/abuses"))
        asking = len(await self.proposals.listing())
        if asking:
            text = visit.texts.ngettext(
                "%(num)s server asks for friendship.", "%(num)s servers ask for friendship.", asking
            )
            found.append((text, "/admin/network"))
        unseen = await self.events.unseen()
        if unseen:
            text = visit.texts.ngettext(
                "%(num)s thing happened in the network.", "%(num)s things happened in the network.", unseen
            )
            found.append((text, "/admin/network"))
        silent = sum(1 for pod in pods if pod.state is not PodState.FRIEND or pod.failures > 0)
        if silent:
            text = visit.texts.ngettext(
                "%(num)s friend server does not answer.", "%(num)s friend servers do not answer.", silent
            )
            found.append((text, "/admin/friends"))
        return found

    async def _counts(self, visit: Visit, pods: Any) -> list[tuple[str, int, str]]:
        here = (await self.videos.listing(visit.viewer, VideoFilter(is_local=True), _COUNT_ONLY)).total or 0
        everywhere = (await self.videos.listing(visit.viewer, VideoFilter(), _COUNT_ONLY)).total or 0
        users = (await self.users.listing(Window(count=1, sort="-createdAt"))).total or 0
        waiting = await self.jobs.listing(Window(count=0), states=(JobState.WAITING, JobState.ACTIVE))
        text = visit.gettext
        return [
            (text("Public videos here"), here, "/videos?scope=local"),
            (text("From friends"), max(0, everywhere - here), "/videos"),
            (text("Users"), users, "/admin/users"),
            (text("Friends"), len(pods), "/admin/friends"),
            (text("Jobs to do"), waiting.total or 0, "/admin/jobs"),
        ]

    def _tracker(self, visit: Visit) -> list[tuple[str, int]]:
        text = visit.gettext
        names = {
            "swarms": text("Swarms"),
            "peers": text("Viewers and clients"),
            "seeds": text("With the whole file"),
            "sockets": text("Browsers connected"),
            "announces": text("Announces"),
            "scrapes": text("Scrapes"),
            "refused": text("Refused"),
        }
        known = self.numbers.tracker()
        return [(names[name], known[name]) for name in names if name in known]

    def _seeder(self, visit: Visit) -> list[tuple[str, int, bool]]:
        """Each with whether it counts bytes."""
        text = visit.gettext
        names = {
            "torrents": (text("Videos given away now"), False),
            "browsers": (text("Browsers connected"), False),
            "clients": (text("Clients connected"), False),
            "uploaded": (text("Sent to them"), True),
            "memory": (text("Memory"), True),
            "restarts": (text("Started anew"), False),
        }
        known = self.numbers.seeder()
        return [(label, known[name], in_bytes) for name, (label, in_bytes) in names.items() if name in known]

    def _storage(self, visit: Visit, sizes: Mapping[str, int]) -> list[tuple[str, int]]:
        text = visit.gettext
        names = {
            "web_videos": text("Videos"),
            "thumbnails": text("Thumbnails"),
            "previews": text("Previews"),
            "torrents": text("Torrent files"),
            "avatars": text("Pictures of people and channels"),
            "cache": text("Copies from friends"),
            "tmp": text("Unfinished uploads"),
            "free": text("Free"),
        }
        return [(names[name], sizes[name]) for name in names if name in sizes]


def number(identifier: str) -> int:
    """The id in an address; 0, which nothing has, for anything else."""
    return int(identifier) if identifier.isascii() and identifier.isdigit() and len(identifier) < 16 else 0
