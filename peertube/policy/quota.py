"""How much a user may store."""

from peertube.errors import TooLarge
from peertube.model.users import UNLIMITED, User

DAY_MS = 86_400_000


def require_room(user: User, size: int, *, used: int, used_today: int) -> None:
    """Refuse `size` more bytes when they do not fit what a user may store in all, and within a day.

    :raises TooLarge: code ``quota_reached``.
    """
    total, daily = user.video_quota, user.video_quota_daily
    if (total != UNLIMITED and used + size > total) or (daily != UNLIMITED and used_today + size > daily):
        raise TooLarge("The user video quota is exceeded with this video", code="quota_reached")


def require_size(size: int, maximum: int) -> None:
    """Refuse a file over the pod's limit.

    :raises TooLarge: code ``max_file_size_reached``.
    """
    if size > maximum:
        raise TooLarge("This video file is too large", code="max_file_size_reached")
