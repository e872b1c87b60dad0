"""What works without being asked."""

import secrets
from collections.abc import Mapping

from peertube.delivery.sender import Sender
from peertube.jobs.worker import Worker
from peertube.model import topics
from peertube.node.ground import Ground
from peertube.node.seeding import guarded_addresses, hybrid_seeder
from peertube.node.use_cases import UseCases
from peertube.torrents.hybrid import HybridSeeder
from peertube.tracker.part import TrackerPart, tracker_of
from peertube.usecases.friend_attempts import ADD_FRIEND, MAKE_FRIENDS
from peertube.usecases.friend_health import RENEW, RESTORE
from peertube.usecases.friend_proposals import APPROVE
from peertube.usecases.friendships import FAREWELL
from peertube.usecases.outbox import EMAIL
from peertube.usecases.ports import JobRunner, Message
from peertube.usecases.search_indexing import INDEX_SEARCH
from peertube.usecases.unnamed_files import DISCARD_FILES


class Background:
    """Jobs, deliveries and the tracker.

    :param listening: whether the tracker opens its UDP socket.
    """

    def __init__(self, ground: Ground, use_cases: UseCases, *, listening: bool) -> None:
        self._ground, self._use_cases = ground, use_cases
        settings, reactor = ground.settings, ground.reactor
        runners: Mapping[str, JobRunner] = {
            **use_cases.publishing.runners(),
            INDEX_SEARCH: use_cases.search_indexing.run,
            EMAIL: use_cases.outbox.send,
            **use_cases.scheduled_updates.runners(),
            **use_cases.storyboards.runners(),
            DISCARD_FILES: use_cases.unnamed_files.discard,
            MAKE_FRIENDS: use_cases.attempts.run,
            ADD_FRIEND: use_cases.attempts.run_offer,
            FAREWELL: use_cases.pods.say_farewell,
            RESTORE: use_cases.attempts.restore,
            RENEW: use_cases.attempts.renew,
            APPROVE: use_cases.attempts.approve,
        }
        self.worker = Worker(
            reactor=reactor, jobs=use_cases.jobs, runners=runners, settings=settings.jobs, alone=ground.engine.alone
        )
        self.sender = Sender(reactor=reactor, deliveries=use_cases.deliveries, clock=ground.clock)
        self.tracker: TrackerPart | None = None
        if settings.tracker.enabled:
            udp = settings.tracker.udp
            self.tracker = TrackerPart(
                tracker=tracker_of(settings.tracker, guarded=guarded_addresses(settings)),
                interface=udp.hostname or settings.listen.hostname,
                udp_port=(udp.port or settings.listen.port) if udp.enabled and listening else None,
                reactor=reactor,
                secret=secrets.token_bytes(32),
                settings=settings.tracker,
                tells_demand=settings.seeding.hybrid.enabled,
            )
            ground.publisher.subscribe(topics.TORRENTS, self.tracker.hear)
        self.seeder: HybridSeeder | None = None
        if self.tracker is not None and settings.seeding.hybrid.enabled and listening:
            self.seeder = hybrid_seeder(ground, use_cases, self.tracker)
            ground.publisher.subscribe(topics.TORRENTS, self.seeder.hear)
        ground.publisher.subscribe(topics.CONFIGURATION, self._follow_configuration)
        ground.publisher.subscribe(topics.INSTANCE_PICTURES, self._load_own_pages)
        ground.publisher.subscribe(topics.HOME_PAGE, self._load_own_pages)
        ground.publisher.subscribe(topics.TORRENTS, use_cases.open_files.hear)
        ground.publisher.subscribe(topics.LISTS, ground.forget_totals)
        ground.publisher.subscribe(topics.JOBS, self.worker.wake)
        ground.publisher.subscribe(topics.DELIVERIES, self.sender.wake)
        ground.publisher.subscribe(topics.SESSIONS, use_cases.sessions.sessions_ended)
        ground.publisher.subscribe(topics.USERS, use_cases.sessions.users_changed)
        ground.shared.on_gap(use_cases.sessions.news_missed)
        ground.shared.on_gap(lambda: self._load_own_pages({}))
        ground.shared.on_gap(ground.forget_totals)
        ground.shared.on_gap(lambda: self.worker.wake({}))
        ground.shared.on_gap(lambda: self.sender.wake({"pods": []}))

    def _follow_configuration(self, news: Message) -> None:
        configuration = self._use_cases.configuration
        if configuration.is_behind(news):
            self._ground.tasks.own(configuration.load())

    def _load_own_pages(self, news: Message) -> None:
        self._ground.tasks.own(self._use_cases.instance_pictures.load())
        self._ground.tasks.own(self._use_cases.home_page.load())

    def seeder_numbers(self) -> Mapping[str, int]:
        """Counts of the hybrid seeder by name; empty where none runs."""
        return {} if self.seeder is None else self.seeder.numbers()

    def tracker_numbers(self) -> Mapping[str, int]:
        """Counts of the tracker by name; empty where none runs."""
        return {} if self.tracker is None else self.tracker.numbers()
