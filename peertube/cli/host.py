"""``peertubectl update-host``: the pod has another domain."""

from typing import Any

import click

from peertube.cli.console import Console, command_options
from peertube.cli.offline import Ground, work_on_database
from peertube.usecases.own_identity import HostChange


@click.command("update-host")
@command_options
@click.pass_obj
def update_host(console: Console) -> None:
    """Tell friends that this pod has another host: that of `webserver` in the configuration.

    Change the configuration first, see that the pod answers at its new address, then call this. Friends ask the new
    address for the key that they know, so that nobody else can say so. Torrents are made again with the new addresses.

    \b
    Example:
      peertubectl -c /etc/peertube/production.yaml update-host
    """

    async def update(ground: Ground) -> dict[str, Any]:
        host = ground.settings.webserver.host
        change = HostChange(database=ground.database, clock=ground.clock, publisher=ground.publisher, host=host)
        old, friends, videos = await change.update()
        return {"from": old, "to": host, "friends": friends, "videos": videos}

    console.answer(work_on_database(console, update), "Friends will be told, and torrents made again.")
