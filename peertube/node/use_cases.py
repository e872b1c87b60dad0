"""Use cases, joined to the ground they stand on."""

from typing import Any

from peertube.node.ground import Ground
from peertube.node.people import PeopleUseCases
from peertube.pods.client import HttpPodClient
from peertube.pods.items import Here
from peertube.policy.watching import Rule
from peertube.usecases import failed_uploads
from peertube.usecases.abuses import Abuses
from peertube.usecases.actor_images import ActorImages, ImageFiles
from peertube.usecases.captions import Captions
from peertube.usecases.channels import Channels
from peertube.usecases.chapters import Chapters
from peertube.usecases.collaborators import Collaborators
from peertube.usecases.configuration import Configuration
from peertube.usecases.contact import Contact
from peertube.usecases.deliveries import Deliveries
from peertube.usecases.delivery_health import DeliveryHealth
from peertube.usecases.directory import Directories
from peertube.usecases.files import Files
from peertube.usecases.friend_attempts import FriendAttempts
from peertube.usecases.friend_counts import FriendCounts
from peertube.usecases.friend_health import FriendHealth
from peertube.usecases.friend_identity import FriendIdentity
from peertube.usecases.friend_items import FriendItems
from peertube.usecases.friend_limits import FriendLimits
from peertube.usecases.friend_proposals import FriendProposals
from peertube.usecases.friend_requests import FriendRequests
from peertube.usecases.handles import Handles
from peertube.usecases.history import History
from peertube.usecases.home_page import HomePage
from peertube.usecases.instance import Instance
from peertube.usecases.instance_pictures import InstancePictures
from peertube.usecases.jobs import Jobs
from peertube.usecases.logs import Logs
from peertube.usecases.open_files import OpenFiles
from peertube.usecases.overview import Overviews
from peertube.usecases.own_identity import HostChange, OwnIdentity
from peertube.usecases.ownership import Ownership
from peertube.usecases.pods import Pods
from peertube.usecases.previews import Previews
from peertube.usecases.publishing import PUBLISH_VIDEO, Publishing
from peertube.usecases.ratings import Ratings
from peertube.usecases.replacements import Replacements
from peertube.usecases.request_stats import RequestStats
from peertube.usecases.resumable_uploads import ResumableUploads
from peertube.usecases.search import Search
from peertube.usecases.search_indexing import SearchIndexing
from peertube.usecases.seeding import Seeding
from peertube.usecases.sessions import Sessions
from peertube.usecases.storyboards import Storyboards
from peertube.usecases.subscriptions import Subscriptions
from peertube.usecases.unnamed_files import UnnamedFiles
from peertube.usecases.uploads import Uploads
from peertube.usecases.video_access import VideoAccess
from peertube.usecases.video_changes import ScheduledUpdates
from peertube.usecases.video_passwords import VideoPasswords
from peertube.usecases.video_pictures import VideoPictures
from peertube.usecases.video_urls import VideoUrls
from peertube.usecases.videos import Videos
from peertube.usecases.views import Views
from peertube.usecases.watch_stats import WatchStats


