"""Accounts as JSON (PeerTube's REST API: Account, AccountSummary)."""

from typing import Any

from peertube.api.representations.actor_images import avatars
from peertube.api.representations.times import iso
from peertube.config.schema import WebServer
from peertube.model.accounts import LOCAL, Account


def origin_of(host: str, web: WebServer) -> str:
    """The start of the URLs of a host (LOCAL for this pod): other pods are reached in the way this one is."""
    if host == LOCAL:
        return web.origin
    return f"{'https' if web.https else 'http'}://{host}"


def shown_host(host: str, web: WebServer) -> str:
    """The host as others spell it (LOCAL for this pod)."""
    return web.host if host == LOCAL else host


def account_summary(account: Account, web: WebServer) -> dict[str, Any]:
    """An account inside another object."""
    return {
        "id": account.id,
        "displayName": account.display_name,
        "name": account.name,
        "url": f"{origin_of(account.host, web)}/accounts/{account.name}",
        "host": shown_host(account.host, web),
        **avatars(account.avatar, web),
    }


def account_full(account: Account, web: WebServer) -> dict[str, Any]:
    """An account by itself."""
    shown: dict[str, Any] = {
        "url": f"{origin_of(account.host, web)}/accounts/{account.name}",
        "name": account.name,
        "host": shown_host(account.host, web),
        **avatars(account.avatar, web),
        "id": account.id,
        "hostRedundancyAllowed": False,
        "followingCount": account.following,
        "followersCount": account.followers,
        "createdAt": iso(account.created_ms),
        "displayName": account.display_name,
        "description": account.description,
        "updatedAt": iso(account.updated_ms),
        "userId": account.user_id,
    }
    if not account.is_local:
        del shown["hostRedundancyAllowed"], shown["userId"]
    return shown
