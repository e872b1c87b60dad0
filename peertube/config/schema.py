"""Every key of the configuration, with its type, default and limits.

Key names are PeerTube's where PeerTube has the key. `etc/peertube.yaml` explains each of them to the operator; a test
keeps the two the same.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from peertube.config.people import ContactForm as ContactForm
from peertube.config.people import Email as Email
from peertube.config.people import Signup as Signup
from peertube.config.people import SignupCidr as SignupCidr
from peertube.config.people import Smtp as Smtp
from peertube.config.values import (
    Bytes,
    Category,
    ChunkSize,
    EmailAddress,
    InstanceName,
    JobCount,
    Language,
    Lifetime,
    Port,
    Quota,
    Seconds,
    Text,
    Words,
)
from peertube.config.values import Limit as Limit
from peertube.config.values import Section as Section
from peertube.config.watching import History as History
from peertube.config.watching import Storyboards as Storyboards
from peertube.config.watching import Views as Views
from peertube.policy.hosts import normalise


class Listen(Section):
    """Where the pod accepts connections."""

    hostname: str = "0.0.0.0"
    port: Port = 9000
    max_connections: Annotated[int, Field(ge=1)] = 30_000
    max_connections_per_address: Annotated[int, Field(ge=1)] = 500
    max_requests: Annotated[int, Field(ge=1)] = 500


class WebServer(Section):
    """How the world reaches the pod (behind a proxy this differs from `listen`)."""

    https: bool = True
    hostname: str = "localhost"
    port: Port = 443

    @cached_property
    def host(self) -> str:
        """The pod's own host as other pods spell it, e.g. ``video.example`` or ``localhost:9001``."""
        return normalise(f"{self.hostname}:{self.port}", https=self.https)

    @cached_property
    def origin(self) -> str:
        """The start of every absolute URL, e.g. ``https://video.example``."""
        return f"{'https' if self.https else 'http'}://{self.host}"

    @cached_property
    def websocket_origin(self) -> str:
        """The start of every WebSocket URL."""
        return f"{'wss' if self.https else 'ws'}://{self.host}"


class Secrets(Section):
    """Secrets that the operator may set; made at first start and kept in the database otherwise."""

    peertube: str = ""


class DatabasePool(Section):
    """Connections to a database server."""

    max: Annotated[int, Field(ge=1, le=200)] = 5


class DatabaseSettings(Section):
    """Where rows live: `path` and `readers` count for SQLite, the rest for a PostgreSQL server."""

    engine: Literal["sqlite", "postgresql"] = "sqlite"
    path: Path = Path("storage/peertube.sqlite3")
    readers: Annotated[int, Field(ge=1, le=16)] = 2
    hostname: str = "localhost"
    port: Port = 5432
    name: str = "peertube"
    username: str = "peertube"
    password: str = ""
    ssl: bool = False
    pool: DatabasePool = DatabasePool()


class RedisSettings(Section):
    """What several processes of one pod share beside the database."""

    enabled: bool = False
    hostname: str = "localhost"
    port: Port = 6379
    auth: str | None = None
    db: Annotated[int, Field(ge=0, le=999)] = 0


class Storage(Section):
    """One folder per kind of file."""

    tmp: Path = Path("storage/tmp")
    tmp_persistent: Path = Path("storage/tmp-persistent")
    web_videos: Path = Path("storage/web-videos")
    thumbnails: Path = Path("storage/thumbnails")
    previews: Path = Path("storage/previews")
    torrents: Path = Path("storage/torrents")
    avatars: Path = Path("storage/avatars")
    captions: Path = Path("storage/captions")
    storyboards: Path = Path("storage/storyboards")
    logs: Path = Path("storage/logs")
    cache: Path = Path("storage/cache")
    certs: Path = Path("storage/certs")


class LogRotation(Section):
    """When the log goes on in another file, and how many there are."""

    enabled: bool = True
    max_file_size: Bytes = 12 * 2**20
    max_files: Annotated[int, Field(ge=1, le=1000)] = 20


class LogSettings(Section):
    """What is written into the files of `storage.logs`."""

    level: Literal["debug", "info", "warn", "error"] = "info"
    rotation: LogRotation = LogRotation()
    accept_client_log: bool = True


class Admin(Section):
    """Who runs the pod."""

    email: EmailAddress = "admin@example.com"


class RatesLimit(Section):
    """How often one address may ask."""

    login: Limit = Limit(window=300, max=15)
    signup: Limit = Limit(window=300, max=2)
    ask_send_email: Limit = Limit(window=300, max=3)
    api: Limit = Limit(window=10, max=200)
    receive_client_log: Limit = Limit(window=600, max=10)


class UserSettings(Section):
    """What a new user gets, in bytes; -1 means no limit."""

    video_quota: Quota = -1
    video_quota_daily: Quota = -1


class OAuthLifetime(Section):
    """Seconds for which tokens are good."""

    access_token: Lifetime = 86_400
    refresh_token: Lifetime = 1_209_600


class OAuth2(Section):
    """Logins of programs."""

    token_lifetime: OAuthLifetime = OAuthLifetime()


class VideoFileUpdate(Section):
    """Whether owners may put another file in the place of a video's."""

    enabled: bool = False


class VideoFileSettings(Section):
    """Files of videos that are published."""

    update: VideoFileUpdate = VideoFileUpdate()


class Upload(Section):
    """What one upload may be."""

    max_file_size: Bytes = 64 * 2**30


class ResumableUpload(Section):
    """How files come in chunks; 0 means that a chunk may have any size."""

    max_chunk_size: ChunkSize = 0


