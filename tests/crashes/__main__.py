"""``python -m tests.crashes --kills 500``: the long form; see docs/reliability.rst."""

import sys
import time

import click

from tests.crashes.run import Run
from tests.servers import PostgresqlServer


@click.command()
@click.option("--kills", default=500, help="How many kills, at failpoints and at random in equal parts.")
@click.option("--seconds", default=0, help="End after so many seconds, however many kills there were; 0: never.")
@click.option("--seed", default=1, help="Of the random numbers.")
@click.option("--postgresql", is_flag=True, help="The pods' databases are on a PostgreSQL of the run's own.")
def main(kills: int, seconds: int, seed: int, postgresql: bool) -> None:
    """Kill pods and compare what is left with what they had acknowledged."""
    until = time.monotonic() + seconds if seconds else float("inf")
    server = PostgresqlServer(durable=True) if postgresql else None
    if server is not None:
        server.start()
    run = Run(seed, verbose=True, server=server)
    try:
        run.at_migrations(passes=(1, 2, 3))
        run.begin()
        while run.summary.kills < kills and time.monotonic() < until:
            if run.summary.at_failpoints.total() <= run.summary.random_kills:
                run.at_failpoint(*run.next_failpoint())
            else:
                run.at_random()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        summary = run.finish()
        if server is not None:
            server.remove()
    for problem in summary.problems:
        click.echo(problem)
    if summary.not_reached:
        click.echo(f"not reached in time: {dict(summary.not_reached)}", err=True)
    click.echo(summary.line())
    sys.exit(1 if summary.problems else 0)


if __name__ == "__main__":
    main()
