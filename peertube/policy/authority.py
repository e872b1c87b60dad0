"""May actor A act on object O? The one place that says so.

Decided by owner, role and origin, never by what a body claims.
"""

from peertube.model.accounts import LOCAL, Account
from peertube.model.channels import Channel
from peertube.model.users import ROOT, Right, Role, User, Viewer
from peertube.model.videos import Video


def may_manage_user(actor: User, target: User) -> bool:
    """Whether `actor` may look at, change, block or remove the login `target`: moderators only plain users."""
    if not actor.has(Right.MANAGE_USERS):
        return False
    return actor.role is Role.ADMINISTRATOR or target.role is Role.USER


def may_give_role(actor: User, role: Role) -> bool:
    """Whether `actor` may make a user of this role."""
    if not actor.has(Right.MANAGE_USERS):
        return False
    return actor.role is Role.ADMINISTRATOR or role is Role.USER


def is_root(user: User) -> bool:
    """Whether this is the login that nobody may remove, block or give another role."""
    return user.username == ROOT


def owns(viewer: Viewer | None, account: Account) -> bool:
    """Whether the account is the viewer's own."""
    return viewer is not None and account.host == LOCAL and account.id == viewer.user.account_id


def may_own_channel(viewer: Viewer, channel: Channel) -> bool:
    """Whether the viewer may remove a channel, and invite to it: its owner and who manages any channel of this pod."""
    if channel.host != LOCAL or viewer.user.blocked:
        return False
    return channel.account_id == viewer.user.account_id or viewer.user.has(Right.MANAGE_ANY_VIDEO_CHANNEL)


def may_update_channel(viewer: Viewer, channel: Channel) -> bool:
    """Whether the viewer may change a channel and publish in it: who owns it, and who was let in to take part."""
    if channel.host != LOCAL or viewer.user.blocked:
        return False
    return may_own_channel(viewer, channel) or channel.id in viewer.user.collaborates_on


def may_see_own_lists(viewer: Viewer, account_id: int) -> bool:
    """Whether the viewer may see who follows an account's channels, and what it rated: the account itself."""
    return viewer.user.account_id == account_id and not viewer.user.blocked


def may_give_video(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may offer a video to somebody else: its owner, and who may change who owns any video."""
    if video.host != LOCAL or viewer.user.blocked:
        return False
    return owns(viewer, video.account) or viewer.user.has(Right.CHANGE_VIDEO_OWNERSHIP)


def may_update_video(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may change a video: never one of another pod, whatever the viewer's rights."""
    return _acts_on_video(viewer, video, Right.UPDATE_ANY_VIDEO)


def may_remove_video(viewer: Viewer, video: Video) -> bool:
    """Whether the viewer may remove a video for good: never one of another pod, whatever the viewer's rights."""
    return _acts_on_video(viewer, video, Right.REMOVE_ANY_VIDEO)


def _acts_on_video(viewer: Viewer, video: Video, right: Right) -> bool:
    if video.host != LOCAL or viewer.user.blocked:
        return False
    return owns(viewer, video.account) or video.channel.id in viewer.user.collaborates_on or viewer.user.has(right)


def may_pod_change(origin_host: str, signing_host: str) -> bool:
    """Whether the pod that signed may add, update or remove an object of `origin_host`: only its own objects.

    Both hosts are normalised (`policy.hosts`). Nobody else's pod changes what lives here.
    """
    return origin_host != LOCAL and origin_host == signing_host
