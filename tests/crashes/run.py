"""Kills at every failpoint and at random moments, one after another, each followed by a comparison."""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field
from PIL import Image

from tests.crashes.load import Load
from tests.crashes.network import MortalNetwork, MortalPod
from tests.end_to_end.pods import make_clip
from tests.servers import PostgresqlServer

AT_THE_ORIGIN = (
    *("upload.received", "upload.announced", "upload.pictures-kept", "upload.file-kept", "upload.noted"),
    *("upload.committed", "publish.begun", "publish.thumbnail-kept", "publish.preview-kept", "torrent.hashed"),
    *("torrent.written", "publish.noted", "publish.committed", "torrent.rewritten", "torrent.renamed"),
    *("update.pictures-kept", "update.noted", "update.committed", "removal.noted", "removal.committed"),
    *("removal.files-discarded", "removal.channel-noted", "delivery.built", "delivery.told", "delivery.settled"),
    *("database.commit", "database.committed", "files.synced", "files.renamed", "files.folder-synced"),
    *("files.written", "files.removed", "resumable.begun", "resumable.placed", "chunk.synced", "chunk.told"),
)
AT_THE_FRIEND = ("receipt.thumbnail-written", "receipt.noted", "receipt.committed", "database.commit", "files.renamed")
AT_MIGRATION = ("migration.begun", "migration.applied", "migration.noted", "migration.committed")
REACHED_BY = {
    **dict.fromkeys(("upload.", "publish.", "torrent.hashed", "torrent.written", "database.", "files."), "upload"),
    **dict.fromkeys(("torrent.rewritten", "torrent.renamed", "update.noted", "update.committed"), "rename"),
    **dict.fromkeys(("update.pictures-kept", "receipt.thumbnail-written"), "thumbnail"),
    **dict.fromkeys(("removal.", "files.removed"), "remove"),
    "removal.channel-noted": "channel",
    **dict.fromkeys(("delivery.", "receipt."), "rename"),
    **dict.fromkeys(("resumable.", "chunk."), "chunks"),
}
"""What a user has to do so that a place is reached; the longest beginning of its name counts."""

REACHED_SECONDS = 120.0
"""By then the place was reached, or never will be: what reaches it is done again and again, and takes moments."""


def reached_by(name: str) -> str:
    """What a user has to do so that the place `name` is reached."""
    return REACHED_BY[max((each for each in REACHED_BY if name.startswith(each)), key=len)]


@define
class Summary:
    """What was done and what came of it."""

    at_failpoints: Counter[str] = field(factory=Counter)
    random_kills: int = 0
    while_starting: int = 0
    not_reached: Counter[str] = field(factory=Counter)
    acknowledged: Counter[str] = field(factory=Counter)
    problems: list[str] = field(factory=list)
    longest_start: float = 0
    seconds: float = 0

    @property
    def kills(self) -> int:
        """All of them."""
        return self.at_failpoints.total() + self.random_kills + self.while_starting

    def line(self) -> str:
        """One line for a person."""
        counted = {word: sum(word in one for one in self.problems) for word in ("lost", "doubled", "orphan", "row")}
        others = len(self.problems) - sum(counted.values())
        return (
            f"{self.kills} kills ({self.at_failpoints.total()} at {len(self.at_failpoints)} failpoints, "
            f"{self.random_kills} at random under load, {self.while_starting} while they started again), "
            f"{self.acknowledged.total()} operations acknowledged "
            f"({', '.join(f'{count} {kind}' for kind, count in sorted(self.acknowledged.items()))}): "
            f"{counted['lost']} lost, {counted['doubled']} doubled, {counted['orphan']} orphan files, "
            f"{counted['row']} rows without file, {others} other problems; "
            f"longest start {self.longest_start:.1f} s; {self.seconds:.0f} s in all"
        )


