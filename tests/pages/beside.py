"""What is beside a made-up video: captions, chapters, a storyboard, a history, statistics."""

from peertube.model.captions import Caption
from peertube.model.chapters import Chapter
from peertube.model.pages import Listing
from peertube.model.storyboards import Storyboard
from peertube.model.watching import AgentKind
from peertube.usecases.watch_stats import Overall, Series
from tests.http.serving import NOW_MS
from tests.pages.videos import HOSTILE, video

HOUR_MS = 3_600_000


class FakeBeside:
    """Captions in two languages, a storyboard, and a history with one video in it."""

    def __init__(self) -> None:
        self.done: list[object] = []

    async def of_video(self, viewer, id_or_uuid, *, opened=False):
        return Storyboard(1, "board.jpg", 768, 324, 192, 108, 2)

    async def positions(self, viewer, listed):
        return {} if viewer is None else {one.id: 65 for one in listed}

    async def times(self, viewer, listed):
        return {one.id: NOW_MS - one.id * HOUR_MS for one in listed}

    async def listing(self, viewer, *asked, opened=False):
        if asked and isinstance(asked[0], str):
            return tuple(Caption(1, language, f"a-{language}.vtt", False, NOW_MS) for language in ("de", "en"))
        return Listing(2, (video(), video(2, HOSTILE)))

    async def unfinished(self, viewer, window):
        return Listing(None, (video(2, "Half of it"),))

    async def forget(self, viewer, id_or_uuid):
        self.done.append(("forget", id_or_uuid))

    async def forget_before(self, viewer, before_ms):
        self.done.append(("forget before", before_ms))

    async def put(self, viewer, id_or_uuid, language, sent, filename):
        self.done.append(("put", language, filename))

    async def remove(self, viewer, id_or_uuid, language):
        self.done.append(("remove", language))


class FakeChapters:
    """Two chapters."""

    def __init__(self) -> None:
        self.done: list[object] = []

    async def listing(self, viewer, id_or_uuid, *, opened=False):
        return (Chapter(0, "Start"), Chapter(65, HOSTILE))

    async def replace(self, viewer, id_or_uuid, wanted):
        self.done.append(wanted)


class FakeStatistics:
    """Somebody watched."""

    async def overall(self, viewer, id_or_uuid, from_ms, until_ms):
        return Overall(viewers=12, watched_seconds=1234, peak=3, peak_ms=NOW_MS)

    async def series(self, viewer, id_or_uuid, metric, from_ms, until_ms):
        return Series(24, [(NOW_MS - day * 24 * HOUR_MS, day % 7) for day in range(30, -1, -1)])

    async def retention(self, viewer, id_or_uuid):
        return [(second, 100 - second / 5) for second in range(243)]

    async def agents(self, viewer, id_or_uuid, from_ms, until_ms):
        return {kind: {"Firefox": 7, "Other": 5} for kind in AgentKind}
