"""Files that no row names: removed once their rows are gone, and when the rows that should have named them never came.

Whoever writes a file whose row comes later announces its name first: a job that removes the file is stored, due after
the longest time that this can take. The transaction that names the file takes the job back. A crash in between leaves
the job, which is due at the next start; the file is removed then, unless a row names it after all. So nothing has to
look through folders, and a file that the database does not know of (of a later time than a restored backup) is safe.
"""

from collections.abc import Mapping, Sequence

from twisted.logger import Logger

from peertube.failpoints import reach
from peertube.model.jobs import Job
from peertube.storage import file_names, jobs
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Progress, Storage

DISCARD_FILES = "discard-files"
"""The kind of the jobs: ``{"files": {kind: [name…]}}``."""

LONGEST_MS = 6 * 3_600_000
"""After this, an announced file whose row has not come is removed."""

_log = Logger()

Names = Mapping[str, Sequence[str]]
"""Names of files by their kind."""


async def announce(tx: Transaction, files: Names, now_ms: int) -> int:
    """These files are about to be written; what to give to `named` or `take_back`."""
    return await jobs.add(tx, DISCARD_FILES, {"files": files}, now_ms, run_at_ms=now_ms + LONGEST_MS)


async def named(tx: Transaction, announcement: int) -> None:
    """In the transaction whose rows name the announced files: they stay."""
    await jobs.remove_waiting(tx, announcement)


async def take_back(database: Database, storage: Storage, files: Names, announcement: int) -> None:
    """What was announced went wrong: remove the files, unless rows name them after all.

    Never fails: what cannot be done now is done by the job.
    """
    try:
        for kind, names in files.items():
            # A write, so that it comes after one whose outcome nobody waited for.
            needed = await database.write(file_names.named, kind, names)
            await storage.discard(kind, [name for name in names if name not in needed])
        await database.write(jobs.remove_waiting, announcement)
    except Exception:
        _log.failure("files of something that went wrong are removed later")


class UnnamedFiles:
    """Removes files that no row names."""

    def __init__(self, *, database: Database, storage: Storage, clock: Clock) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock

    async def discard(self, job: Job, progress: Progress) -> None:
        """Remove those files of a job that no row names (any more, or again)."""
        for kind, names in job.payload["files"].items():
            needed = await self._database.read(file_names.named, kind, names)
            await self._storage.discard(kind, [name for name in names if name not in needed])
            reach("removal.files-discarded")
        await progress(100)

    async def give_up_all(self) -> None:
        """Nobody is writing files: whatever was announced and not named is removed soon. For the start of a pod that
        runs alone on its database."""
        await self._database.write(jobs.hasten_all, DISCARD_FILES, self._clock.now_ms())
