"""What use cases need of the outside. Edges implement these; `peertube.node` joins them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from attrs import frozen

from peertube.config import schema
from peertube.model.actor_images import ImageKind
from peertube.model.jobs import Job
from peertube.model.media import MediaProbe as MediaProbe
from peertube.model.pods import Pod
from peertube.model.storyboards import Grid
from peertube.signatures.keys import PrivateKey

Message = Mapping[str, Any]
Outcome = TypeVar("Outcome")


class InForce(Protocol):
    """Settings that may change while the pod runs: asked each time, never kept. `Settings` itself never changes."""

    @property
    def admin(self) -> schema.Admin:
        """Who runs the pod."""
        ...

    @property
    def client(self) -> schema.Client:
        """What programs and pages are asked to keep to."""
        ...

    @property
    def contact_form(self) -> schema.ContactForm:
        """Whether anyone may write to the admin."""
        ...

    @property
    def instance(self) -> schema.Instance:
        """What the pod says about itself."""
        ...

    @property
    def signup(self) -> schema.Signup:
        """How people get an account."""
        ...

    @property
    def upload(self) -> schema.Upload:
        """What one upload may be."""
        ...

    @property
    def user(self) -> schema.UserSettings:
        """What a new user gets."""
        ...

    @property
    def webserver(self) -> schema.WebServer:
        """How the world reaches the pod."""
        ...


class Clock(Protocol):
    """What time it is."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        ...


class Randomness(Protocol):
    """Things nobody can guess."""

    def uuid(self) -> str:
        """A random UUID (RFC 9562 version 4), lower case with dashes."""
        ...

    def token(self) -> str:
        """256 random bits as 40 or more hex characters."""
        ...

    def fraction(self) -> float:
        """A number in 0 <= x < 1."""
        ...


class Publisher(Protocol):
    """Tells every part of every process of the pod that something changed. Topics are in `peertube.model.topics`."""

    def publish(self, topic: str, message: Message) -> None:
        """Tell; never fails and never waits."""
        ...


class Counters(Protocol):
    """Counts of events in time windows, shared by all processes."""

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        """Count one more event of `key`, or `by` of them; how many there were in the current window, with these."""
        ...

    def remaining_seconds(self, key: str) -> float:
        """How long the current window of `key` still lasts."""
        ...


class Vault(Protocol):
    """Keeps secrets that must be read again out of the database: what is stored is sealed with a key that is not."""

    def seal(self, text: str) -> str:
        """The text, encrypted."""
        ...

    def unseal(self, sealed: str) -> str | None:
        """What was sealed; None when it was changed or sealed with another key."""
        ...

    def digest(self, text: str) -> str:
        """Hex digits that are always the same for a text, and that nobody else can compute."""
        ...

    def secret(self, purpose: str) -> str:
        """A secret for one purpose; always the same."""
        ...


class Lock(Protocol):
    """Something that its holder alone does, for a while."""

    async def keep(self, seconds: float) -> bool:
        """Have it for so long from now on; False when it was lost, and somebody else may have it."""
        ...

    async def release(self) -> None:
        """Let others have it; nothing happens when it was lost."""
        ...


class Locks(Protocol):
    """What one part of one process should do at a time.

    A lock saves work and keeps order. It may be lost (a process halts, a server goes away), and then two hold it: what
    must not happen twice is decided by the database.
    """

    async def acquire(self, name: str, seconds: float) -> Lock | None:
        """Hold `name` for at most `seconds`; None when somebody has it. Never waits for it."""
        ...


@frozen
class Copy:
    """What a cache knows: the value, or None; `mark` tells when that was."""

    value: bytes | None
    mark: str


class Cache(Protocol):
    """Copies of answers of one kind, for seconds; all processes forget them together."""

    async def get(self, key: str) -> Copy:
        """The copy, if there is one."""
        ...

    async def put(self, key: str, value: bytes, before: Copy) -> None:
        """Keep a copy, unless everything was forgotten since `get` gave `before`."""
        ...

    async def forget(self) -> None:
        """Nothing is as it was: when this returns, no process finds an older copy."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing of passwords, off the reactor (argon2id)."""

    async def hash(self, password: str) -> str:
        """A salted hash to store."""
        ...

    async def verify(self, password_hash: str, password: str) -> bool:
        """Whether the password belongs to the hash."""
        ...


class Media(Protocol):
    """Looks into media files and makes pictures of them, in child processes that are kept apart from us."""

    async def probe(self, path: Path) -> MediaProbe:
        """What is in the file. `Unprocessable` (code ``not_a_video``) when it is no media file."""
        ...

    async def pictures(self, path: Path, at_seconds: float, thumbnail: Path, preview: Path) -> None:
        """Write a frame of the video as JPEG: `thumbnail` (280x157) and `preview` (850x480)."""
        ...

    async def resize(self, image: Path, thumbnail: Path, preview: Path) -> None:
        """The same two pictures from an image that a user sent. `Unprocessable` when it is none."""
        ...

    async def actor_images(self, image: Path, kind: ImageKind) -> Sequence[bytes]:
        """The files of an avatar or banner from such an image, in the order of `ImageKind.sizes`."""
        ...

    async def storyboard(self, path: Path, grid: Grid, *, only_keyframes: bool) -> bytes:
        """Frames of the video at equal distances, side by side in one JPEG picture."""
        ...


