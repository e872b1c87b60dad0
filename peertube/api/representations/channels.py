"""Channels as JSON (PeerTube's REST API: VideoChannel, VideoChannelSummary)."""

from typing import Any

from peertube.api.representations.accounts import account_full, origin_of, shown_host
from peertube.api.representations.actor_images import avatars, banners
from peertube.api.representations.times import iso
from peertube.config.schema import WebServer
from peertube.model.accounts import Account
from peertube.model.channels import Channel


def channel_summary(channel: Channel, web: WebServer) -> dict[str, Any]:
    """A channel inside another object."""
    return {
        "id": channel.id,
        "name": channel.name,
        "displayName": channel.display_name,
        "url": f"{origin_of(channel.host, web)}/video-channels/{channel.name}",
        "host": shown_host(channel.host, web),
        **avatars(channel.avatar, web),
    }


def channel_alone(channel: Channel, web: WebServer) -> dict[str, Any]:
    """A channel by itself, without its owner."""
    shown: dict[str, Any] = {
        "url": f"{origin_of(channel.host, web)}/video-channels/{channel.name}",
        "name": channel.name,
        "host": shown_host(channel.host, web),
        **avatars(channel.avatar, web),
        "id": channel.id,
        "hostRedundancyAllowed": False,
        "followingCount": 0,
        "followersCount": channel.followers,
        "createdAt": iso(channel.created_ms),
        **banners(channel.banner, web),
        "displayName": channel.display_name,
        "description": channel.description,
        "support": channel.support,
        "isLocal": channel.is_local,
        "updatedAt": iso(channel.updated_ms),
    }
    if not channel.is_local:
        del shown["hostRedundancyAllowed"]
    return shown


def channel_full(channel: Channel, account: Account, web: WebServer) -> dict[str, Any]:
    """A channel with the account that owns it."""
    return {**channel_alone(channel, web), "ownerAccount": account_full(account, web)}