class ClientVideos(Section):
    """What programs and pages do with videos."""

    resumable_upload: ResumableUpload = ResumableUpload()


class Client(Section):
    """What programs and pages are asked to keep to."""

    videos: ClientVideos = ClientVideos()


class TrackerUdp(Section):
    """The tracker over UDP (BEP 15)."""

    enabled: bool = True
    hostname: str | None = None
    port: Port | None = None


class TrackerSettings(Section):
    """The BitTorrent and WebTorrent tracker."""

    enabled: bool = True
    private: bool = True
    interval: Annotated[int, Field(ge=10, le=7200)] = 900
    websocket_interval: Annotated[int, Field(ge=10, le=7200)] = 120
    max_peers_per_swarm: Annotated[int, Field(ge=10)] = 100_000
    max_swarms: Annotated[int, Field(ge=1)] = 1_000_000
    max_sockets: Annotated[int, Field(ge=1)] = 20_000
    requests_per_minute: Annotated[int, Field(ge=0)] = 6_000
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    udp: TrackerUdp = TrackerUdp()


class FriendLimits(Section):
    """What one friend may send within a minute."""

    requests: Annotated[int, Field(ge=1)] = 600
    items: Annotated[int, Field(ge=1)] = 6_000
    bytes: Bytes = 60 * 2**20


class HybridSeeding(Section):
    """The seeder: a program of its own that gives our videos to browsers and ordinary clients by BitTorrent."""

    enabled: bool = False
    hostname: str | None = None
    port: Annotated[int, Field(ge=0, le=65535)] = 10_000
    addresses: tuple[str, ...] = ()
    max_torrents: Annotated[int, Field(ge=1, le=100)] = 50
    max_peers: Annotated[int, Field(ge=2, le=10_000)] = 200
    max_upload_rate: ChunkSize = 0
    max_memory: Bytes = 256 * 2**20
    max_fetched: ChunkSize = 2**30
    unload_after: Seconds = 600
    stun_server: str = ""


class Seeding(Section):
    """How videos are given away beside the web server."""

    x_accel_redirect: Annotated[str, Field(pattern=r"^(/[a-z0-9_-]+)?$")] = ""
    hybrid: HybridSeeding = HybridSeeding()


class Friends(Section):
    """Friendship with other pods."""

    preset_hosts: tuple[str, ...] = ()
    require_https: bool = True
    accept: Literal["all", "ask", "none"] = "all"
    retry_seconds: Seconds = 60
    request_timeout: Seconds = 30
    eject_after: Seconds = 14 * 86_400
    forget_after: Seconds = 30 * 86_400
    encrypt: bool = False
    protocol_versions: Annotated[tuple[Annotated[int, Field(ge=3, le=4)], ...], Field(min_length=1)] = (3, 4)
    limits: FriendLimits = FriendLimits()


class Outbound(Section):
    """What the pod itself may connect to."""

    allow_private_addresses: bool = False
    allowed_ports: tuple[Port, ...] = (80, 443)


class PreviewsCache(Section):
    """Previews of other pods' videos."""

    size: Annotated[int, Field(ge=1)] = 500


class Cache(Section):
    """Copies that may be fetched again."""

    previews: PreviewsCache = PreviewsCache()


class JobsOfKind(Section):
    """How many jobs of one kind a process runs at once; 0 means as many as there is room for."""

    publish_video: JobCount = 0
    rewrite_torrent: JobCount = 0
    generate_storyboard: JobCount = 1
    discard_files: JobCount = 1
    index_search: JobCount = 1
    email: JobCount = 1
    make_friends: JobCount = 1
    add_friend: JobCount = 1
    end_friendship: JobCount = 1

    def limits(self) -> dict[str, int]:
        """The most jobs at once by kind, for the kinds that have a limit of their own."""
        return {name.replace("_", "-"): most for name, most in self if most > 0}


class JobsSettings(Section):
    """Work in the background."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 2
    concurrency_of: JobsOfKind = JobsOfKind()
    poll_seconds: Seconds = 5
    lease_seconds: Seconds = 60


class Instance(Section):
    """What the pod says about itself."""

    name: InstanceName = "PeerTube"
    short_description: Words = "A federated video server"
    description: Text = ""
    terms: Text = ""
    is_nsfw: bool = False
    default_nsfw_policy: Literal["do_not_list", "blur", "warn", "display"] = "blur"
    languages: Annotated[tuple[Language, ...], Field(max_length=100)] = ()
    categories: Annotated[tuple[Category, ...], Field(max_length=100)] = ()


class Settings(Section):
    """The whole configuration."""

    listen: Listen = Listen()
    webserver: WebServer = WebServer()
    trust_proxy: tuple[str, ...] = ()
    secrets: Secrets = Secrets()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    storage: Storage = Storage()
    log: LogSettings = LogSettings()
    admin: Admin = Admin()
    smtp: Smtp = Smtp()
    email: Email = Email()
    contact_form: ContactForm = ContactForm()
    signup: Signup = Signup()
    rates_limit: RatesLimit = RatesLimit()
    oauth2: OAuth2 = OAuth2()
    user: UserSettings = UserSettings()
    upload: Upload = Upload()
    video_file: VideoFileSettings = VideoFileSettings()
    client: Client = Client()
    tracker: TrackerSettings = TrackerSettings()
    seeding: Seeding = Seeding()
    friends: Friends = Friends()
    outbound: Outbound = Outbound()
    storyboards: Storyboards = Storyboards()
    views: Views = Views()
    history: History = History()
    cache: Cache = Cache()
    jobs: JobsSettings = JobsSettings()
    instance: Instance = Instance()
