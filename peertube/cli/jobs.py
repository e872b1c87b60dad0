"""``peertubectl jobs``: work under way, on the database, whether the pod runs or not."""

from collections.abc import Awaitable, Callable
from typing import Any

import click

from peertube.api.representations.jobs import job
from peertube.cli.console import Console, command_options
from peertube.cli.offline import Ground, work_on_database
from peertube.model.pages import MAXIMUM_COUNT, Window
from peertube.model.work import WorkState
from peertube.shared.randomness import SystemRandomness
from peertube.usecases import failed_uploads
from peertube.usecases.delivery_health import DeliveryHealth
from peertube.usecases.jobs import Jobs
from peertube.usecases.publishing import PUBLISH_VIDEO
from peertube.usecases.work import Work

_COLUMNS = {
    "id": "ID",
    "type": "TYPE",
    "state": "STATE",
    "attempts": "TRIES",
    "progress": "%",
    "createdAt": "SINCE",
    "error": "ERROR",
}


@click.group()
@command_options
def jobs() -> None:
    """Work under way: list it, try it again, give it up, pause it all.

    \b
    Examples:
      peertubectl jobs list --state failed
      peertubectl jobs retry 12 15
      peertubectl jobs retry --failed
      peertubectl jobs pause
    """


@jobs.command("list")
@command_options
@click.option("--state", type=click.Choice([state.value for state in WorkState]), help="Only in this state.")
@click.option("--type", "kind", help="Only of this type, for example publish-video or pod-delivery.")
@click.option("--start", type=click.IntRange(min=0), default=0, help="How many to pass over.")
@click.option("--count", type=click.IntRange(0, MAXIMUM_COUNT), default=20, show_default=True)
@click.pass_obj
def list_jobs(console: Console, state: str | None, kind: str | None, start: int, count: int) -> None:
    """Jobs, newest first, and friends that are still to be told something (their ids begin with pod-).

    \b
    Examples:
      peertubectl jobs list --state failed --type publish-video
      peertubectl jobs list --state waiting --json | jq .total
    """

    async def listed(jobs: Jobs, work: Work) -> dict[str, Any]:
        wanted = None if state is None else WorkState(state)
        found = await work.listing(Window(start, count), state=wanted, kind=kind)
        return {
            "total": found.total,
            "paused": await jobs.paused(),
            "data": [job(item) for item in found.items],
        }

    answer = _with_jobs(console, listed)
    paused = ", and none is begun: jobs are paused" if answer["paused"] else ""
    console.listing(answer, _COLUMNS, sentence=f"{len(answer['data'])} of {answer['total']}{paused}.")


@jobs.command()
@command_options
@click.argument("identifiers", nargs=-1, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="Every job that failed.")
@click.option("--type", "kind", help="With --failed: only of this type.")
@click.pass_obj
def retry(console: Console, identifiers: tuple[str, ...], failed: bool, kind: str | None) -> None:
    """Try failed, cancelled or delayed jobs again. A pod that runs begins within seconds.

    Exit status 1 when one of them is not there or is done; those before it are tried again all the same.

    \b
    Examples:
      peertubectl jobs retry 12 15
      peertubectl jobs retry --failed --type publish-video
    """
    if failed is bool(identifiers):
        raise click.UsageError("name jobs, or give --failed")

    async def retried(jobs: Jobs, work: Work) -> int:
        if failed:
            return await jobs.retry_failed(kind)
        for identifier in identifiers:
            await work.retry(identifier)
        return len(identifiers)

    count = _with_jobs(console, retried)
    console.answer({"retried": count}, "They wait for their turn again.")


@jobs.command()
@command_options
@click.argument("identifiers", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def cancel(console: Console, identifiers: tuple[str, ...]) -> None:
    """Give jobs up. One that runs is stopped at the next heartbeat of its worker.

    \b
    Example:
      peertubectl jobs cancel 12
    """

    async def cancelled(jobs: Jobs, work: Work) -> int:
        for identifier in identifiers:
            await work.cancel(identifier)
        return len(identifiers)

    console.answer({"cancelled": _with_jobs(console, cancelled)}, "They are given up.")


@jobs.command()
@command_options
@click.pass_obj
def pause(console: Console) -> None:
    """Begin no more jobs, in all processes, until resumed; those that run go on.

    \b
    Example:
      peertubectl jobs pause && backup && peertubectl jobs resume
    """

    async def paused(jobs: Jobs, work: Work) -> None:
        await jobs.pause()

    _with_jobs(console, paused)
    console.answer({"paused": True}, "No job is begun until they are resumed.")


@jobs.command()
@command_options
@click.pass_obj
def resume(console: Console) -> None:
    """Begin jobs again.

    \b
    Example:
      peertubectl jobs resume
    """

    async def resumed(jobs: Jobs, work: Work) -> None:
        await jobs.resume()

    _with_jobs(console, resumed)
    console.answer({"paused": False}, "Jobs are begun again.")


def _with_jobs(console: Console, work: Callable[[Jobs, Work], Awaitable[Any]]) -> Any:
    async def on(ground: Ground) -> Any:
        jobs = Jobs(
            database=ground.database,
            clock=ground.clock,
            randomness=SystemRandomness(),
            publisher=ground.publisher,
            lease_seconds=ground.settings.jobs.lease_seconds,
            endings={PUBLISH_VIDEO: failed_uploads.note},
        )
        health = DeliveryHealth(database=ground.database, publisher=ground.publisher)
        return await work(jobs, Work(jobs=jobs, health=health, clock=ground.clock, in_flight=lambda: ()))

    return work_on_database(console, on)
