"""``GET /config`` and ``/config/about``: what this pod can do. What it cannot do (yet) is said to be disabled."""

from collections.abc import Mapping

from peertube import __version__
from peertube.api.representations.actor_images import sizes
from peertube.config.schema import Settings
from peertube.model.actor_images import ActorImage, ImageKind
from peertube.model.captions import EXTENSIONS, MAXIMUM_SIZE
from peertube.policy.video_fields import IMAGE_EXTENSIONS, MAXIMUM_IMAGE_SIZE, VIDEO_EXTENSIONS
from peertube.usecases.signup import CLOSED, SignupState

Json = dict[str, object]
Pictures = Mapping[ImageKind, ActorImage]
NO_PICTURES: Pictures = {}

_OFF: Json = {"enabled": False}
_NO_RUNNERS: Json = {"enabled": False, "remoteRunners": _OFF}
_ACTOR_IMAGE: Json = {"file": {"size": {"max": MAXIMUM_IMAGE_SIZE}, "extensions": list(IMAGE_EXTENSIONS)}}
_NO_INDEX: Json = {"enabled": False, "url": "", "disableLocalSearch": False, "isDefaultSearch": False}


def config(
    settings: Settings,
    pictures: Pictures = NO_PICTURES,
    has_home_page: bool = False,
    signup: SignupState = CLOSED,
) -> Json:
    """What programs need to know before they show anything."""
    instance = settings.instance
    return {
        "client": {
            "videos": {
                "miniature": {"displayAuthorAvatar": False, "preferAuthorDisplayName": False},
                "resumableUpload": {"maxChunkSize": settings.client.videos.resumable_upload.max_chunk_size},
            },
            "menu": {"login": {"redirectOnSingleExternalAuth": False}},
        },
        "defaults": {
            "publish": {
                "downloadEnabled": True,
                "commentsPolicy": 1,
                "commentsEnabled": True,
                "privacy": 1,
                "licence": None,
            },
            "p2p": {"webapp": {"enabled": settings.tracker.enabled}, "embed": {"enabled": settings.tracker.enabled}},
        },
        "webadmin": {"configuration": {"edition": {"allowed": True}}},
        "instance": {
            "name": instance.name,
            "shortDescription": instance.short_description,
            "isNSFW": instance.is_nsfw,
            "defaultNSFWPolicy": instance.default_nsfw_policy,
            "defaultClientRoute": "/",
            "customizations": {"javascript": "", "css": ""},
            **_pictures(settings, pictures),
        },
        "search": {"remoteUri": {"users": False, "anonymous": False}, "searchIndex": _NO_INDEX},
        "plugin": {"registered": [], "registeredExternalAuths": [], "registeredIdAndPassAuths": []},
        "theme": {"registered": [], "default": "default"},
        "email": {"enabled": settings.smtp.enabled},
        "contactForm": {"enabled": settings.contact_form.enabled and settings.smtp.enabled},
        "serverVersion": __version__,
        "serverCommit": "",
        "transcoding": {
            "remoteRunners": _OFF,
            "hls": _OFF,
            "web_videos": _OFF,
            "enabledResolutions": [],
            "profile": "default",
            "availableProfiles": ["default"],
        },
        "live": _live(),
        "videoStudio": _NO_RUNNERS,
        "videoFile": {"update": {"enabled": settings.video_file.update.enabled}},
        "videoTranscription": _NO_RUNNERS,
        "import": {
            "videos": {"http": _OFF, "torrent": _OFF},
            "videoChannelSynchronization": _OFF,
            "users": _OFF,
        },
        "export": {"users": {"enabled": False, "exportExpiration": 0, "maxUserVideoQuota": 0}},
        "autoBlacklist": {"videos": {"ofUsers": _OFF}},
        "avatar": _ACTOR_IMAGE,
        "banner": _ACTOR_IMAGE,
        "video": {
            "image": {"extensions": list(IMAGE_EXTENSIONS), "size": {"max": MAXIMUM_IMAGE_SIZE}},
            "file": {"extensions": list(VIDEO_EXTENSIONS), "size": {"max": settings.upload.max_file_size}},
        },
        "videoCaption": {"file": {"size": {"max": MAXIMUM_SIZE}, "extensions": list(EXTENSIONS)}},
        "user": {"videoQuota": settings.user.video_quota, "videoQuotaDaily": settings.user.video_quota_daily},
        "videoChannels": {"maxPerUser": 20},
        "trending": {
            "videos": {"intervalDays": 7, "algorithms": {"enabled": ["most-viewed"], "default": "most-viewed"}}
        },
        "tracker": {"enabled": settings.tracker.enabled},
        "followings": {"instance": {"autoFollowIndex": {"indexUrl": ""}}},
        "broadcastMessage": {"enabled": False, "message": "", "level": "info", "dismissable": False},
        "homepage": {"enabled": has_home_page},
        "openTelemetry": {"metrics": {"enabled": False, "playbackStatsInterval": 15_000}},
        "views": {"videos": {"watchingInterval": _watching_interval(settings)}},
        "storyboards": {"enabled": settings.storyboards.enabled},
        "signup": {
            "allowed": signup.allowed,
            "allowedForCurrentIP": signup.allowed_for_address,
            "minimumAge": settings.signup.minimum_age,
            "requiresApproval": settings.signup.requires_approval,
            "requiresEmailVerification": settings.signup.requires_email_verification,
        },
    }


def about(settings: Settings, pictures: Pictures, has_home_page: bool) -> Json:
    """What the pod says about itself to people."""
    instance = settings.instance
    return {
        "instance": {
            "name": instance.name,
            "shortDescription": instance.short_description,
            "description": instance.description,
            "terms": instance.terms,
            "codeOfConduct": "",
            "hardwareInformation": "",
            "creationReason": "",
            "moderationInformation": "",
            "administrator": "",
            "maintenanceLifetime": "",
            "businessModel": "",
            "languages": list(instance.languages),
            "categories": list(instance.categories),
            **_pictures(settings, pictures),
        }
    }


def _pictures(settings: Settings, pictures: Pictures) -> Json:
    shown = {kind: sizes(pictures.get(kind), kind, settings.webserver) for kind in ImageKind}
    return {"avatars": shown[ImageKind.AVATAR], "banners": shown[ImageKind.BANNER]}


def _live() -> Json:
    return {
        "enabled": False,
        "allowReplay": False,
        "latencySetting": _OFF,
        "maxDuration": -1,
        "maxInstanceLives": 0,
        "maxUserLives": 0,
        "transcoding": {
            "enabled": False,
            "remoteRunners": _OFF,
            "enabledResolutions": [],
            "profile": "default",
            "availableProfiles": ["default"],
        },
        "rtmp": {"port": 1935},
    }


def _watching_interval(settings: Settings) -> Json:
    """In milliseconds."""
    interval = settings.views.videos.watching_interval
    return {"anonymous": int(interval.anonymous * 1000), "users": int(interval.users * 1000)}
