"""``peertubectl``: what an operator does with a pod from the console."""

import platform
import sqlite3

import click

from peertube import __version__
from peertube.cli.config import check_config
from peertube.cli.console import Console, command_options
from peertube.cli.users import create_user, reset_password
from twisted import __version__ as twisted_version


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@command_options
def main() -> None:
    """Look after a pod.

    Exit status: 0 done, 1 refused, 2 wrong usage, 69 something needed is not there, 78 wrong configuration.
    """


@main.command()
@command_options
@click.pass_obj
def version(console: Console) -> None:
    """The version of the node and of what it runs on."""
    console.answer(
        {
            "peertube": __version__,
            "python": platform.python_version(),
            "twisted": twisted_version,
            "sqlite": sqlite3.sqlite_version,
        },
        f"peertube {__version__}",
    )


main.add_command(check_config)
main.add_command(create_user)
main.add_command(reset_password)

if __name__ == "__main__":
    main()
