"""The page of the admin's own that stands at the top of the first page: markdown, kept in the database.

Every process has it in memory, as each visit of the first page shows it.
"""

from peertube.errors import Invalid
from peertube.model import topics
from peertube.model.audit import AuditEntry
from peertube.model.users import Viewer
from peertube.storage import audit, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Publisher

MAXIMUM_LENGTH = 100_000
_KEY = "homepage"


class HomePage:
    """Reads and changes the text."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._content = ""

    @property
    def content(self) -> str:
        """The text; empty when there is none."""
        return self._content

    async def load(self) -> None:
        """Read it; at the start, and when another process changed it (`topics.HOME_PAGE`)."""
        found = await self._database.read(settings.get, _KEY)
        self._content = found or ""

    async def change(self, viewer: Viewer, content: str) -> None:
        """Set the text; an empty one takes the page away."""
        if len(content) > MAXIMUM_LENGTH:
            text = f"Should have at most {MAXIMUM_LENGTH} characters"
            raise Invalid("Incorrect request parameters: content", fields={"content": text})
        await self._database.write(self._change, viewer, content.strip())
        await self.load()

    async def _change(self, tx: Transaction, viewer: Viewer, content: str) -> None:
        await settings.put(tx, _KEY, content)
        now_ms = self._clock.now_ms()
        await audit.add(tx, AuditEntry(viewer.user.username, "homepage", "update", {"length": len(content)}, now_ms))
        tx.after_commit(lambda: self._publisher.publish(topics.HOME_PAGE, {}))
