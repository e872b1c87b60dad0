"""The site: REST API, pages, files, the tracker's resources."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from klein import Klein
from twisted.web.server import Request

from peertube import __version__
from peertube.api.abuses import AbusesApi
from peertube.api.account_mails import AccountMailsApi
from peertube.api.accounts import AccountsApi
from peertube.api.captions import CaptionsApi
from peertube.api.channels import ChannelsApi
from peertube.api.chapters import ChaptersApi
from peertube.api.collaborators import CollaboratorsApi
from peertube.api.configuration import ConfigurationApi
from peertube.api.contact import ContactApi
from peertube.api.debug import DebugApi
from peertube.api.discovery import DiscoveryApi
from peertube.api.documentation import DocumentationApi
from peertube.api.federation import FederationApi
from peertube.api.files import FileMounts
from peertube.api.health import HealthApi
from peertube.api.history import HistoryApi
from peertube.api.home_page import HomePageApi
from peertube.api.instance import InstanceApi
from peertube.api.jobs import JobsApi
from peertube.api.logs import LogsApi
from peertube.api.oauth import OAuthApi
from peertube.api.oembed import OEmbedApi
from peertube.api.overviews import OverviewsApi
from peertube.api.ownership import OwnershipApi
from peertube.api.pictures import PicturesApi
from peertube.api.pods import PodsApi
from peertube.api.ratings import RatingsApi
from peertube.api.registrations import RegistrationsApi
from peertube.api.representations.videos import VideoRepresentations
from peertube.api.request_schedulers import RequestSchedulersApi
from peertube.api.resumable_uploads import ResumableUploadsApi
from peertube.api.search import SearchApi
from peertube.api.sources import SourcesApi
from peertube.api.storyboards import StoryboardsApi
from peertube.api.subscriptions import SubscriptionsApi
from peertube.api.uploads import UploadsApi
from peertube.api.user_security import UserSecurityApi
from peertube.api.users import UsersApi
from peertube.api.video_passwords import VideoPasswordsApi
from peertube.api.videos import VideoLists, VideosApi
from peertube.api.views import ViewsApi
from peertube.api.watch_stats import WatchStatsApi
from peertube.config.schema import Settings
from peertube.errors import InsufficientStorage, Invalid, PodError, Unavailable
from peertube.http.addresses import ClientAddresses
from peertube.http.admission import Connections
from peertube.http.authentication import Gate
from peertube.http.front import listening_with
from peertube.http.openapi import AnyRoute, describe
from peertube.http.problems import Problems
from peertube.http.routing import Route, answer_errors, client_address, mount
from peertube.http.sinks import Sinks
from peertube.http.site import PodSite, Root
from peertube.http.transport import OpenPort, listen
from peertube.model.users import Viewer
from peertube.node.background import Background
from peertube.node.ground import Ground
from peertube.node.pages import Pages
from peertube.node.use_cases import UseCases
from peertube.pages.site import PageSite
from peertube.pages.video_captions import VideoCaptionsPages
from peertube.pods.resource import PodsResource
from peertube.storage.database import DatabaseUnavailable, DiskFull, TextRefused
from peertube.usecases.work import Work

_TRANSLATIONS: Mapping[type[Exception], Callable[[Exception], PodError]] = {
    DiskFull: lambda _: InsufficientStorage("There is no room left on this server"),
    DatabaseUnavailable: lambda _: Unavailable("The database does not answer"),
    TextRefused: lambda _: Invalid("A text holds characters that cannot be kept"),
}


_SENT_BY_NGINX = frozenset({"web_videos", "torrents", "thumbnails", "previews", "avatars", "captions", "storyboards"})


def _internal(settings: Settings) -> Callable[[Path], str | None] | None:
    """Where nginx finds a file, if it shall send files."""
    prefix, storage = settings.seeding.x_accel_redirect, settings.storage
    if not prefix:
        return None
    folders = {Path(folder).absolute(): kind.replace("_", "-") for kind, folder in storage if kind in _SENT_BY_NGINX}

    def location(path: Path) -> str | None:
        folder = folders.get(path.parent)
        return None if folder is None else f"{prefix}/{folder}/{path.name}"

    return location


class Serving:
    """Everything that is answered over HTTP, on one site."""

    def __init__(self, ground: Ground, use_cases: UseCases, background: Background) -> None:
        self._ground = ground
        self._use_cases = use_cases
        self._background = background
        self._problems = Problems(_TRANSLATIONS)
        self._gate = Gate(
            tokens=self._use_cases.sessions,
            counters=self._ground.counters,
            clock=self._ground.clock,
            limit=self._ground.settings.rates_limit.api,
            problems=self._problems,
            addresses=ClientAddresses(self._ground.settings.trust_proxy),
            tasks=self._ground.tasks,
            max_requests=self._ground.settings.listen.max_requests,
        )
        self._connections = Connections(
            limit=ground.settings.listen.max_connections_per_address,
            most=ground.settings.listen.max_connections,
            addresses=self._gate.addresses,
        )
        self._work = Work(
            jobs=use_cases.jobs,
            health=use_cases.health,
            clock=ground.clock,
            in_flight=background.sender.in_flight,
        )
        self._video_captions = VideoCaptionsPages(videos=use_cases.videos, captions=use_cases.captions)
        site = Pages(ground, use_cases, background, problems=self._problems, work=self._work, document=self.document)
        pages, forms = site.build(self._video_captions)
        uploads = UploadsApi(uploads=self._use_cases.uploads, videos=self._use_cases.videos)
        resumable = ResumableUploadsApi(uploads=self._use_cases.resumable_uploads, web=self._ground.settings.webserver)
        pictures = PicturesApi(
            images=use_cases.actor_images, instance=use_cases.instance_pictures, web=ground.settings.webserver
        )
        self._captions = CaptionsApi(
            captions=use_cases.captions, access=use_cases.access, origin=ground.settings.webserver.origin
        )
        sources = SourcesApi(
            replacements=use_cases.replacements, resumable=resumable, origin=ground.settings.webserver.origin
        )
        documentation = DocumentationApi(document=self.document)
        api = [*self._api_routes(), *resumable.routes(), *pictures.routes(), *sources.routes(), *documentation.routes()]
        receiving: list[Any] = [uploads, resumable, pictures, self._captions, sources]
        sinks_of_api = [sink for group in receiving for sink in group.sinks()]
        self._described: list[AnyRoute] = [*api, *sinks_of_api]
        app = Klein()
        mount(app, "/api/v1", api, self._gate)
        mount(app, "", [*self._outside_of_api(), *pages.routes()], self._gate)
        answer_errors(app, self._gate, pages.error)
        mounts = FileMounts(
            files=self._use_cases.files,
            previews=self._use_cases.previews,
            actor_images=self._use_cases.actor_images,
            gate=self._gate,
            in_thread=self._ground.in_thread,
            page_viewer=self._page_viewer(pages),
            internal=_internal(self._ground.settings),
        )
        children = dict(mounts.resources())
        if self._background.tracker is not None:
            children[b"tracker"] = self._background.tracker.resource(self._address_of)
            children[b"announce"] = self._background.tracker.announces(self._address_of)
            children[b"scrape"] = self._background.tracker.scrapes(self._address_of)
        sinks = Sinks(
            [*sinks_of_api, *pages.sinks([*forms, *self._video_captions.sinks()])],
            gate=self._gate,
            new_temporary=self._ground.storage.new_temporary,
            in_thread=self._ground.in_thread,
        )
        self.site = PodSite(
            Root(children, app.resource()),
            reactor=self._ground.reactor,
            gate=self._gate,
            sinks=sinks,
            connections=self._connections,
        )

    def open_port(self) -> OpenPort:
        """How to listen for the site: the tracker's short path in front of it, if there is a tracker."""
        if self._background.tracker is None:
            return listen
        return listening_with(self._background.tracker.short_path(self._gate.addresses.client), self._connections.enter)

    def _outside_of_api(self) -> list[Route]:
        can, current, clock = self._use_cases, self._ground.current, self._ground.clock
        groups: list[Any] = [
            HealthApi(instance=can.instance),
            DiscoveryApi(instance=can.instance, current=current, clock=clock),
            OEmbedApi(videos=can.videos, current=current),
        ]
        return [route for group in groups for route in group.routes()]

    def document(self) -> dict[str, Any]:
        """The REST API as it describes itself."""
        return describe(self._described, title="REST API of PeerTube", version=__version__, prefix="/api/v1")

    def _address_of(self, request: Request) -> str:
        return client_address(self._gate, request)

    def _page_viewer(self, pages: PageSite) -> "Callable[[Request], Any]":
        name = pages.cookie_name("session").encode()

        async def viewer(request: Request) -> Viewer | None:
            cookie = request.getCookie(name)
            return await self._use_cases.sessions.viewer_for_page(cookie.decode("latin-1")) if cookie else None

        return viewer

    def _api_routes(self) -> list[Route]:
        can = self._use_cases
        web = self._ground.settings.webserver
        shown = VideoRepresentations(urls=can.urls, viewers_of=can.views.viewers_of)
        groups: list[Any] = [
            OAuthApi(sessions=can.sessions, web=web),
            UsersApi(users=can.users, my_account=can.my_account, web=web),
            RegistrationsApi(registrations=can.people.registrations),
            AccountMailsApi(verifications=can.people.verifications, resets=can.people.password_resets),
            UserSecurityApi(two_factor=can.people.two_factor, sessions=can.people.user_sessions),
            AccountsApi(channels=can.channels, web=web, clock=self._ground.clock),
            ChannelsApi(channels=can.channels, web=web),
            OverviewsApi(overviews=can.overviews, representations=shown),
            VideoPasswordsApi(passwords=can.passwords, access=can.access),
            RatingsApi(ratings=can.ratings, access=can.access, representations=shown),
            SubscriptionsApi(
                subscriptions=can.subscriptions,
                lists=VideoLists(videos=can.videos, representations=shown, history=can.history),
                videos=can.videos,
                web=web,
            ),
            CollaboratorsApi(collaborators=can.collaborators, web=web),
            OwnershipApi(ownership=can.ownership, representations=shown, web=web),
            HomePageApi(home_page=can.home_page),
            ViewsApi(views=can.views, access=can.access),
            VideosApi(videos=can.videos, representations=shown, history=can.history),
            SearchApi(search=can.search, videos=can.videos, representations=shown, web=web, history=can.history),
            HistoryApi(
                history=can.history,
                lists=VideoLists(videos=can.videos, representations=shown, history=can.history),
                representations=shown,
            ),
            WatchStatsApi(stats=can.watch_stats),
            self._captions,
            ChaptersApi(chapters=can.chapters, access=can.access),
            StoryboardsApi(storyboards=can.storyboards, access=can.access, origin=web.origin),
            PodsApi(
                pods=can.pods,
                attempts=can.attempts,
                health=can.friend_health,
                limits=can.friend_limits,
                proposals=can.friend_proposals,
            ),
            AbusesApi(abuses=can.abuses, host=web.host),
            RequestSchedulersApi(stats=can.request_stats),
            PodsResource(
                pods=can.pods,
                requests=can.friend_requests,
                items=can.friend_items,
                counts=can.friend_counts,
                limits=can.friend_limits,
                identity=can.friend_identity,
                counters=self._ground.counters,
            ),
            InstanceApi(
                instance=can.instance,
                signup=can.people.signup_rules,
                current=self._ground.current,
                pictures=can.instance_pictures,
                home_page=can.home_page,
            ),
            ConfigurationApi(configuration=can.configuration),
            ContactApi(contact=can.contact),
            JobsApi(jobs=can.jobs, work=self._work),
            LogsApi(logs=can.logs),
            DebugApi(work=self._work),
            FederationApi(health=can.health, now_ms=self._ground.clock.now_ms),
        ]
        return [route for group in groups for route in group.routes()]
