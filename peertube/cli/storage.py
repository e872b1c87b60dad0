"""``peertubectl storage``: the files of the pod."""

import sys
from typing import Any

import click

from peertube.api.representations.times import iso
from peertube.cli.console import EXIT_FOUND, Console, command_options
from peertube.cli.offline import Ground, work_on_database
from peertube.files.folders import ASIDE, LocalFolders
from peertube.usecases.storage_check import Report, StorageCheck

_COLUMNS = {"problem": "PROBLEM", "kind": "KIND", "name": "FILE", "bytes": "BYTES", "video": "VIDEO", "title": "TITLE"}


@click.group()
@command_options
def storage() -> None:
    """The files of the pod.

    \b
    Example:
      peertubectl storage fsck
    """


@storage.command()
@command_options
@click.option("--repair", is_flag=True, help=f"Move files that nothing names into the folder {ASIDE} beside them.")
@click.option("--discard", is_flag=True, help="Remove files that nothing names, for good.")
@click.option(
    "--minimum-age",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Minutes. Files that were changed later are left alone: they may belong to an upload under way.",
)
@click.pass_obj
def fsck(console: Console, repair: bool, discard: bool, minimum_age: float) -> None:
    """Find files without rows, and rows without files. Safe while the pod runs; changes nothing unless told to.

    A file that a video needs and that is not there must come from a backup. Exit status 3 when anything wrong was
    found and is still so.

    \b
    Examples:
      peertubectl storage fsck
      peertubectl storage fsck --repair
      peertubectl storage fsck --json | jq -r '.data[] | select(.problem == "missing") | .video'
    """
    if repair and discard:
        raise click.UsageError("give --repair or --discard, not both")

    async def checked(ground: Ground) -> tuple[Report, int]:
        check = StorageCheck(
            database=ground.database,
            folders=LocalFolders(ground.reactor, ground.settings.storage),
            clock=ground.clock,
            minimum_age_seconds=minimum_age * 60,
        )
        report = await check.check(progress)
        mended = 0
        if repair:
            mended = await check.set_aside(report.orphans, progress)
        elif discard:
            mended = await check.remove(report.orphans, progress)
        return report, mended

    with console.progress("Comparing folders with rows") as progress:
        report, mended = work_on_database(console, checked)
    _tell(console, report, mended, discard)
    if report.missing or (report.orphans and not (repair or discard)):
        sys.exit(EXIT_FOUND)


def _tell(console: Console, report: Report, mended: int, discard: bool) -> None:
    found: list[dict[str, Any]] = [
        {
            "problem": "orphan",
            "kind": orphan.kind,
            "name": orphan.file.name,
            "bytes": orphan.file.size_bytes,
            "changedAt": iso(orphan.file.changed_ms),
        }
        for orphan in report.orphans
    ]
    found += [
        {
            "problem": "missing",
            "kind": missing.kind,
            "name": missing.file.name,
            "video": missing.file.video_uuid,
            "title": missing.file.title,
        }
        for missing in report.missing
    ]
    size = sum(orphan.file.size_bytes for orphan in report.orphans)
    members = {
        "files": report.files,
        "orphans": len(report.orphans),
        "orphanBytes": size,
        "missing": len(report.missing),
        "removed" if discard else "setAside": mended,
        "data": found,
    }
    sentence = (
        f"{report.files} files: {len(report.orphans)} without a row ({size} bytes), {len(report.missing)} missing."
    )
    if mended:
        sentence += f" {mended} were {'removed' if discard else f'moved into {ASIDE}'}."
    console.listing(members, _COLUMNS, sentence=sentence)
