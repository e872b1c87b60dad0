"""Who may see a video."""

from peertube.errors import Forbidden, PodError, Unauthorized
from peertube.model.users import Right, User, Viewer
from peertube.model.videos import Privacy, Video, VideoState

OPEN = frozenset({Privacy.PUBLIC, Privacy.UNLISTED})
"""Privacies with which anyone who has the link may see a video; its files are served and tracked for all."""


def is_open(video: Video) -> bool:
    """Whether anyone who has the link may see the video."""
    return video.fields.privacy in OPEN


def is_shared(video: Video) -> bool:
    """Whether friends are told of the video: published and public."""
    return video.fields.privacy is Privacy.PUBLIC and video.state is VideoState.PUBLISHED


def is_owner(user: User, video: Video) -> bool:
    """Whether the video is one of the user's, or in a channel that the user takes part in."""
    return video.is_local and (video.account.user_id == user.id or video.channel.id in user.collaborates_on)


def sees_all(viewer: Viewer | None) -> bool:
    """Whether nothing is hidden from the viewer."""
    return viewer is not None and viewer.user.has(Right.SEE_ALL_VIDEOS)


def can_see(viewer: Viewer | None, video: Video, *, by_number: bool = False) -> bool:
    """Whether the viewer may see the video.

    :param by_number: the video was asked for by its number, which can be guessed: an unlisted one is not shown then.
    """
    privacy = video.fields.privacy
    if privacy is Privacy.PUBLIC or (privacy is Privacy.UNLISTED and not by_number):
        return True
    if viewer is None or viewer.user.blocked:
        return False
    return privacy is Privacy.INTERNAL or is_owner(viewer.user, video) or sees_all(viewer)


def refusal(viewer: Viewer | None) -> PodError:
    """The error for one who may not see a video: 401 for strangers, 403 for the known."""
    if viewer is None:
        return Unauthorized("You must be logged in to see this video")
    return Forbidden("You may not see this video")
