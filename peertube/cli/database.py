"""``peertubectl migrate``: bring the database up to date before the pod is started."""

import click

from peertube.cli.console import Console, command_options
from peertube.cli.offline import bring_up_to_date
from peertube.storage.migrate import changes


@click.command()
@command_options
@click.pass_obj
def migrate(console: Console) -> None:
    """Bring the database to the schema of this version. A start of the pod does the same; this tells how it went.

    Each step is done wholly or not at all. Exit status 69 when the database is not there, not this pod's, or made by
    a newer version.

    \b
    Example:
      peertubectl -c /etc/peertube/production.yaml migrate
    """
    settings = console.load().settings
    with console.progress("Migrating"):
        instance = bring_up_to_date(console, settings.database)
    steps = [change.id for change in changes(settings.database.engine)]
    console.answer(
        {"engine": settings.database.engine, "instance": instance, "schema": steps[-1], "steps": len(steps)},
        "The database is up to date.",
    )
