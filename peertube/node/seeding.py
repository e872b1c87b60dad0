"""The hybrid seeder, joined to the tracker whose swarms it takes part in."""

import socket
from collections.abc import Iterable
from pathlib import Path

from peertube.config.schema import Settings
from peertube.node.ground import Ground
from peertube.node.use_cases import UseCases
from peertube.torrents.hybrid import HybridSeeder, Place
from peertube.tracker.membership import Membership
from peertube.tracker.part import TrackerPart

_ANYWHERE = ("", "0.0.0.0", "::")


def own_address(settings: Settings) -> str:
    """The address by which the seeder reaches the pod's tracker, and from which it comes there."""
    hostname = settings.listen.hostname
    return "127.0.0.1" if hostname in (*_ANYWHERE, "localhost") else hostname


def guarded_addresses(settings: Settings) -> tuple[str, ...]:
    """Whom the tracker tells of public addresses alone: the seeder, unless the pod may connect to others."""
    guarded = settings.seeding.hybrid.enabled and not settings.outbound.allow_private_addresses
    return (own_address(settings),) if guarded else ()


def hybrid_seeder(ground: Ground, use_cases: UseCases, tracker: TrackerPart) -> HybridSeeder:
    """As the settings want it."""
    settings = ground.settings
    hybrid, listen, name = settings.seeding.hybrid, settings.listen, settings.webserver.hostname

    async def addresses() -> Iterable[str]:
        if hybrid.addresses:
            return hybrid.addresses
        try:
            found = await ground.in_thread(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM)
        except OSError:
            return []
        return dict.fromkeys(str(where[0]).partition("%")[0] for *_, where in found)

    own = own_address(settings)
    return HybridSeeder(
        reactor=ground.reactor,
        settings=hybrid,
        place=Place(
            interface=hybrid.hostname or listen.hostname,
            tracker=f"ws://{f'[{own}]' if ':' in own else own}:{listen.port}/tracker/socket",
            announce_seconds=settings.tracker.websocket_interval,
            scratch=Path(settings.storage.tmp).absolute() / "seeding",
            allow_private=settings.outbound.allow_private_addresses,
        ),
        swarms=Membership(
            tracker=tracker.tracker,
            now=ground.reactor.seconds,
            processes=tracker.processes,
            own=ground.tasks.own,
        ),
        source_of=use_cases.seeding.source,
        addresses=addresses,
        fraction=ground.randomness.fraction,
    )
