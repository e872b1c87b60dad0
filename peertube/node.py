"""The composition root: every object of a pod is built and joined here, and nowhere else."""

import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.web.resource import IResource
from twisted.web.server import Request

from peertube.api.accounts import AccountsApi
from peertube.api.channels import ChannelsApi
from peertube.api.files import FileMounts
from peertube.api.health import HealthApi
from peertube.api.instance import InstanceApi
from peertube.api.oauth import OAuthApi
from peertube.api.pods import PodsApi
from peertube.api.ratings import RatingsApi
from peertube.api.representations.videos import VideoRepresentations
from peertube.api.search import SearchApi
from peertube.api.uploads import UploadsApi
from peertube.api.users import UsersApi
from peertube.api.videos import VideosApi
from peertube.api.views import ViewsApi
from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.delivery.outbound import Outbound
from peertube.delivery.sender import Sender
from peertube.delivery.together import Concurrently
from peertube.errors import InsufficientStorage, PodError, Unavailable
from peertube.files.certs import Certs
from peertube.files.local import LocalStorage
from peertube.http.addresses import ClientAddresses
from peertube.http.authentication import Gate
from peertube.http.problems import Problems
from peertube.http.routing import Route, answer_errors, client_address, mount
from peertube.http.sinks import Sinks
from peertube.http.site import PodSite, Root
from peertube.http.transport import Listener
from peertube.jobs.worker import Worker
from peertube.media.ffmpeg import Launcher
from peertube.media.thumbnails import SandboxedMedia
from peertube.model import topics
from peertube.model.users import Viewer
from peertube.pages import assets as bundle
from peertube.pages import languages
from peertube.pages.about import AboutPages
from peertube.pages.admin import AdminPages
from peertube.pages.friends import FriendsPages
from peertube.pages.home import HomePages
from peertube.pages.links import Links
from peertube.pages.login import LoginPages
from peertube.pages.my_videos import MyVideosPages
from peertube.pages.rendering import Rendering, environment
from peertube.pages.search import SearchPages
from peertube.pages.settings import SettingsPages
from peertube.pages.site import PageSite
from peertube.pages.upload import UploadPages
from peertube.pages.users import UsersPages
from peertube.pages.watch import WatchPages
from peertube.pods.client import HttpPodClient, Web
from peertube.pods.items import Here
from peertube.pods.resource import PodsResource
from peertube.service import Hooks, Part, Parts, Periodic, Tasks
from peertube.shared.clock import SystemClock
from peertube.shared.memory import MemoryCounters, MemoryPublisher
from peertube.shared.passwords import Argon2Hasher
from peertube.shared.randomness import SystemRandomness
from peertube.storage import videos as stored_videos
from peertube.storage.database import DatabaseUnavailable, DiskFull
from peertube.storage.migrate import SqliteMigration
from peertube.storage.sqlite import SqliteDatabase
from peertube.torrents.hashing import PieceHashing
from peertube.tracker.part import TrackerPart, tracker_of
from peertube.usecases.channels import Channels
from peertube.usecases.deliveries import Deliveries
from peertube.usecases.files import Files
from peertube.usecases.friend_attempts import ADD_FRIEND, MAKE_FRIENDS, FriendAttempts
from peertube.usecases.friend_items import FriendItems
from peertube.usecases.friend_requests import FriendRequests
from peertube.usecases.friendships import FAREWELL
from peertube.usecases.instance import Instance
from peertube.usecases.jobs import Jobs
from peertube.usecases.logins import Logins
from peertube.usecases.my_account import MyAccount
from peertube.usecases.numbers import Numbers
from peertube.usecases.pods import Pods
from peertube.usecases.ports import JobRunner
from peertube.usecases.previews import Previews
from peertube.usecases.publishing import Publishing
from peertube.usecases.ratings import Ratings
from peertube.usecases.sessions import Sessions
from peertube.usecases.uploads import Uploads
from peertube.usecases.users import Users
from peertube.usecases.video_pictures import VideoPictures
from peertube.usecases.video_urls import VideoUrls
from peertube.usecases.videos import Videos
from peertube.usecases.views import Views

_HOUR_SECONDS = 3600.0

