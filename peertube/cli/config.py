"""``peertubectl check-config``."""

import click

from peertube.cli.console import Console, command_options


@click.command("check-config")
@command_options
@click.pass_obj
def check_config(console: Console) -> None:
    """Tell every mistake in the configuration, without starting anything.

    Exit status: 0 when a pod could start with it (warnings or not), 78 when not.
    """
    loaded = console.load()
    settings = loaded.settings
    console.answer(
        {
            "origin": settings.webserver.origin,
            "listen": f"{settings.listen.hostname}:{settings.listen.port}",
            "database": str(settings.database.path),
            "warnings": loaded.warnings,
        },
        "The configuration is good.",
    )
