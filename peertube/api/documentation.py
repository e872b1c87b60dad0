"""``/openapi.json``: the description of the API for programs."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from peertube.http.routing import Access, Call, Reply, Route


class DocumentationApi:
    """The route of the document.

    :param document: makes it; asked once, when somebody wants to read it.
    """

    def __init__(self, *, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document
        self._made: Reply | None = None

    def routes(self) -> list[Route]:
        """The route below ``/api/v1``."""
        return [Route("GET", "/openapi.json", Access.ANYONE, self.openapi)]

    async def openapi(self, call: Call) -> Reply:
        """This description, as OpenAPI 3.1."""
        if self._made is None:
            body = msgspec.json.encode(self._document())
            etag = f'"{sha256(body).hexdigest()[:27]}"'
            self._made = Reply(body, headers={"ETag": etag, "Cache-Control": "no-cache"})
        return self._made