class CaptionReader(Protocol):
    """Reads captions that somebody sent, off the reactor."""

    async def read(self, path: Path, extension: str) -> str:
        """The captions of a file (one of `model.captions.EXTENSIONS`) as WebVTT with nothing but text in it.

        :raises Unprocessable: code ``not_captions``.
        """
        ...


class Storage(Protocol):
    """The folders of `storage.*`. Kinds are the keys there."""

    def path(self, kind: str, name: str) -> Path:
        """Where the file `name` of a kind lies (or would lie). Refuses names with folders in them."""
        ...

    def new_temporary(self, suffix: str = "") -> Path:
        """The path of a new file in `tmp` that nobody else uses; not created yet."""
        ...

    async def keep(self, temporary: Path, kind: str, name: str) -> None:
        """Move a finished temporary file to its place: file synced, renamed, folder synced. Safe to repeat."""
        ...

    async def write(self, kind: str, name: str, content: bytes) -> None:
        """Write a small file whole, as `keep` does."""
        ...

    async def read(self, kind: str, name: str, limit: int) -> bytes:
        """The content of a small file; `NotFound` when it is not there, `TooLarge` when it is over `limit` bytes."""
        ...

    async def discard(self, kind: str, names: Sequence[str]) -> None:
        """Remove files; those that are not there are no error."""
        ...

    async def names(self, kind: str) -> list[str]:
        """The names of all files of a kind, oldest first. For small folders (caches)."""
        ...

    async def discard_temporary(self, path: Path) -> None:
        """Remove a temporary file if it is still there."""
        ...

    async def free_bytes(self) -> int:
        """How many bytes may still be written."""
        ...


class PieceHasher(Protocol):
    """Hashes the pieces of a file in a thread."""

    async def pieces(self, path: Path, piece_length: int, progress: Callable[[int], None]) -> bytes:
        """The 20-byte SHA-1 of each piece, joined. `progress` is called on the reactor with bytes done."""
        ...


class PodClient(Protocol):
    """Speaks to other pods.

    Every call raises `Unreachable` when the other side does not answer as it should, and its subclass `Refused` when
    it answers with an error.
    """

    async def list_pods(self, host: str) -> Sequence[str]:
        """The hosts of the friends of `host`."""
        ...

    async def fetch_key(self, host: str) -> "PodKey":
        """The public key that `host` itself shows, and the protocol versions it speaks."""
        ...

    async def add(self, host: str, protocol: int) -> "PodAnswer":
        """Offer friendship, in a version of the protocol that the host speaks."""
        ...

    async def remove(self, host: str, protocol: int, our_key: str | None = None) -> None:
        """End friendship (signed with that of our keys which the host has pinned)."""
        ...

    async def change_key(self, pod: Pod) -> None:
        """Tell a friend our present key, signed with the one that it has pinned and with the new one."""
        ...

    async def move(self, pod: Pod, old_host: str) -> None:
        """Tell a friend that knows us as `old_host` what our host is now."""
        ...

    async def deliver(self, pod: Pod, path: str, items: bytes) -> Sequence[tuple[int, str]]:
        """Tell a friend a batch of items, a JSON array (signed); which of them (by place) it did not take, and why.

        :param path: ``/videos``, ``/videos/qadu`` or ``/videos/events``.
        """
        ...

    async def fetch_preview(self, url: str, limit: int) -> bytes:
        """A picture of another pod; `Unreachable` when it is not a JPEG of at most `limit` bytes."""
        ...


@frozen
class PodKey:
    """What a pod shows at ``/api/v1/remote/pods/key``."""

    host: str
    public_key: str
    versions: tuple[int, ...]


@frozen
class PodAnswer:
    """What a pod answers to an offer of friendship. `pending`: its admin has to approve first."""

    public_key: str
    email: str
    versions: tuple[int, ...]
    pending: bool = False


class PodKeys(Protocol):
    """The key pair of this pod."""

    @property
    def private(self) -> PrivateKey:
        """What we sign with."""
        ...

    @property
    def public_pem(self) -> str:
        """What others verify with (canonical PEM)."""
        ...

    @property
    def fingerprint(self) -> str:
        """Which key this is (SHA-256 of the PEM)."""
        ...

    def private_for(self, fingerprint: str | None) -> PrivateKey:
        """An earlier key of ours; the first one ever for None."""
        ...

    @property
    def all_private(self) -> list[PrivateKey]:
        """Every key that something may be encrypted for, the present one first."""
        ...


class Together(Protocol):
    """Several waits at the same time."""

    async def each(self, work: Sequence[Callable[[], Awaitable[Outcome]]], at_most: int) -> list[Outcome]:
        """Do all, no more than `at_most` at once; results in the order of `work`. The first error is raised."""
        ...

    async def share(self, key: str, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Do `work`, or wait for and share the result of the one that is being done under the same key."""
        ...


Progress = Callable[[int], Awaitable[None]]
"""Told how far a job is, 0..100; raises when the job was taken from us."""

JobRunner = Callable[[Job, Progress], Awaitable[None]]
"""Does one kind of job. Raising `peertube.errors.PodError` of the kinds Invalid, Unprocessable or NotFound is final;
anything else is tried again."""
