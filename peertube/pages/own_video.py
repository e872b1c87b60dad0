"""The video that a page about one of one's own videos is of, and the way to the other such pages."""

from peertube.errors import Forbidden, NotFound
from peertube.model.users import Right
from peertube.model.videos import VideoDetails
from peertube.pages.videos import VideoReader
from peertube.pages.visits import Visit
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.visibility import is_owner


async def own_video(videos: VideoReader, visit: Visit, identifier: str, right: Right) -> VideoDetails:
    """The video, when it is one of this server and the visitor's own, or the visitor has the right."""
    uuid = identify_uuid(identifier)
    if uuid is None:
        raise NotFound("Video not found")
    found = await videos.details(visit.viewer, uuid)
    if not found.video.is_local or not (is_owner(visit.user().user, found.video) or visit.may(right)):
        raise Forbidden("This is not your video")
    return found