class UseCases:
    """What the pod can do."""

    def __init__(self, ground: Ground) -> None:
        settings, database = ground.settings, ground.database
        counting: dict[str, Any] = {"database": database, "clock": ground.clock}
        telling: dict[str, Any] = {**counting, "publisher": ground.publisher}
        making: dict[str, Any] = {**telling, "randomness": ground.randomness}
        self.people = PeopleUseCases(
            settings=settings,
            current=ground.current,
            database=database,
            clock=ground.clock,
            randomness=ground.randomness,
            publisher=ground.publisher,
            counters=ground.counters,
            hasher=ground.hasher,
            mailer=ground.mailer,
        )
        self.secret_box, self.outbox = self.people.secret_box, self.people.outbox
        self.logins, self.users = self.people.logins, self.people.users
        self.my_account = self.people.my_account
        self.sessions = Sessions(
            **making, logins=self.logins, secret=settings.secrets.peertube, lifetime=settings.oauth2.token_lifetime
        )
        self.contact = Contact(
            outbox=self.outbox,
            counters=ground.counters,
            settings=ground.current,
            limit=settings.rates_limit.ask_send_email,
        )
        self.configuration = Configuration(**telling, settings=settings, current=ground.current)
        self.channels = Channels(**making, settings=settings)
        handles = Handles(settings.webserver)
        image_files = ImageFiles(**making, media=ground.media, storage=ground.storage)
        self.actor_images = ActorImages(database=database, files=image_files, handles=handles)
        self.instance_pictures = InstancePictures(database=database, files=image_files, publisher=ground.publisher)
        self.pictures = VideoPictures(media=ground.media, storage=ground.storage, randomness=ground.randomness)
        self.access = VideoAccess(
            **counting, counters=ground.counters, vault=ground.vault, limit=settings.rates_limit.login
        )
        self.passwords = VideoPasswords(**counting, vault=ground.vault)
        self.scheduled_updates = ScheduledUpdates(**telling, vault=ground.vault)
        self.videos = Videos(
            **telling,
            vault=ground.vault,
            access=self.access,
            storage=ground.storage,
            pictures=self.pictures,
            settings=ground.current,
            totals=ground.totals,
        )
        self.overviews = Overviews(**counting, videos=self.videos)
        self.uploads = Uploads(
            **making,
            vault=ground.vault,
            storage=ground.storage,
            media=ground.media,
            pictures=self.pictures,
            settings=ground.current,
        )
        self.publishing = Publishing(
            **making, storage=ground.storage, media=ground.media, hasher=ground.pieces, settings=settings
        )
        self.replacements = Replacements(
            **telling, storage=ground.storage, uploads=self.uploads, publishing=self.publishing, settings=settings
        )
        self.resumable_uploads = ResumableUploads(
            **making,
            locks=ground.locks,
            vault=ground.vault,
            storage=ground.storage,
            uploads=self.uploads,
            replacements=self.replacements,
            settings=settings,
        )
        self.captions = Captions(**making, storage=ground.storage, reader=ground.caption_files)
        self.chapters = Chapters(database=database)
        self.storyboards = Storyboards(
            **counting, randomness=ground.randomness, storage=ground.storage, media=ground.media
        )
        self.unnamed_files = UnnamedFiles(**counting, storage=ground.storage)
        self.search = Search(database=database, settings=settings, videos=self.videos)
        self.search_indexing = SearchIndexing(database=database)
        self.ratings = Ratings(**counting, handles=handles)
        self.subscriptions = Subscriptions(**counting, handles=handles)
        self.collaborators = Collaborators(**telling, handles=handles)
        self.ownership = Ownership(**telling, handles=handles)
        self.home_page = HomePage(**telling)
        self.history = History(**counting, max_age_seconds=settings.history.videos.max_age)
        self.directories = Directories(**counting)
        self.watch_stats = WatchStats(**counting)
        watching = settings.views.videos
        self.views = Views(
            **counting,
            counters=ground.counters,
            listeners=(self.history.take, self.watch_stats.take),
            rule=Rule(watching.count_view_after, int(watching.view_expiration * 1000)),
            trust_sessions=watching.trust_view_session_id,
        )
        self.logs = Logs(
            book=ground.log_files,
            counters=ground.counters,
            settings=settings.log,
            limit=settings.rates_limit.receive_client_log,
        )
        self.open_files = OpenFiles(clock=ground.clock)
        self.files = Files(database=database, storage=ground.storage, access=self.access, remembered=self.open_files)
        self.seeding = Seeding(database=database, storage=ground.storage)
        self.instance = Instance(**counting, storage=ground.storage)
        self.jobs = Jobs(
            **making, lease_seconds=settings.jobs.lease_seconds, endings={PUBLISH_VIDEO: failed_uploads.note}
        )
        self.health = DeliveryHealth(database=database, publisher=ground.publisher)
        self.urls = VideoUrls(settings)
        self._build_friendship(ground, counting, telling, making)

    def _build_friendship(
        self, ground: Ground, counting: dict[str, Any], telling: dict[str, Any], making: dict[str, Any]
    ) -> None:
        settings, host, https = ground.settings, ground.settings.webserver.host, ground.settings.friends.require_https
        self.pod_client = HttpPodClient(
            web=ground.web,
            own_keys=ground.certs,
            clock=ground.clock,
            randomness=ground.randomness,
            host=host,
            email=settings.admin.email,
            https=https,
            versions=settings.friends.protocol_versions,
            encrypt=settings.friends.encrypt,
        )
        self.pods = Pods(**telling, client=self.pod_client)
        self.attempts = FriendAttempts(
            **making,
            client=self.pod_client,
            keys=ground.certs,
            together=ground.together,
            host=host,
            https=https,
            own_https=settings.webserver.https,
            versions=settings.friends.protocol_versions,
        )
        self.friend_requests = FriendRequests(
            **telling,
            client=self.pod_client,
            own_keys=ground.certs,
            host=host,
            email=settings.admin.email,
            https=https,
            accept=settings.friends.accept,
            versions=settings.friends.protocol_versions,
        )
        self.friend_identity = FriendIdentity(
            **counting, client=self.pod_client, own_keys=ground.certs, host=host, https=https
        )
        self.host_change = HostChange(**telling, host=host)
        self.friend_counts = FriendCounts(**counting)
        self.friend_limits = FriendLimits(**counting, counters=ground.counters, limits=settings.friends.limits)
        self.friend_proposals = FriendProposals(**telling)
        self.abuses = Abuses(**making)
        self.request_stats = RequestStats(**counting)
        self.friend_items = FriendItems(**counting, storage=ground.storage, https=https)
        trackers = tuple(url for tier in self.urls.announce_tiers() for url in tier)
        self.friend_health = FriendHealth(
            **telling,
            eject_after_seconds=settings.friends.eject_after,
            forget_after_seconds=settings.friends.forget_after,
        )
        self.deliveries = Deliveries(
            **counting,
            health=self.friend_health,
            identity=OwnIdentity(database=ground.database, client=self.pod_client, own_keys=ground.certs),
            versions=settings.friends.protocol_versions,
            randomness=ground.randomness,
            client=self.pod_client,
            storage=ground.storage,
            here=Here(settings.webserver.origin, trackers),
            retry_seconds=settings.friends.retry_seconds,
            locks=ground.locks,
            request_seconds=settings.friends.request_timeout,
        )
        self.previews = Previews(
            **counting,
            client=self.pod_client,
            storage=ground.storage,
            together=ground.together,
            size=settings.cache.previews.size,
        )
