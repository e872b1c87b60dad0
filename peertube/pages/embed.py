"""The player that other sites show in a frame.

It shows what anybody with the link may see and nothing else, whoever is signed in here: a page around it is not
trusted. It takes PeerTube's `start`, `stop`, `autoplay`, `muted`, `loop` and `controls`.
"""

from attrs import frozen

from peertube.errors import NotFound
from peertube.http.routing import Access
from peertube.model.videos import VideoDetails
from peertube.pages.links import Links, playable
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Shown, Visit
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.visibility import is_open


@frozen
class EmbedPages:
    """`/videos/embed/<id>`."""

    videos: VideoReader
    links: Links

    def routes(self) -> list[PageRoute]:
        """The one page."""
        return [PageRoute("GET", "/videos/embed/<identifier>", Access.ANYONE, self.embed)]

    async def embed(self, visit: Visit, identifier: str) -> Shown:
        """Play a video on another site."""
        uuid = identify_uuid(identifier)
        if uuid is None:
            raise NotFound("There is no such video")
        details = await self.videos.details(None, uuid)
        if not is_open(details.video):
            raise NotFound("There is no such video")
        file = playable(details)
        context = {
            "video": details.video,
            "file": file,
            "source": self._source(visit, details),
            "autoplay": _is_on(visit, "autoplay"),
            "muted": _is_on(visit, "muted"),
            "loop": _is_on(visit, "loop"),
            "controls": visit.asked("controls", "1") not in ("0", "false"),
        }
        return Shown("embed.html", context, wide_policy=True, framed=True)

    def _source(self, visit: Visit, details: VideoDetails) -> str | None:
        """The file, from `start` to `stop` (seconds; a media fragment says so without script)."""
        file = playable(details)
        url = None if file is None else self.links.file(details.video, file)
        if url is None:
            return None
        start, stop = visit.asked_number("start"), visit.asked_number("stop")
        if start is None and stop is None:
            return url
        return f"{url}#t={start or 0}" + ("" if stop is None else f",{stop}")


def _is_on(visit: Visit, name: str) -> bool:
    return visit.asked(name) in ("1", "true")
