"""Channels as JSON (PeerTube's REST API: VideoChannel, VideoChannelSummary)."""

from typing import Any

from peertube.api.representations.accounts import account_full, origin_of, shown_host
from peertube.api.representations.actor_images import avatars, banners
from peertube.api.representations.times import iso
from peertube.config.schema import WebServer
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.taxonomy import CATEGORIES, UNKNOWN
from peertube.usecases.channels import DAY_MS, STATS_DAYS, OwnedChannel


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
        "streamDirectory": None if channel.directory is None else _directory(channel.directory),
        "updatedAt": iso(channel.updated_ms),
    }
    if not channel.is_local:
        del shown["hostRedundancyAllowed"]
    return shown


def channel_full(channel: Channel, account: Account, web: WebServer) -> dict[str, Any]:
    """A channel with the account that owns it."""
    return {**channel_alone(channel, web), "ownerAccount": account_full(account, web)}


def owned_channel(one: OwnedChannel, web: WebServer, now_ms: int) -> dict[str, Any]:
    """A channel with its owner, and with its numbers if there are any."""
    shown = channel_full(one.channel, one.account, web)
    if one.stats is None:
        return shown
    today = now_ms // DAY_MS
    days = range(today - STATS_DAYS + 1, today + 1)
    return {
        **shown,
        "videosCount": one.stats.videos,
        "totalViews": one.stats.views,
        "viewsPerDay": [{"date": iso(day * DAY_MS), "views": one.stats.per_day.get(day, 0)} for day in days],
    }


def _directory(category: int) -> dict[str, Any]:
    """The category under which a channel stands in the directory (ours)."""
    return {"id": category, "label": CATEGORIES.get(category, UNKNOWN)}
