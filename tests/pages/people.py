"""Users, friends, jobs and numbers that are made up, and every group of pages over them."""

from peertube.config.schema import Settings
from peertube.errors import Forbidden, Invalid, NotFound
from peertube.model.admin_events import AdminEvent, AdminEventKind
from peertube.model.delivery_health import LaneHealth
from peertube.model.pages import Listing
from peertube.model.pods import Pod, PodState
from peertube.model.users import Role, UserProfile
from peertube.model.work import DELIVERY, WorkItem, WorkState
from peertube.pages.about import AboutPages
from peertube.pages.abuses import AbusesPages
from peertube.pages.actors import ActorPages
from peertube.pages.admin import AdminPages
from peertube.pages.appearance import AppearancePages
from peertube.pages.beside import BesideVideos
from peertube.pages.contact import ContactPages
from peertube.pages.explore import ExplorePages
from peertube.pages.following import FollowingPages
from peertube.pages.friends import FriendsPages
from peertube.pages.history import HistoryPages
from peertube.pages.home import HomePages
from peertube.pages.invitations import InvitationPages
from peertube.pages.jobs import JobsPages
from peertube.pages.links import Links
from peertube.pages.login import LoginPages
from peertube.pages.logs import LogsPages
from peertube.pages.my_channels import MyChannelsPages
from peertube.pages.my_videos import MyVideosPages
from peertube.pages.network import NetworkPages
from peertube.pages.opened import OpenedPages
from peertube.pages.pictures import PicturePages
from peertube.pages.search import SearchPages
from peertube.pages.settings import SettingsPages
from peertube.pages.site import PageGroup
from peertube.pages.upload import UploadPages
from peertube.pages.users import UsersPages
from peertube.pages.video_captions import VideoCaptionsPages
from peertube.pages.video_chapters import VideoChaptersPages
from peertube.pages.video_statistics import VideoStatisticsPages
from peertube.pages.watch import WatchPages
from peertube.usecases.contact import ContactMessage
from peertube.usecases.friend_attempts import Attempt, HostResult
from peertube.usecases.uploads import UploadedVideo
from peertube.usecases.video_urls import VideoUrls
from tests.http.serving import NOW_MS, viewer
from tests.pages.account_fakes import FakeAccounts, account_groups
from tests.pages.actors import FakeActors, FakePeople
from tests.pages.beside import FakeBeside, FakeChapters, FakeStatistics
from tests.pages.log_lines import FakeLogs
from tests.pages.moderation import FakeAbuses, FakeProposals
from tests.pages.serving import CountingRandomness, FakeSessions, page_rendering
from tests.pages.videos import HOSTILE, FakeRatings, FakeSearches, FakeVideos, video


def profile(user_id: int = 1, username: str = "root", role: Role = Role.ADMINISTRATOR) -> UserProfile:
    """A user with account and channel."""
    some = video()
    return UserProfile(
        user=viewer(user_id, role, username=username).user,
        account=some.account,
        channels=(some.channel,),
        bytes_used=123_456_789,
        bytes_used_daily=1_000_000,
    )


def pod(number: int, host: str, state: PodState = PodState.FRIEND, error: str | None = None) -> Pod:
    """A friend."""
    return Pod(
        id=number,
        host=host,
        email="admin@example.com",
        public_key="",
        protocol=3,
        state=state,
        score=20,
        failures=0 if error is None else 3,
        next_try_ms=NOW_MS + 120_000,
        last_success_ms=NOW_MS - 60_000,
        last_error_ms=None if error is None else NOW_MS - 30_000,
        last_error=error,
        created_ms=NOW_MS - 10**9,
    )


def job(number: int, state: WorkState, error: str | None = None, kind: str = "publish-video") -> WorkItem:
    """A piece of work."""
    return WorkItem(
        id=f"pod-{number}" if kind == DELIVERY else str(number),
        kind=kind,
        state=state,
        data={"host": f"{HOSTILE}.example", "waiting": 1234} if kind == DELIVERY else {},
        priority=0,
        progress=40,
        attempts=1,
        error=error,
        created_ms=NOW_MS - 5000 * number,
        started_ms=NOW_MS,
        finished_ms=None,
    )


