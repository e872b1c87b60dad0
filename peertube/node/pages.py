"""The pages for people, joined to what they show."""

from collections.abc import Callable
from typing import Any

from peertube.http.problems import Problems
from peertube.node.background import Background
from peertube.node.ground import Ground
from peertube.node.use_cases import UseCases
from peertube.pages import assets as bundle
from peertube.pages.about import AboutPages
from peertube.pages.abuses import AbusesPages
from peertube.pages.account_mails import AccountMailsPages
from peertube.pages.actors import ActorPages
from peertube.pages.admin import AdminPages
from peertube.pages.api_docs import ApiDocsPages
from peertube.pages.appearance import AppearancePages
from peertube.pages.beside import BesideVideos
from peertube.pages.configuration import ConfigurationPages
from peertube.pages.contact import ContactPages
from peertube.pages.embed import EmbedPages
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
from peertube.pages.my_settings import MySettingsPages
from peertube.pages.my_videos import MyVideosPages
from peertube.pages.network import NetworkPages
from peertube.pages.opened import OpenedPages
from peertube.pages.pictures import PicturePages
from peertube.pages.registrations import RegistrationsPages
from peertube.pages.rendering import Rendering, environment
from peertube.pages.search import SearchPages
from peertube.pages.settings import SettingsPages
from peertube.pages.signup import SignupPages
from peertube.pages.site import PageSite
from peertube.pages.upload import UploadPages
from peertube.pages.users import UsersPages
from peertube.pages.video_captions import VideoCaptionsPages
from peertube.pages.video_chapters import VideoChaptersPages
from peertube.pages.video_statistics import VideoStatisticsPages
from peertube.pages.visits import PageSink
from peertube.pages.watch import WatchPages
from peertube.usecases.numbers import Numbers
from peertube.usecases.work import Work


class Pages:
    """Every group of pages on one site."""

    def __init__(
        self,
        ground: Ground,
        use_cases: UseCases,
        background: Background,
        *,
        problems: Problems,
        work: Work,
        document: Callable[[], dict[str, Any]],
    ) -> None:
        self._ground = ground
        self._use_cases = use_cases
        self._background = background
        self._problems = problems
        self._work = work
        self._document = document

    def build(self, video_captions: VideoCaptionsPages) -> tuple[PageSite, list[PageSink]]:
        """The site of pages, and its forms with files."""
        can = self._use_cases
        settings, built, links = self._ground.settings, bundle.load(), Links(can.urls)
        current = self._ground.current
        uploads = UploadPages(uploads=can.uploads, account=can.my_account, settings=current)
        pictures = PicturePages(images=can.actor_images, instance=can.instance_pictures, account=can.my_account)
        numbers = Numbers(
            tracker=self._background.tracker_numbers,
            seeder=self._background.seeder_numbers,
            sizes=self._ground.storage,
        )
        groups: list[Any] = [
            HomePages(videos=can.videos, history=can.history, home_page=can.home_page),
            ActorPages(
                channels=can.channels, videos=can.videos, newest=can.directories, subscriptions=can.subscriptions
            ),
            FollowingPages(subscriptions=can.subscriptions, videos=can.videos),
            ExplorePages(directory=can.directories, friends=can.pods),
            MyChannelsPages(channels=can.channels, people=can.collaborators),
            InvitationPages(
                people=can.collaborators, ownership=can.ownership, account=can.my_account, videos=can.videos
            ),
            AppearancePages(home_page=can.home_page, pictures=can.instance_pictures),
            pictures,
            SearchPages(searches=can.search),
            WatchPages(
                videos=can.videos,
                ratings=can.ratings,
                links=links,
                randomness=self._ground.randomness,
                beside=BesideVideos(
                    captions=can.captions, chapters=can.chapters, storyboards=can.storyboards, history=can.history
                ),
                subscriptions=can.subscriptions,
            ),
            OpenedPages(tokens=can.access),
            HistoryPages(history=can.history, account=can.my_account),
            video_captions,
            VideoChaptersPages(videos=can.videos, chapters=can.chapters),
            VideoStatisticsPages(videos=can.videos, statistics=can.watch_stats),
            LoginPages(sessions=can.sessions, settings=current),
            uploads,
            MyVideosPages(videos=can.videos, account=can.my_account),
            AdminPages(
                videos=can.videos,
                users=can.users,
                pods=can.pods,
                jobs=can.jobs,
                numbers=numbers,
                abuses=can.abuses,
                proposals=can.friend_proposals,
                events=can.friend_health,
            ),
            JobsPages(work=self._work, switch=can.jobs),
            LogsPages(logs=can.logs, clock=self._ground.clock),
            FriendsPages(
                pods=can.pods,
                attempts=can.attempts,
                lanes=can.health,
                preset_hosts=settings.friends.preset_hosts,
            ),
            NetworkPages(
                pods=can.pods,
                health=can.friend_health,
                limits=can.friend_limits,
                proposals=can.friend_proposals,
                forget_after_seconds=settings.friends.forget_after,
            ),
            AbusesPages(abuses=can.abuses, videos=can.videos),
            UsersPages(users=can.users, settings=current),
            ConfigurationPages(configuration=can.configuration),
            SettingsPages(),
            MySettingsPages(
                account=can.my_account,
                own_sessions=can.people.user_sessions,
                two_factor=can.people.two_factor,
                sessions=can.sessions,
            ),
            RegistrationsPages(requests=can.people.registrations),
            SignupPages(registrations=can.people.registrations, rules=can.people.signup_rules, settings=current),
            AccountMailsPages(resets=can.people.password_resets, verifications=can.people.verifications),
            ContactPages(contact=can.contact),
            AboutPages(settings=current, contact=can.contact, friends=can.pods, assets=built),
            ApiDocsPages(document=self._document),
            EmbedPages(videos=can.videos, links=links),
        ]
        rendering = Rendering(
            templates=environment(),
            assets=built,
            languages=self._ground.languages,
            links=links,
            settings=current,
        )
        site = PageSite(
            groups=groups,
            rendering=rendering,
            sessions=can.sessions,
            problems=self._problems,
            clock=self._ground.clock,
            randomness=self._ground.randomness,
            webserver=settings.webserver,
            secure_media=not settings.outbound.allow_private_addresses,
        )
        return site, [*uploads.sinks(), *pictures.sinks()]
