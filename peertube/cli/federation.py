"""``peertubectl federation``: how well friends are told, on the database, whether the pod runs or not."""

from collections.abc import Awaitable, Callable
from typing import Any

import click

from peertube.api.representations.federation import lane_health
from peertube.cli.console import Console, command_options
from peertube.cli.offline import Ground, work_on_database
from peertube.usecases.delivery_health import DeliveryHealth
from peertube.usecases.friend_health import FriendHealth

_COLUMNS = {
    "host": "HOST",
    "state": "STATE",
    "waiting": "WAITING",
    "queueAge": "AGE (s)",
    "failures": "FAILURES",
    "nextTryAt": "NEXT TRY",
    "lastSuccessAt": "LAST SUCCESS",
    "lastError": "LAST ERROR",
}


@click.group()
@command_options
def federation() -> None:
    """Friends: how well they are told, try one at once, forget what waits for one.

    \b
    Examples:
      peertubectl federation status
      peertubectl federation retry video.example
      peertubectl federation drop video.example --yes
    """


@federation.command()
@command_options
@click.argument("host", required=False)
@click.option("--troubled", is_flag=True, help="Only friends that did not answer the last time.")
@click.pass_obj
def status(console: Console, host: str | None, troubled: bool) -> None:
    """Of each friend, or of HOST: what waits and since when, last success and error, next try.

    \b
    Examples:
      peertubectl federation status
      peertubectl federation status --troubled --json | jq -r '.data[].host'
      peertubectl federation status video.example
    """

    async def shown(ground: Ground, health: DeliveryHealth) -> list[dict[str, Any]]:
        lanes = await health.listing() if host is None else [await health.of(host)]
        now_ms = ground.clock.now_ms()
        return [lane_health(lane, now_ms) for lane in lanes if lane.failures or not troubled]

    lanes = _with_health(console, shown)
    if host is not None and lanes:
        console.answer(lanes[0], host)
        return
    waiting = sum(lane["waiting"] for lane in lanes)
    sentence = f"{len(lanes)} friends, {waiting} things to be told."
    console.listing({"total": len(lanes), "data": lanes}, _COLUMNS, sentence=sentence)


@federation.command()
@command_options
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@click.option("--all", "everybody", is_flag=True, help="Every friend that did not answer the last time.")
@click.pass_obj
def retry(console: Console, hosts: tuple[str, ...], everybody: bool) -> None:
    """Try friends at once, whatever happened before. A pod that runs does so within ten seconds.

    \b
    Examples:
      peertubectl federation retry video.example
      peertubectl federation retry --all
    """
    if everybody is bool(hosts):
        raise click.UsageError("name friends, or give --all")

    async def retried(ground: Ground, health: DeliveryHealth) -> int:
        if everybody:
            return await health.retry_all()
        for host in hosts:
            await health.retry(host)
        return len(hosts)

    console.answer({"retried": _with_health(console, retried)}, "They are tried at the next occasion.")


@federation.command()
@command_options
@click.argument("host")
@click.pass_obj
def restore(console: Console, host: str) -> None:
    """Take back that HOST was ejected: it is a friend again, is told everything, and asked to tell what is its.

    \b
    Example:
      peertubectl federation restore video.example
    """

    async def restored(ground: Ground, health: DeliveryHealth) -> None:
        await _friends(ground).restore((await health.of(host)).pod_id)

    _with_health(console, restored)
    console.answer({"host": host, "restored": True}, f"{host} is a friend again.")


@federation.command()
@command_options
@click.argument("host")
@click.pass_obj
def renew(console: Console, host: str) -> None:
    """Have the friendship with HOST ended there and made anew, with the present key of this pod.

    For friends that speak only version 3 of the pods' protocol: they cannot be told of a new key. They forget what came
    from here and are told it again. Where an admin has to approve friendships, that admin has to do so again.

    \b
    Example:
      peertubectl federation renew video.example
    """

    async def renewed(ground: Ground, health: DeliveryHealth) -> None:
        await _friends(ground).renew((await health.of(host)).host)

    _with_health(console, renewed)
    console.answer({"host": host, "renewing": True}, f"The friendship with {host} is made anew while the pod runs.")


@federation.command()
@command_options
@click.argument("host")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(console: Console, host: str, yes: bool) -> None:
    """Forget what waits to be told to HOST, for good. The friendship stays.

    The other server keeps showing what it knows of this one until that is told again.

    \b
    Example:
      peertubectl federation drop video.example --yes
    """
    if not yes:
        if console.as_json:
            raise click.UsageError("give --yes")
        click.confirm(f"Forget everything that waits to be told to {host}?", abort=True)

    async def dropped(ground: Ground, health: DeliveryHealth) -> int:
        return await health.drop(host)

    count = _with_health(console, dropped)
    console.answer({"host": host, "dropped": count}, f"Nothing waits for {host} any more.")


def _friends(ground: Ground) -> FriendHealth:
    return FriendHealth(
        database=ground.database,
        clock=ground.clock,
        publisher=ground.publisher,
        eject_after_seconds=ground.settings.friends.eject_after,
        forget_after_seconds=ground.settings.friends.forget_after,
    )


def _with_health(console: Console, work: Callable[[Ground, DeliveryHealth], Awaitable[Any]]) -> Any:
    async def on(ground: Ground) -> Any:
        return await work(ground, DeliveryHealth(database=ground.database, publisher=ground.publisher))

    return work_on_database(console, on)
