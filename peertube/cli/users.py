"""``peertubectl create-user`` and ``reset-password``: straight on the database, whether the pod runs or not."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import click

from peertube.cli.console import Console, command_options
from peertube.cli.offline import Ground, work_on_database
from peertube.errors import Unreachable
from peertube.model.mails import Mail
from peertube.model.users import Role
from peertube.node.people import PeopleUseCases
from peertube.shared.memory import MemoryCounters
from peertube.shared.passwords import Argon2Hasher
from peertube.shared.randomness import SystemRandomness
from peertube.usecases.new_users import UserRequest
from peertube.usecases.users import Users

Work = Callable[[Users], Awaitable[dict[str, Any]]]

_ROLES = {role.name.lower(): role for role in Role}


@click.command("create-user")
@command_options
@click.argument("username")
@click.option("--email", required=True, help="The user's e-mail address.")
@click.option("--role", type=click.Choice(list(_ROLES)), default="user", show_default=True)
@click.option("--video-quota", type=int, default=None, help="Bytes; -1 for no limit. The pod's default when omitted.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input (made up when omitted).")
@click.pass_obj
def create_user(
    console: Console, username: str, email: str, role: str, video_quota: int | None, password_stdin: bool
) -> None:
    """Make a user with an account and a channel; the password is shown when it was made up.

    \b
    Examples:
      peertubectl -c /etc/peertube/production.yaml create-user ann --email ann@example.com
      echo "$PASSWORD" | peertubectl create-user ann --email ann@example.com --password-stdin
    """
    given = _password_given(password_stdin)
    password = given or SystemRandomness().token()[:24]

    async def create(users: Users) -> dict[str, Any]:
        request = UserRequest(
            username=username, email=email, password=password, role=_ROLES[role], video_quota=video_quota
        )
        user_id, _ = await users.create(None, request)
        made = {"id": user_id, "username": username, "role": role}
        return made if given else {**made, "password": password}

    _run(console, create, f"User {username} was made.")


@click.command("reset-password")
@command_options
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input (made up when omitted).")
@click.pass_obj
def reset_password(console: Console, username: str, password_stdin: bool) -> None:
    """Give a user another password and end all sessions of the user; shown when it was made up.

    A pod that runs lets go of the sessions within a minute.

    \b
    Example:
      peertubectl -c /etc/peertube/production.yaml reset-password root
    """
    given = _password_given(password_stdin)

    async def reset(users: Users) -> dict[str, Any]:
        password = await users.reset_password(username, given)
        return {"username": username} if given else {"username": username, "password": password}

    _run(console, reset, f"The password of {username} was changed.")


def _password_given(from_stdin: bool) -> str | None:
    """The first line of standard input: passwords on the command line would be seen by everybody on the machine."""
    if not from_stdin:
        return None
    password = sys.stdin.readline(1024).rstrip("\r\n")
    if not password:
        raise click.UsageError("there is no password on standard input")
    return password


class _ThePod:
    """Mails that a command causes lie in the outbox until the pod sends them."""

    async def send(self, mail: Mail, message_id: str) -> None:
        """Never called: no jobs run here."""
        raise Unreachable("Mail is sent by the pod")


def _run(console: Console, work: Work, sentence: str) -> None:
    """Do the work on the pod's users, then answer."""

    async def on(ground: Ground) -> dict[str, Any]:
        hasher = Argon2Hasher(reactor=ground.reactor)
        await hasher.start()
        try:
            people = PeopleUseCases(
                settings=ground.settings,
                current=ground.settings,
                database=ground.database,
                clock=ground.clock,
                randomness=SystemRandomness(),
                publisher=ground.publisher,
                counters=MemoryCounters(reactor=ground.reactor),
                hasher=hasher,
                mailer=_ThePod(),
            )
            await people.secret_box.start()
            return await work(people.users)
        finally:
            await hasher.stop()

    console.answer(work_on_database(console, on), sentence)
