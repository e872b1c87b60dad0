"""The composition root: every object of a pod is built and joined in this package, and nowhere else.

From the bottom up: the ground, the use cases, what works in the background, what is served. Here: in which order the
parts start.
"""

import os
from typing import Any

from twisted.logger import Logger

from peertube.config.schema import Settings
from peertube.http.site import PodSite
from peertube.http.transport import Listener
from peertube.node.background import Background
from peertube.node.ground import Ground
from peertube.node.serving import Serving
from peertube.node.use_cases import UseCases
from peertube.pods.client import Web
from peertube.service import Hooks, Part, Parts, Periodic
from peertube.storage import videos as stored_videos

_HOUR_SECONDS = 3600.0
_WATCHING_SECONDS = 10.0
"""What players said since is lost when the process dies."""
_SWEPT_FOR_SECONDS = 0.9 * _HOUR_SECONDS
"""The lock of a sweep is kept, so that other processes have nothing to do in this hour."""


class Node:
    """One pod.

    :param reactor: threads, processes, sockets and timers.
    :param web: how other servers are reached; the guarded client when None (tests join nodes in memory).
    :param listening: whether to open sockets.
    """

    _log = Logger()

    def __init__(self, settings: Settings, reactor: Any, *, web: Web | None = None, listening: bool = True) -> None:
        self._listening = listening
        self._ground = Ground(settings, reactor, web)
        self._use_cases = UseCases(self._ground)
        self._background = Background(self._ground, self._use_cases, listening=listening)
        self._serving = Serving(self._ground, self._use_cases, self._background)
        self._parts = Parts(self._ordered())
        self._ground.shared.on_gap(lambda: self._ground.tasks.own(self._load_torrents()))

    async def start(self) -> None:
        """Start every part in order; when this returns, the pod answers."""
        await self._parts.start()

    async def stop(self) -> None:
        """Stop in reverse."""
        await self._parts.stop()

    @property
    def site(self) -> PodSite:
        """What is served by HTTP."""
        return self._serving.site

    @property
    def api_document(self) -> dict[str, Any]:
        """The REST API as it describes itself (OpenAPI)."""
        return self._serving.document()

    def _ordered(self) -> list[tuple[str, Part]]:
        ground, use_cases, background = self._ground, self._use_cases, self._background
        reactor = ground.reactor
        parts: list[tuple[str, Part]] = [
            ("migrations", ground.engine.migration),
            ("database", ground.engine.database),
            *ground.shared.parts,
            ("configuration", Hooks(start=use_cases.configuration.load)),
            ("instance pictures", Hooks(start=use_cases.instance_pictures.load)),
            ("home page", Hooks(start=use_cases.home_page.load)),
            ("storage", ground.storage),
            ("log", ground.log_files),
            ("names of hosts", ground.names),
            ("keys", ground.certs),
            ("vault", ground.vault),
            ("media programs", ground.launcher),
            ("password hashing", ground.hasher),
            ("piece hashing", ground.pieces),
            ("secret box", use_cases.secret_box),
            ("sessions", use_cases.sessions),
            ("first user", Hooks(start=self._make_first_user)),
            ("host", Hooks(start=self._check_host)),
            ("previews", use_cases.previews),
            ("unnamed files", Hooks(start=self._give_up_files)),
            ("what is watched", Hooks(stop=self._store_watching)),
            ("storing what is watched", Periodic("what is watched", self._store_watching, _WATCHING_SECONDS, reactor)),
            ("sweep", Periodic("the sweep", self._sweep, _HOUR_SECONDS, reactor)),
            ("worker", background.worker),
            ("sender", background.sender),
        ]
        if background.tracker is not None:
            parts += [("tracker", background.tracker), ("known torrents", Hooks(start=self._load_torrents))]
        parts.append(("requests", Hooks(stop=ground.tasks.stop)))
        if self._listening:
            where = ground.settings.listen
            site: Any = self._serving.site
            http = Listener(
                reactor=reactor,
                factory=site,
                interface=where.hostname,
                port=where.port,
                open_port=self._serving.open_port(),
            )
            parts.append(("http", http))
        if background.seeder is not None:
            parts.append(("hybrid seeding", background.seeder))
        return parts

    async def _make_first_user(self) -> None:
        generated = await self._use_cases.users.ensure_root(os.environ.get("PT_INITIAL_ROOT_PASSWORD") or None)
        if generated is not None:
            self._log.info("made the user root with the password {password}", password=generated)

    async def _check_host(self) -> None:
        known, present = await self._use_cases.host_change.remembered(), self._ground.settings.webserver.host
        if known != present:
            message = "friends know this pod as {known}, and it is {present} now: peertubectl update-host tells them"
            self._log.error(message, known=known, present=present)

    async def _give_up_files(self) -> None:
        """What a crash interrupted is over; other processes of the pod may still be writing."""
        if self._ground.engine.alone:
            await self._use_cases.unnamed_files.give_up_all()

    async def _load_torrents(self) -> None:
        known = await self._ground.database.read(stored_videos.public_info_hashes)
        tracker = self._background.tracker
        if tracker is not None:
            tracker.set_known(bytes.fromhex(info_hash) for info_hash in known)

    async def _store_watching(self) -> None:
        await self._use_cases.history.flush()
        await self._use_cases.watch_stats.flush()

    async def _sweep(self) -> None:
        """What one process does for all; each looks after the folders of its own machine."""
        await self._ground.storage.sweep(self._ground.clock.now_ms() / 1000)
        if await self._ground.locks.acquire("sweep", _SWEPT_FOR_SECONDS) is None:
            return
        await self._use_cases.history.sweep()
        await self._use_cases.watch_stats.sweep()
        await self._use_cases.sessions.sweep()
        await self._use_cases.outbox.sweep()
        await self._use_cases.people.verifications.sweep()
        await self._use_cases.resumable_uploads.sweep()
        await self._use_cases.friend_counts.sweep()
        await self._use_cases.friend_health.sweep()