class FakePods:
    """Friends in a list."""

    def __init__(self, pods: list[Pod] | None = None) -> None:
        friends = [pod(1, "one.example"), pod(2, "two.example", PodState.DORMANT, f"connection refused {HOSTILE}")]
        self.pods = friends if pods is None else pods
        self.done: list[object] = []

    async def listing(self, window):
        return Listing(len(self.pods), self.pods)

    async def friends(self):
        return self.pods

    async def quit(self):
        self.done.append("quit")

    async def remove(self, pod_id):
        self.done.append(("remove", pod_id))

    async def events(self, window):
        events = [AdminEvent(n, kind, "one.example", HOSTILE, NOW_MS) for n, kind in enumerate(AdminEventKind)]
        return Listing(len(events), events)

    async def unseen(self):
        return 2

    async def see(self, event_id):
        self.done.append(("see", event_id))

    async def restore(self, pod_id):
        self.done.append(("restore", pod_id))

    async def unmute(self, pod_id):
        self.done.append(("unmute", pod_id))

    async def make_friends(self, hosts):
        if not hosts:
            raise Invalid("No hosts", fields={"hosts": "Name at least one server"})
        self.done.append(("make", list(hosts)))

    async def attempt(self):
        results = [HostResult("one.example", "friend"), HostResult("three.example", "unreachable", HOSTILE)]
        return Attempt("1", ["one.example"], NOW_MS - 1000, NOW_MS, None, results)


class FakeUsers:
    """Users in a list; also the viewer's own account."""

    def __init__(self) -> None:
        self.profiles = [profile(), profile(2, "ana", Role.USER), profile(3, "max", Role.MODERATOR)]
        self.done: list[object] = []
        self.error: Exception | None = None

    async def listing(self, window, *, text=None, blocked=None):
        return Listing(len(self.profiles), self.profiles)

    async def profile(self, who):
        wanted = who if isinstance(who, int) else who.user.id
        for one in self.profiles:
            if one.user.id == wanted:
                return one
        raise NotFound("User not found")

    async def create(self, viewer, request):
        if self.error is not None:
            raise self.error
        self.done.append(("create", request))
        return 4, 4

    async def update(self, viewer, *changes):
        if self.error is not None:
            raise self.error
        self.done.append(("update", *changes))

    async def block(self, viewer, user_id, reason):
        self.done.append(("block", user_id, reason))

    async def unblock(self, viewer, user_id):
        self.done.append(("unblock", user_id))

    async def remove(self, viewer, user_id):
        self.done.append(("remove", user_id))

    async def remove_with_password(self, viewer, password):
        if self.error is not None:
            raise self.error
        self.done.append(("remove me", password))


class FakeLanes:
    """How well the friends of a list are told."""

    def __init__(self, friends: FakePods) -> None:
        self.friends = friends

    async def listing(self):
        return [
            LaneHealth(
                pod_id=one.id,
                host=one.host,
                state=one.state,
                waiting=31 * one.failures,
                oldest_ms=NOW_MS - 10**7 if one.failures else None,
                failures=one.failures,
                next_try_ms=one.next_try_ms,
                last_success_ms=one.last_success_ms,
                last_error_ms=one.last_error_ms,
                last_error=one.last_error,
            )
            for one in self.friends.pods
        ]

    async def retry(self, which):
        self.friends.done.append(("retry", which))


class FakeJobs:
    """Jobs in a list; also the switch that pauses them."""

    def __init__(self) -> None:
        states = (WorkState.ACTIVE, WorkState.FAILED, WorkState.COMPLETED, WorkState.CANCELLED, WorkState.WAITING)
        self.jobs = [job(number, state, HOSTILE) for number, state in enumerate(states, 1)]
        self.jobs += [job(9, WorkState.DELAYED, HOSTILE, DELIVERY), job(10, WorkState.ACTIVE, None, DELIVERY)]
        self.done: list[object] = []

    async def listing(self, window, *, states=None, state=None, kind=None):
        wanted = None if states is None else {one.value for one in states}
        found = [one for one in self.jobs if wanted is None or one.state.value in wanted]
        found = [one for one in found if state in (None, one.state) and kind in (None, one.kind)]
        return Listing(len(found), found[: window.count])

    async def retry(self, identifier):
        self.done.append(("retry", identifier))

    async def cancel(self, identifier):
        self.done.append(("cancel", identifier))

    async def pause(self):
        self.done.append("pause")

    async def resume(self):
        self.done.append("resume")

    async def paused(self):
        return "pause" in self.done


