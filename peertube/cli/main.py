"""``peertubectl``: what an operator does with a pod from the console."""

import platform
import sqlite3

import click

from peertube import __version__
from peertube.cli.config import check_config
from peertube.cli.console import Console, command_options
from peertube.cli.database import migrate
from peertube.cli.federation import federation
from peertube.cli.host import update_host
from peertube.cli.jobs import jobs
from peertube.cli.keys import keys
from peertube.cli.storage import storage
from peertube.cli.users import create_user, reset_password
from twisted import __version__ as twisted_version


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@command_options
def main() -> None:
    """Look after a pod, whether it runs or not: what is changed here, a pod that runs finds within seconds.

    Exit status: 0 done, 1 refused, 2 wrong usage, 3 a check found something wrong, 69 something needed is not there,
    78 wrong configuration.

    \b
    Examples:
      peertubectl -c /etc/peertube/production.yaml check-config
      peertubectl -c /etc/peertube/production.yaml jobs list --state failed
      peertubectl -c /etc/peertube/production.yaml --json federation status
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
main.add_command(migrate)
main.add_command(create_user)
main.add_command(reset_password)
main.add_command(jobs)
main.add_command(federation)
main.add_command(keys)
main.add_command(storage)
main.add_command(update_host)

if __name__ == "__main__":
    main()
