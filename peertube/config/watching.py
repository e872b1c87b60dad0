"""Sections of the configuration about watching: previews to seek by, views, histories."""

from peertube.config.values import Age, Seconds, Section


class Storyboards(Section):
    """Pictures of many small frames, for those who look for a place in a video."""

    enabled: bool = True


class WatchingInterval(Section):
    """How often players say where they are, in seconds."""

    anonymous: Seconds = 5
    users: Seconds = 5


class ViewsOfVideos(Section):
    """What counts as a view."""

    count_view_after: Seconds = 10
    view_expiration: Seconds = 3600
    trust_view_session_id: bool = True
    watching_interval: WatchingInterval = WatchingInterval()


class Views(Section):
    """Views and viewers."""

    videos: ViewsOfVideos = ViewsOfVideos()


class HistoryOfVideos(Section):
    """What users watched; -1 means that it is kept for ever."""

    max_age: Age = -1


class History(Section):
    """What is remembered for users."""

    videos: HistoryOfVideos = HistoryOfVideos()