class FakeNumbers:
    """What a running pod counts."""

    def tracker(self):
        return {"swarms": 3, "peers": 12, "seeds": 4, "sockets": 5, "announces": 1234, "scrapes": 8, "refused": 2}

    def seeder(self):
        """Counts."""
        return {"torrents": 2, "browsers": 3, "clients": 4, "uploaded": 5_000_000, "memory": 30_000_000, "restarts": 0}

    async def storage(self):
        return {"web_videos": 4_500_000_000, "thumbnails": 120_000, "torrents": 50_000, "free": 90_000_000_000}


class FakeUploads:
    """Takes every upload."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.published: list[object] = []

    async def check(self, viewer, content_length):
        return 1_000_000

    def check_filename(self, filename):
        return ".mp4"

    async def publish(self, viewer, request):
        if self.error is not None:
            raise self.error
        self.published.append(request)
        return UploadedVideo(1, video().uuid)


class FakeContact:
    """A contact form that keeps messages."""

    enabled = True

    def __init__(self) -> None:
        self.sent: list[ContactMessage] = []

    async def send(self, message, address):
        if "@" not in message.from_email:
            raise Invalid(
                "Incorrect request parameters: fromEmail", fields={"fromEmail": "Should be an e-mail address"}
            )
        self.sent.append(message)


class FakeTokens:
    """Gives a token for one password: right."""

    async def token(self, viewer, id_or_uuid, proof):
        if proof.password != "right":
            raise Forbidden("No", code="incorrect_video_password")
        return f"token.of.{id_or_uuid}", 0


def all_groups(
    videos: FakeVideos,
    sessions: FakeSessions,
    settings: Settings,
    *,
    users: FakeUsers | None = None,
    pods: FakePods | None = None,
    jobs: FakeJobs | None = None,
    ratings: FakeRatings | None = None,
    accounts: FakeAccounts | None = None,
    actors: FakeActors | None = None,
    together: FakePeople | None = None,
) -> list[PageGroup]:
    """Every group of pages."""
    people, friends, work = users or FakeUsers(), pods or FakePods(), jobs or FakeJobs()
    abuses, links = FakeAbuses(), Links(VideoUrls(settings))
    beside, chapters = FakeBeside(), FakeChapters()
    actors, together = actors or FakeActors(), together or FakePeople()
    return [
        HomePages(videos, beside, actors),
        ActorPages(actors, videos, actors, actors),
        FollowingPages(actors, videos),
        ExplorePages(actors, friends),
        MyChannelsPages(actors, together),
        InvitationPages(together, together, people, videos),
        AppearancePages(actors, actors),
        PicturePages(actors, actors, people),
        SearchPages(FakeSearches(videos)),
        WatchPages(
            videos,
            ratings or FakeRatings(),
            links,
            CountingRandomness(),
            BesideVideos(beside, chapters, beside, beside),
            actors,
        ),
        OpenedPages(FakeTokens()),
        HistoryPages(beside, people),
        VideoCaptionsPages(videos, beside),
        VideoChaptersPages(videos, chapters),
        VideoStatisticsPages(videos, FakeStatistics()),
        LoginPages(sessions, settings),
        SettingsPages(),
        *account_groups(people, sessions, settings, accounts or FakeAccounts()),
        UploadPages(FakeUploads(), people, settings),
        MyVideosPages(videos, people),
        AdminPages(videos, people, friends, work, FakeNumbers(), abuses, FakeProposals(), friends),
        JobsPages(work, work),
        LogsPages(FakeLogs(), FakeLogs()),
        NetworkPages(friends, friends, friends, FakeProposals(), 30 * 86_400),
        AbusesPages(abuses, videos),
        FriendsPages(friends, friends, FakeLanes(friends), settings.friends.preset_hosts),
        UsersPages(people, settings),
        AboutPages(settings, FakeContact(), friends, page_rendering(settings).assets),
        ContactPages(FakeContact()),
    ]
