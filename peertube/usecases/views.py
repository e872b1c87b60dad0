"""Views: players say every few seconds where they are; who watched enough is counted, who watches now is known."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from peertube.model.users import Viewer
from peertube.model.videos import Video
from peertube.model.watching import Agent, Watching
from peertube.policy.user_agents import agent_of
from peertube.policy.watching import ONCE_PER_MS, USUAL, Rule, Watch, counted, counts, gained, go_on, see
from peertube.storage import views
from peertube.storage.database import Database, Transaction
from peertube.usecases import friend_counts
from peertube.usecases.ports import Clock, Counters
from peertube.usecases.videos import by_identifier, require_visible

MAXIMUM_WATCHES = 100_000
"""How many (video, session) pairs are remembered; the ones silent for longest are forgotten first."""

MAXIMUM_VIEWS_OF_ADDRESS = 50
"""So many sessions behind one address are counted as views of one video within an hour."""

VIEWER_MS = 120_000
"""Who said something within this time is watching."""

Key = tuple[int, str]


class Views:
    """Counts views and viewers of videos in this process.

    :param listeners: called with each word of a player.
    :param rule: what counts as a view.
    :param trust_sessions: whether players tell their viewers apart; otherwise all behind an address are one.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        counters: Counters,
        maximum_watches: int = MAXIMUM_WATCHES,
        listeners: Sequence[Callable[[Watching], None]] = (),
        rule: Rule = USUAL,
        trust_sessions: bool = True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._counters = counters
        self._maximum_watches = maximum_watches
        self._listeners = tuple(listeners)
        self._rule = rule
        self._trust_sessions = trust_sessions
        self._watches: OrderedDict[Key, Watch] = OrderedDict()
        self._viewers: dict[int, OrderedDict[Key, int]] = {}

    async def watch(
        self,
        viewer: Viewer | None,
        id_or_uuid: str,
        *,
        address: str,
        position: int,
        session: str | None = None,
        seeked: bool = False,
        opened: bool = False,
        agent: Agent | None = None,
    ) -> None:
        """A player says that it is at `position` (seconds).

        :param opened: what opens the video was shown.
        :param session: what the player calls itself; players without one are told apart by their address.
        """
        found = require_visible(viewer, await self._database.read(by_identifier, id_or_uuid), id_or_uuid, opened=opened)
        video = found.video
        now_ms = self._clock.now_ms()
        key = (video.id, f"{address} {(session if self._trust_sessions else None) or ''}")
        before = self._watches.get(key)
        position = min(position, video.duration)
        is_new = before is None or now_ms - before.seen_ms >= self._rule.once_per_ms
        if before is None or is_new:
            before = Watch(position, seen_ms=now_ms, counted_ms=None if before is None else before.counted_ms)
        watch = go_on(before, position, seeked=seeked, now_ms=now_ms)
        watch, fresh = see(watch, position if seeked or position < before.position else before.position, video.duration)
        views_now = counts(watch, video.duration, now_ms, self._rule)
        self._remember(key, counted(watch, now_ms) if views_now else watch, now_ms)
        watching = Watching(
            video=video,
            viewer=viewer,
            agent=agent or agent_of(""),
            position=position,
            is_new=is_new,
            gained=gained(before, position, seeked=seeked),
            stretches=fresh,
            viewers=self.viewers_of(video.id),
            now_ms=now_ms,
        )
        for listener in self._listeners:
            listener(watching)
        if views_now and self._may_count(video.id, address):
            await self._database.write(self._count, video, now_ms)

    async def _count(self, tx: Transaction, video: Video, now_ms: int) -> None:
        await views.add(tx, video.id, 1, now_ms)
        await friend_counts.tell(tx, video, now_ms, views=1)

    def viewers_of(self, video_id: int) -> int:
        """How many watch a video now, as far as this process knows."""
        watching = self._viewers.get(video_id)
        if watching is None:
            return 0
        self._drop_silent(video_id, watching, self._clock.now_ms())
        return len(watching)

    def _may_count(self, video_id: int, address: str) -> bool:
        hits = self._counters.hit(f"views {video_id} {address}", ONCE_PER_MS / 1000)
        return hits <= MAXIMUM_VIEWS_OF_ADDRESS

    def _remember(self, key: Key, watch: Watch, now_ms: int) -> None:
        self._watches[key] = watch
        self._watches.move_to_end(key)
        watching = self._viewers.setdefault(key[0], OrderedDict())
        watching[key] = now_ms
        watching.move_to_end(key)
        while self._watches:
            oldest, last = next(iter(self._watches.items()))
            if len(self._watches) <= self._maximum_watches and now_ms - last.seen_ms < self._rule.once_per_ms:
                return
            del self._watches[oldest]
            self._forget_viewer(oldest)

    def _forget_viewer(self, key: Key) -> None:
        watching = self._viewers.get(key[0])
        if watching is not None:
            watching.pop(key, None)
            if not watching:
                del self._viewers[key[0]]

    def _drop_silent(self, video_id: int, watching: OrderedDict[Key, int], now_ms: int) -> None:
        while watching:
            key, seen_ms = next(iter(watching.items()))
            if now_ms - seen_ms < VIEWER_MS:
                return
            del watching[key]
        self._viewers.pop(video_id, None)
