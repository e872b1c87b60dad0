"""Who may see a video."""

from peertube.errors import Forbidden, PodError, Unauthorized
from peertube.model.users import Right, User, Viewer
from peertube.model.videos import Privacy, Video, VideoState

OPEN = frozenset({Privacy.PUBLIC, Privacy.UNLISTED})
"""Privacies with which anyone who has the link may see a video; its files are served and tracked for all."""


REQUIRES_PASSWORD = "video_requires_password"
INCORRECT_PASSWORD = "incorrect_video_password"


def wrong_password() -> PodError:
    """The error for one who shows a password that the video does not have."""
    return Forbidden("Incorrect video password. Access to the video is denied", code=INCORRECT_PASSWORD)


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


def needs_password(video: Video) -> bool:
    """Whether a password of the video opens it."""
    return video.fields.privacy is Privacy.PASSWORD_PROTECTED


def can_see(viewer: Viewer | None, video: Video, *, by_number: bool = False) -> bool:
    """Whether the viewer may see the video, with nothing else to show.

    :param by_number: the video was asked for by its number, which can be guessed: an unlisted one is not shown then.
    """
    privacy = video.fields.privacy
    if privacy is Privacy.PUBLIC or (privacy is Privacy.UNLISTED and not by_number):
        return True
    if viewer is None or viewer.user.blocked:
        return False
    return privacy is Privacy.INTERNAL or is_owner(viewer.user, video) or sees_all(viewer)


def refusal(viewer: Viewer | None, video: Video) -> PodError:
    """The error for one who may not see a video: 401 for strangers, 403 for the known and where a password is asked."""
    if needs_password(video):
        return Forbidden("Please provide a password to access this password protected video", code=REQUIRES_PASSWORD)
    if viewer is None:
        return Unauthorized("You must be logged in to see this video")
    return Forbidden("You may not see this video")