class Run:
    """A network under load, and its killer.

    :param check_every: after how many kills everything is compared.
    :param restarts: how often a pod that was killed at random may be killed again while it starts.
    :param server: a PostgreSQL for the pods.
    :param users: how many there are while a failpoint is waited for; the first does what reaches it.
    """

    places = len(AT_THE_ORIGIN) + len(AT_THE_FRIEND)
    """How many failpoints there are, those of migrations left out."""

    def __init__(
        self,
        seed: int,
        *,
        verbose: bool = False,
        check_every: int = 1,
        restarts: Sequence[int] = (0, 1, 2, 3, 4),
        users: int = 2,
        server: PostgresqlServer | None = None,
    ) -> None:
        self._rng = random.Random(seed)
        self._verbose = verbose
        self._check_every = check_every
        self._restarts = restarts
        self._users = users
        self._recovered = 0
        self.network = MortalNetwork(server)
        self.summary = Summary()
        self._begun = time.monotonic()
        self._todo: list[tuple[MortalPod, str]] = []
        folder = Path(tempfile.mkdtemp(dir=self.network.directory))
        picture = folder / "picture.jpg"
        Image.new("RGB", (320, 180), "teal").save(picture)
        self._load = Load(
            self.network.clients[1],
            self.network.oracle,
            random.Random(seed + 1),
            clip=make_clip(folder / "clip.mp4", seconds=1, size="160x90", bitrate="60k").read_bytes(),
            long_clip=make_clip(folder / "long.mp4", seconds=6, size="320x180", bitrate="1000k").read_bytes(),
            picture=picture.read_bytes(),
        )

    def at_migrations(self, passes: Sequence[int] = (1,)) -> None:
        """Kill a pod that makes its database, and let it go on."""
        for name in AT_MIGRATION:
            for at in passes:
                self.network.origin.prepare()
                self.network.origin.arm(f"{name}:kill@{at}")
                if self.network.origin.start():
                    self.summary.not_reached[name] += 1
                    self.network.origin.kill()
                else:
                    self._count(name)
                self.network.origin.arm("")
                if not self.network.origin.start():
                    self.network.oracle.problem(f"no start after {name}, pass {at}")
                self.network.origin.kill()

    def begin(self) -> None:
        """Start the network."""
        self.network.start()

    def next_failpoint(self, passes: Sequence[int] = (1, 1, 1, 2, 3)) -> tuple[MortalPod, str, int]:
        """Where to kill next: each place once, in random order, then again."""
        if not self._todo:
            self._todo = [(self.network.origin, name) for name in AT_THE_ORIGIN]
            self._todo += [(self.network.friend, name) for name in AT_THE_FRIEND]
            self._rng.shuffle(self._todo)
        mortal, name = self._todo.pop()
        return mortal, name, self._rng.choice(passes)

    def at_failpoint(self, mortal: MortalPod, name: str, at: int) -> bool:
        """Kill at a failpoint; whether it was reached."""
        mortal.arm(f"{name}:kill@{at}")
        self._load.start(self._users, only=reached_by(name))
        reached = mortal.died(REACHED_SECONDS)
        if reached:
            self._count(name)
        else:
            self.summary.not_reached[name] += 1
            mortal.kill()
            self.summary.random_kills += 1
        self._load.stop()
        mortal.arm("")
        self._recover(f"{mortal.pod.name} {name}@{at}", [mortal])
        return reached

    def at_random(self) -> None:
        """Kill one pod or both under load."""
        mortals = self._rng.choices(
            ([self.network.origin], [self.network.friend], [self.network.origin, self.network.friend]), (6, 2, 2)
        )[0]
        self._load.start()
        time.sleep(self._rng.uniform(0.05, 2.5))
        for mortal in mortals:
            mortal.kill()
            self.summary.random_kills += 1
        self._load.stop()
        for mortal in mortals:
            for _ in range(self._rng.choice(self._restarts)):
                mortal.start_and_kill(self._rng.uniform(0.2, 2.5))
                self.summary.while_starting += 1
        self._recover("random " + " ".join(mortal.pod.name for mortal in mortals), mortals)

    def finish(self) -> Summary:
        """Compare a last time and end the network; its folder stays when something is wrong."""
        if self._recovered % self._check_every:
            self.network.check()
        self.summary.seconds = time.monotonic() - self._begun
        self.summary.acknowledged = self.network.oracle.acknowledged
        self.summary.problems = self.network.oracle.problems
        self.summary.longest_start = max(self.network.origin.longest_start, self.network.friend.longest_start)
        self.network.stop(keep=bool(self.summary.problems))
        return self.summary

    def _recover(self, what: str, mortals: Sequence[MortalPod]) -> None:
        before = len(self.network.oracle.problems)
        for mortal in mortals:
            if not mortal.start():
                raise AssertionError(f"{mortal.pod.name} does not start after {what}; see {mortal.pod.log}")
        self._recovered += 1
        if self._recovered % self._check_every == 0:
            self.network.check()
        found = self.network.oracle.problems[before:]
        if self._verbose or found:
            done = self.network.oracle.acknowledged.total()
            print(f"{self.summary.kills} {what}: {done} acknowledged; {found or 'ok'}", file=sys.stderr, flush=True)

    def _count(self, name: str) -> None:
        self.summary.at_failpoints[name] += 1
