"""Fills the index of searches with what was there before it, or has to be noted again: in steps, as a job."""

from peertube.model.jobs import Job
from peertube.storage import search_index
from peertube.storage.database import Database
from peertube.usecases.ports import Progress

INDEX_SEARCH = search_index.INDEX_SEARCH

STEP = 100
"""How many videos are noted in one transaction."""


class SearchIndexing:
    """Runs the job `INDEX_SEARCH`. Running it twice does no harm."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def run(self, _: Job, progress: Progress) -> None:
        """Note the words of everything that waits for it."""
        while await self._database.write(search_index.index_some, STEP):
            await progress(50)
        await progress(100)
