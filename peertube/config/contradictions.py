"""What no single key shows: values that cannot be meant, or that contradict each other."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

from peertube.config.schema import Settings
from peertube.errors import Invalid
from peertube.policy.hosts import normalise
from peertube.policy.names import email_fault

_NAMED_NETWORKS = ("loopback", "linklocal", "uniquelocal")


def contradictions(settings: Settings) -> Iterator[str]:
    """One line for each, beginning with the key."""
    yield from _hosts(settings)
    yield from _networks(settings)
    yield from _folders(settings)
    if settings.oauth2.token_lifetime.refresh_token < settings.oauth2.token_lifetime.access_token:
        yield "oauth2.token_lifetime.refresh_token: expected at least oauth2.token_lifetime.access_token"
    if settings.seeding.hybrid.enabled and not settings.tracker.enabled:
        yield "seeding.hybrid.enabled: expected tracker.enabled, without which nobody finds the seeder"
    for address in settings.seeding.hybrid.addresses:
        if not _is_address(address):
            yield f"seeding.hybrid.addresses: expected an address such as 198.51.100.7, found {address!r}"
    if settings.signup.enabled and settings.signup.requires_email_verification and not settings.smtp.enabled:
        yield "signup.requires_email_verification: expected smtp.hostname, without which no mail is sent"
    if email_fault(settings.smtp.from_address) is not None:
        yield f"smtp.from_address: expected an e-mail address, found {settings.smtp.from_address!r}"


def _hosts(settings: Settings) -> Iterator[str]:
    if not _is_host(settings.webserver.hostname, https=settings.webserver.https, with_port=False):
        yield f"webserver.hostname: expected a host name without port, found {settings.webserver.hostname!r}"
    for host in settings.friends.preset_hosts:
        if not _is_host(host, https=settings.webserver.https, with_port=True):
            yield f"friends.preset_hosts: expected name or name:port, found {host!r}"


def _is_host(text: str, *, https: bool, with_port: bool) -> bool:
    if not with_port:
        text = f"{text}:1"
    try:
        normalise(text, https=https)
    except Invalid:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _networks(settings: Settings) -> Iterator[str]:
    for entry in settings.trust_proxy:
        if entry.strip().lower() in _NAMED_NETWORKS:
            continue
        try:
            ip_network(entry.strip(), strict=False)
        except ValueError:
            yield f"trust_proxy: expected a network such as 10.0.0.0/8 or {', '.join(_NAMED_NETWORKS)}, found {entry!r}"


def _folders(settings: Settings) -> Iterator[str]:
    """Each kind of file needs a folder that no other kind shares or lies in."""
    folders = {f"storage.{kind}": Path(folder).absolute() for kind, folder in settings.storage}
    for name, folder in folders.items():
        for other_name, other in folders.items():
            if name != other_name and (folder.is_relative_to(other)) and (folder != other or name < other_name):
                yield f"{name}: expected a folder of its own, found one in that of {other_name}"
    database = Path(settings.database.path).absolute()
    for name, folder in folders.items():
        if database.parent.is_relative_to(folder):
            yield f"database.path: expected a path outside the folders of storage.*, found one in {name}"
