"""The ground floor of a pod."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from peertube.config.current import Current
from peertube.config.schema import Settings
from peertube.delivery.names import Names
from peertube.delivery.outbound import Outbound
from peertube.delivery.together import Concurrently
from peertube.files.certs import Certs
from peertube.files.local import LocalStorage
from peertube.files.log_files import LogFiles
from peertube.files.vault import Vault
from peertube.mail.message import Sender
from peertube.mail.smtp import SmtpMailer
from peertube.media.captions import CaptionFiles
from peertube.media.ffmpeg import Launcher
from peertube.media.thumbnails import SandboxedMedia
from peertube.model import topics
from peertube.node.engines import engine_of, shared_state_of
from peertube.pages import languages
from peertube.pages.languages import Languages
from peertube.pods.client import Web
from peertube.service import Tasks
from peertube.shared.clock import SystemClock
from peertube.shared.passwords import Argon2Hasher
from peertube.shared.randomness import SystemRandomness
from peertube.storage.watched import WatchedDatabase
from peertube.torrents.hashing import PieceHashing
from peertube.usecases.ports import Message
from peertube.usecases.totals import Totals, concern_lists


class Ground:
    """What everything else stands on: time, news, database, files, threads, programs, the way to other servers."""

    def __init__(self, settings: Settings, reactor: Any, web: Web | None) -> None:
        self.settings = settings
        self.current = Current(settings)
        self.reactor = reactor
        self.clock = SystemClock(reactor=reactor)
        self.randomness = SystemRandomness()
        self.shared = shared_state_of(settings, reactor)
        self.publisher = self.shared.publisher
        self.counters = self.shared.counters
        self.locks = self.shared.locks
        self.engine = engine_of(settings.database, reactor)
        self.totals = Totals(cache=self.shared.totals)
        self.database = WatchedDatabase(self.engine.database, self._changed)
        self.storage = LocalStorage(reactor, settings.storage)
        self.log_files = LogFiles(folder=settings.storage.logs, settings=settings.log, in_thread=self.in_thread)
        self.hasher = Argon2Hasher(reactor=reactor)
        self.pieces = PieceHashing(reactor)
        self.launcher = Launcher(reactor)
        self.media = SandboxedMedia(reactor, self.launcher)
        self.caption_files = CaptionFiles(reactor)
        self.certs = Certs(reactor, settings.storage.certs)
        self.languages = Languages(languages.load())
        self.mailer = SmtpMailer(
            reactor=reactor,
            settings=settings.smtp,
            clock=self.clock,
            texts_of=lambda wanted: self.languages.choose(wanted, wanted),
            sender=self._sender,
        )
        self.vault = Vault(reactor, settings.storage.certs)
        self.tasks = Tasks(reactor)
        self.together = Concurrently()
        self.names = Names(reactor)
        self.web = web or Outbound(
            reactor=reactor,
            resolve=self.names.resolve,
            allow_private=settings.outbound.allow_private_addresses,
            ports=settings.outbound.allowed_ports,
            timeout_seconds=settings.friends.request_timeout,
        )

    def _sender(self) -> Sender:
        settings = self.current.settings
        return Sender(settings.instance, settings.email, settings.webserver.origin, settings.smtp.from_address)

    def _changed(self, changes: frozenset[str]) -> None:
        """Rows were changed by this process: what it and others have counted may be wrong now."""
        if concern_lists(changes):
            self.forget_totals()
            self.publisher.publish(topics.LISTS, {})

    def forget_totals(self, news: Message | None = None) -> None:
        """Some list is longer or shorter."""
        self.tasks.own(self.totals.forget())

    def in_thread(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> "Deferred[Any]":
        """Call something slow off the reactor."""
        return deferToThreadPool(self.reactor, self.reactor.getThreadPool(), work, *arguments, **named)
