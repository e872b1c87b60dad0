"""``/services/oembed``: how to show one of our videos on another site (oEmbed 1.0)."""

import re
from html import escape
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, Field

from peertube.config.current import Current
from peertube.errors import Forbidden, Invalid, NotFound, Unauthorized
from peertube.http.routing import Access, Call, Reply, Route
from peertube.model.videos import VideoDetails
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.visibility import is_open
from peertube.usecases.video_urls import PREVIEWS
from peertube.usecases.videos import Videos

WIDTH, HEIGHT = 560, 315
PREVIEW_WIDTH, PREVIEW_HEIGHT = 850, 480
CARRIED_OVER = ("start", "stop", "autoplay", "muted", "loop", "controls")
"""Parameters of the player that its address keeps."""

_PAGE = re.compile(r"/(?:w|videos/watch|videos/embed)/([A-Za-z0-9-]{1,36})/?")
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}

Size = Annotated[int, Field(ge=1, le=100_000)]


class OEmbedParameters(BaseModel):
    """What to show, how large, in which format."""

    url: Annotated[str, Field(max_length=2_000)]
    format: Annotated[str, Field(max_length=20)] = "json"
    maxwidth: Size | None = None
    maxheight: Size | None = None


class OEmbedApi:
    """The route of oEmbed."""

    def __init__(self, *, videos: Videos, current: Current) -> None:
        self._videos = videos
        self._current = current

    def routes(self) -> list[Route]:
        """The route below the root."""
        return [Route("GET", "/services/oembed", Access.ANYONE, self.show, query=OEmbedParameters)]

    async def show(self, call: Call) -> Reply:
        """A frame that plays the video of an address of ours."""
        asked = call.parameters(OEmbedParameters)
        if asked.format != "json":
            detail = "The only format is json"
            problem = {"type": "about:blank", "title": "Not Implemented", "status": 501, "detail": detail}
            return Reply({**problem, "error": detail}, 501, _OPEN, "application/problem+json")
        uuid, query = self._named(asked.url)
        try:
            details = await self._videos.details(None, uuid)
        except (Unauthorized, Forbidden) as error:
            raise Forbidden("This video is not for everybody") from error
        if not is_open(details.video):
            raise Forbidden("This video is not for everybody")
        return Reply(self._described(details, query, asked), headers=_OPEN)

    def _named(self, url: str) -> tuple[str, str]:
        """The UUID that an address names, and the query of its player."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise _wrong_url() from error
        page = _PAGE.fullmatch(parts.path)
        if page is None or f"{parts.scheme}://{parts.netloc}" != self._current.webserver.origin:
            raise _wrong_url()
        uuid = identify_uuid(page[1])
        if uuid is None:
            raise NotFound("Video not found")
        kept = [(name, value) for name, value in parse_qsl(parts.query, max_num_fields=100) if name in CARRIED_OVER]
        return uuid, f"?{urlencode(kept)}" if kept else ""

    def _described(self, details: VideoDetails, query: str, asked: OEmbedParameters) -> dict[str, object]:
        video, origin = details.video, self._current.webserver.origin
        width, height = min(WIDTH, asked.maxwidth or WIDTH), min(HEIGHT, asked.maxheight or HEIGHT)
        source = escape(f"{origin}/videos/embed/{video.uuid}{query}")
        html = (
            f'<iframe width="{width}" height="{height}" sandbox="allow-same-origin allow-scripts allow-popups '
            f'allow-popups-to-escape-sandbox" title="{escape(video.fields.name)}" src="{source}" '
            'style="border: 0" allow="fullscreen"></iframe>'
        )
        handle = video.channel.name if video.is_local else f"{video.channel.name}@{video.host}"
        described: dict[str, object] = {
            "type": "video",
            "version": "1.0",
            "html": html,
            "width": width,
            "height": height,
            "title": video.fields.name,
            "author_name": video.channel.display_name,
            "author_url": f"{origin}/video-channels/{handle}",
            "provider_name": self._current.instance.name,
            "provider_url": origin,
        }
        fits = (asked.maxwidth or PREVIEW_WIDTH) >= PREVIEW_WIDTH and (
            asked.maxheight or PREVIEW_HEIGHT
        ) >= PREVIEW_HEIGHT
        if video.preview_name is not None and fits:
            described |= {
                "thumbnail_url": f"{origin}{PREVIEWS}{video.preview_name}",
                "thumbnail_width": PREVIEW_WIDTH,
                "thumbnail_height": PREVIEW_HEIGHT,
            }
        return described


def _wrong_url() -> Invalid:
    return Invalid("Incorrect request parameters: url", fields={"url": "Is not the address of a video of this server"})