_TRANSLATIONS: Mapping[type[Exception], Callable[[Exception], PodError]] = {
    DiskFull: lambda _: InsufficientStorage("There is no room left on this server"),
    DatabaseUnavailable: lambda _: Unavailable("The database does not answer"),
}


class Node:
    """One pod.

    :param reactor: threads, processes, sockets and timers.
    :param web: how other servers are reached; the guarded client when None (tests join nodes in memory).
    :param listening: whether to open sockets.
    """

    _log = Logger()

    def __init__(self, settings: Settings, reactor: Any, *, web: Web | None = None, listening: bool = True) -> None:
        self.settings = settings
        self._reactor = reactor
        self._listening = listening
        self._build_ground(web)
        self._build_use_cases()
        self._build_background()
        self._build_web()
        self._parts = Parts(self._ordered())

    async def start(self) -> None:
        """Start every part in order; when this returns, the pod answers."""
        await self._parts.start()

    async def stop(self) -> None:
        """Stop in reverse."""
        await self._parts.stop()

    @property
    def root(self) -> IResource:
        """What is served by HTTP."""
        root: IResource = self.site.resource
        return root

    def _build_ground(self, web: Web | None) -> None:
        settings, reactor = self.settings, self._reactor
        self.clock = SystemClock(reactor=reactor)
        self.randomness = SystemRandomness()
        self.publisher = MemoryPublisher(reactor=reactor)
        self.counters = MemoryCounters(reactor=reactor)
        self.database = SqliteDatabase(reactor=reactor, path=settings.database.path, readers=settings.database.readers)
        self.storage = LocalStorage(reactor, settings.storage)
        self.hasher = Argon2Hasher(reactor=reactor)
        self.pieces = PieceHashing(reactor)
        self.launcher = Launcher(reactor)
        self.media = SandboxedMedia(reactor, self.launcher)
        self.certs = Certs(reactor, settings.storage.certs)
        self.tasks = Tasks(reactor)
        self.together = Concurrently()
        self.web = web or Outbound(
            reactor=reactor,
            allow_private=settings.outbound.allow_private_addresses,
            timeout_seconds=settings.friends.request_timeout,
        )

    def _in_thread(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work, *arguments, **named)

    def _build_use_cases(self) -> None:
        settings, database, clock, publisher = self.settings, self.database, self.clock, self.publisher
        counting: dict[str, Any] = {"database": database, "clock": clock}
        telling: dict[str, Any] = {**counting, "publisher": publisher}
        making: dict[str, Any] = {**telling, "randomness": self.randomness}
        self.logins = Logins(
            database=database, hasher=self.hasher, counters=self.counters, limit=settings.rates_limit.login
        )
        self.sessions = Sessions(
            **making, logins=self.logins, secret=settings.secrets.peertube, lifetime=settings.oauth2.token_lifetime
        )
        self.users = Users(**making, hasher=self.hasher, settings=settings)
        self.my_account = MyAccount(**telling, hasher=self.hasher, logins=self.logins)
        self.channels = Channels(**making, settings=settings)
        self.pictures = VideoPictures(media=self.media, storage=self.storage, randomness=self.randomness)
        self.videos = Videos(**telling, storage=self.storage, pictures=self.pictures, settings=settings)
        self.uploads = Uploads(
            **making, storage=self.storage, media=self.media, pictures=self.pictures, settings=settings
        )
        self.publishing = Publishing(
            **making, storage=self.storage, media=self.media, hasher=self.pieces, settings=settings
        )
        self.ratings = Ratings(**counting)
        self.views = Views(**counting, counters=self.counters)
        self.files = Files(database=database, storage=self.storage)
        self.instance = Instance(**counting, storage=self.storage)
        self.jobs = Jobs(**making, lease_seconds=settings.jobs.lease_seconds)
        self.urls = VideoUrls(settings)
        self._build_friendship(counting, telling, making)

    def _build_friendship(self, counting: dict[str, Any], telling: dict[str, Any], making: dict[str, Any]) -> None:
        settings, host, https = self.settings, self.settings.webserver.host, self.settings.friends.require_https
        self.pod_client = HttpPodClient(
            web=self.web,
            own_keys=self.certs,
            clock=self.clock,
            randomness=self.randomness,
            host=host,
            email=settings.admin.email,
            https=https,
        )
        self.pods = Pods(**telling, client=self.pod_client)
        self.attempts = FriendAttempts(
            **making,
            client=self.pod_client,
            keys=self.certs,
            together=self.together,
            host=host,
            https=https,
            own_https=settings.webserver.https,
        )
        self.friend_requests = FriendRequests(
            **telling, client=self.pod_client, own_keys=self.certs, host=host, email=settings.admin.email, https=https
        )
        self.friend_items = FriendItems(**counting, storage=self.storage, https=https)
        trackers = tuple(url for tier in self.urls.announce_tiers() for url in tier)
        self.deliveries = Deliveries(
            **counting,
            randomness=self.randomness,
            client=self.pod_client,
            storage=self.storage,
            here=Here(settings.webserver.origin, trackers),
            retry_seconds=settings.friends.retry_seconds,
        )
        self.previews = Previews(
            **counting,
            client=self.pod_client,
            storage=self.storage,
            together=self.together,
            size=settings.cache.previews.size,
        )

    def _build_background(self) -> None:
        settings, reactor = self.settings, self._reactor
        runners: Mapping[str, JobRunner] = {
            **self.publishing.runners(),
            MAKE_FRIENDS: self.attempts.run,
            ADD_FRIEND: self.attempts.run_offer,
            FAREWELL: self.pods.say_farewell,
        }
        self.worker = Worker(reactor=reactor, jobs=self.jobs, runners=runners, settings=settings.jobs, alone=True)
        self.sender = Sender(reactor=reactor, deliveries=self.deliveries, clock=self.clock)
        self.tracker: TrackerPart | None = None
        if settings.tracker.enabled:
            udp = settings.tracker.udp
            self.tracker = TrackerPart(
                tracker=tracker_of(settings.tracker),
                interface=udp.hostname or settings.listen.hostname,
                udp_port=(udp.port or settings.listen.port) if udp.enabled and self._listening else None,
                reactor=reactor,
                secret=secrets.token_bytes(32),
            )
            self.publisher.subscribe(topics.TORRENTS, self.tracker.hear)
        self.publisher.subscribe(topics.JOBS, self.worker.wake)
        self.publisher.subscribe(topics.DELIVERIES, self.sender.wake)
        self.publisher.subscribe(topics.SESSIONS, self.sessions.sessions_ended)
        self.publisher.subscribe(topics.USERS, self.sessions.users_changed)

    def _build_web(self) -> None:
        self.problems = Problems(_TRANSLATIONS)
        self.gate = Gate(
            tokens=self.sessions,
            counters=self.counters,
            clock=self.clock,
            limit=self.settings.rates_limit.api,
            problems=self.problems,
            addresses=ClientAddresses(self.settings.trust_proxy),
            tasks=self.tasks,
        )
        self.current = Current(self.settings)
        pages, page_uploads = self._pages()
        uploads = UploadsApi(uploads=self.uploads, videos=self.videos)
        app = Klein()
        mount(app, "/api/v1", self._api_routes(), self.gate)
        mount(app, "", [*HealthApi(instance=self.instance).routes(), *pages.routes()], self.gate)
        answer_errors(app, self.gate, pages.error)
        mounts = FileMounts(
            files=self.files,
            previews=self.previews,
            gate=self.gate,
            in_thread=self._in_thread,
            page_viewer=self._page_viewer(pages),
        )
        children = dict(mounts.resources())
        if self.tracker is not None:
            children[b"tracker"] = self.tracker.resource(self._address_of)
        sinks = Sinks(
            [*uploads.sinks(), *pages.sinks(page_uploads.sinks())],
            gate=self.gate,
            new_temporary=self.storage.new_temporary,
            in_thread=self._in_thread,
        )
        self.site = PodSite(Root(children, app.resource()), reactor=self._reactor, gate=self.gate, sinks=sinks)

    def _address_of(self, request: Request) -> str:
        return client_address(self.gate, request)

    def _page_viewer(self, pages: PageSite) -> "Callable[[Request], Any]":
        name = pages.cookie_name("session").encode()

        async def viewer(request: Request) -> Viewer | None:
            cookie = request.getCookie(name)
            return await self.sessions.viewer_for_page(cookie.decode("latin-1")) if cookie else None

        return viewer

    def _api_routes(self) -> list[Route]:
        web = self.settings.webserver
        shown = VideoRepresentations(urls=self.urls, viewers_of=self.views.viewers_of)
        groups: list[Any] = [
            OAuthApi(sessions=self.sessions, web=web),
            UsersApi(users=self.users, my_account=self.my_account, web=web),
            AccountsApi(channels=self.channels, web=web),
            ChannelsApi(channels=self.channels, web=web),
            VideosApi(videos=self.videos, representations=shown),
            SearchApi(videos=self.videos, representations=shown),
            RatingsApi(ratings=self.ratings),
            ViewsApi(views=self.views),
            PodsApi(pods=self.pods, attempts=self.attempts),
            PodsResource(
                pods=self.pods, requests=self.friend_requests, items=self.friend_items, counters=self.counters
            ),
            InstanceApi(instance=self.instance, current=self.current),
        ]
        return [route for group in groups for route in group.routes()]

    def _pages(self) -> tuple[PageSite, UploadPages]:
        settings, built, links = self.settings, bundle.load(), Links(self.urls)
        uploads = UploadPages(uploads=self.uploads, account=self.my_account, settings=settings)
        numbers = Numbers(tracker=self._tracker_numbers, sizes=self.storage)
        groups: list[Any] = [
            HomePages(videos=self.videos),
            SearchPages(videos=self.videos),
            WatchPages(videos=self.videos, ratings=self.ratings, links=links, randomness=self.randomness),
            LoginPages(sessions=self.sessions),
            uploads,
            MyVideosPages(videos=self.videos, account=self.my_account),
            AdminPages(videos=self.videos, users=self.users, pods=self.pods, jobs=self.jobs, numbers=numbers),
            FriendsPages(pods=self.pods, attempts=self.attempts, preset_hosts=settings.friends.preset_hosts),
            UsersPages(users=self.users, defaults=settings.user),
            SettingsPages(account=self.my_account, sessions=self.sessions),
            AboutPages(settings=settings, friends=self.pods, assets=built),
        ]
        rendering = Rendering(
            templates=environment(),
            assets=built,
            languages=languages.Languages(languages.load()),
            links=links,
            instance_name=settings.instance.name,
            instance_description=settings.instance.short_description,
        )
        site = PageSite(
            groups=groups,
            rendering=rendering,
            sessions=self.sessions,
            problems=self.problems,
            clock=self.clock,
            randomness=self.randomness,
            webserver=settings.webserver,
            secure_media=not settings.outbound.allow_private_addresses,
        )
        return site, uploads

    def _tracker_numbers(self) -> Mapping[str, int]:
        return {} if self.tracker is None else attrs.asdict(self.tracker.tracker.numbers())

    def _ordered(self) -> list[tuple[str, Part]]:
        reactor = self._reactor
        parts: list[tuple[str, Part]] = [
            ("migrations", SqliteMigration(reactor=reactor, path=self.settings.database.path)),
            ("database", self.database),
            ("storage", self.storage),
            ("keys", self.certs),
            ("media programs", self.launcher),
            ("password hashing", self.hasher),
            ("piece hashing", self.pieces),
            ("sessions", self.sessions),
            ("first user", Hooks(start=self._make_first_user)),
            ("previews", self.previews),
            ("sweep", Periodic("the sweep", self._sweep, _HOUR_SECONDS, reactor)),
            ("worker", self.worker),
            ("sender", self.sender),
        ]
        if self.tracker is not None:
            parts += [("tracker", self.tracker), ("known torrents", Hooks(start=self._load_torrents))]
        parts.append(("requests", Hooks(stop=self.tasks.stop)))
        if self._listening:
            where = self.settings.listen
            site: Any = self.site
            http = Listener(reactor=reactor, factory=site, interface=where.hostname, port=where.port)
            parts.append(("http", http))
        return parts

    async def _make_first_user(self) -> None:
        generated = await self.users.ensure_root(os.environ.get("PT_INITIAL_ROOT_PASSWORD") or None)
        if generated is not None:
            self._log.info("made the user root with the password {password}", password=generated)

    async def _load_torrents(self) -> None:
        known = await self.database.read(stored_videos.public_info_hashes)
        if self.tracker is not None:
            self.tracker.set_known(bytes.fromhex(info_hash) for info_hash in known)

    async def _sweep(self) -> None:
        await self.sessions.sweep()
        await self.storage.sweep(self._reactor.seconds())
