"""How much a user may store."""

from peertube.errors import TooLarge
from peertube.model.users import UNLIMITED, User

DAY_MS = 86_400_000


def require_room(user: User, size: int, *, used: int, used_today: int) -> int | None:
    """Refuse `size` more bytes when they do not fit what a user may store in all, and within a day.

    :returns: how many bytes would fit; None when there is no limit.
    :raises TooLarge: code ``quota_reached``.
    """
    limits = ((user.video_quota, used), (user.video_quota_daily, used_today))
    rooms = [max(0, quota - taken) for quota, taken in limits if quota != UNLIMITED]
    if any(size > room for room in rooms):
        raise TooLarge("The user video quota is exceeded with this video", code="quota_reached")
    return min(rooms, default=None)


def require_size(size: int, maximum: int) -> None:
    """Refuse a file over the pod's limit.

    :raises TooLarge: code ``max_file_size_reached``.
    """
    if size > maximum:
        raise TooLarge("This video file is too large", code="max_file_size_reached")
