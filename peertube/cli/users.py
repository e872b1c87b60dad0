"""``peertubectl create-user`` and ``reset-password``: straight on the database, whether the pod runs or not."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import click
from twisted.internet.defer import ensureDeferred

from peertube.cli.console import EXIT_REFUSED, EXIT_UNAVAILABLE, Console, command_options
from peertube.config.schema import Settings
from peertube.errors import Invalid, PodError
from peertube.model.users import Role
from peertube.service import Parts
from peertube.shared.clock import SystemClock
from peertube.shared.memory import MemoryPublisher
from peertube.shared.passwords import Argon2Hasher
from peertube.shared.randomness import SystemRandomness
from peertube.storage.database import StorageError
from peertube.storage.migrate import migrate_file
from peertube.storage.sqlite import SqliteDatabase
from peertube.usecases.users import UserRequest, Users

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

    Example: peertubectl --config /etc/peertube/production.yaml create-user ann --email ann@example.com
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


def _run(console: Console, work: Work, sentence: str) -> None:
    """Do the work on the pod's database in a reactor of its own, then answer."""
    settings = console.load().settings
    if not settings.database.path.exists():
        console.fail(
            EXIT_UNAVAILABLE,
            "no_database",
            f"there is no database at {settings.database.path.absolute()}: start the pod once, or name its --config",
        )
    try:
        migrate_file(settings.database.path, wait_seconds=10)
    except StorageError as error:
        console.fail(EXIT_UNAVAILABLE, "database", str(error))
    outcome = _in_reactor(settings, work)
    if isinstance(outcome, dict):
        console.answer(outcome, sentence)
    elif isinstance(outcome, Invalid) and outcome.fields:
        problems = tuple(f"{field}: {fault}" for field, fault in outcome.fields.items())
        console.fail(EXIT_REFUSED, outcome.code, "not possible", problems=problems)
    elif isinstance(outcome, PodError):
        console.fail(EXIT_REFUSED, outcome.code, outcome.detail)
    elif isinstance(outcome, StorageError):
        console.fail(EXIT_UNAVAILABLE, "database", f"the database cannot be used: {outcome}")
    else:
        raise outcome


def _in_reactor(settings: Settings, work: Work) -> dict[str, Any] | BaseException:
    from twisted.internet import reactor as default

    reactor: Any = default
    outcomes: list[dict[str, Any] | BaseException] = []

    async def run() -> None:
        try:
            outcomes.append(await _with_users(reactor, settings, work))
        except BaseException as error:
            outcomes.append(error)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: ensureDeferred(run()))
    reactor.run()
    return outcomes[0]


async def _with_users(reactor: Any, settings: Settings, work: Work) -> dict[str, Any]:
    database = SqliteDatabase(reactor=reactor, path=settings.database.path, readers=1)
    hasher = Argon2Hasher(reactor=reactor)
    users = Users(
        database=database,
        clock=SystemClock(reactor=reactor),
        randomness=SystemRandomness(),
        publisher=MemoryPublisher(reactor=reactor),
        hasher=hasher,
        settings=settings,
    )
    parts = Parts([("database", database), ("password hashing", hasher)])
    await parts.start()
    try:
        return await work(users)
    finally:
        await parts.stop()
