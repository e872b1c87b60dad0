"""How `peertubectl` is told what to do, and how it answers: sentences for people, JSON for programs, exit codes."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from attrs import define, field
from rich.console import Console as RichConsole
from rich.progress import Progress
from rich.table import Table

from peertube.config.load import ConfigurationError, Loaded, load

EXIT_REFUSED = 1
"""What was asked cannot be done: the name is taken, there is no such user."""
EXIT_FOUND = 3
"""A check found something wrong that is still so. (2 is wrong usage.)"""
EXIT_UNAVAILABLE = 69
"""Something that this needs is not there or busy (EX_UNAVAILABLE of sysexits.h)."""
EXIT_CONFIGURATION = 78
"""The configuration is wrong (EX_CONFIG)."""

_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$")
_WIDE = 1000
"""Columns of a table that goes to a file or another program: whatever is on a row stays on one line."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


@define
class Console:
    """One run: the options that every command has, and where the answer goes."""

    paths: list[Path] = field(factory=list)
    as_json: bool = False

    def load(self) -> Loaded:
        """The configuration; warnings are told, mistakes end the program."""
        try:
            loaded = load(self.paths, os.environ)
        except ConfigurationError as error:
            self._warn(error.warnings)
            self.fail(EXIT_CONFIGURATION, "configuration", "the configuration is wrong", problems=error.problems)
        self._warn(loaded.warnings)
        return loaded

    def _warn(self, warnings: Sequence[str]) -> None:
        if not self.as_json:
            for warning in warnings:
                self._say(f"warning: {warning}", error=True, style="yellow")

    def answer(self, members: Mapping[str, Any], sentence: str) -> None:
        """The result: `members` for programs; for people `sentence` and the members as a table."""
        if self.as_json:
            click.echo(json.dumps(members))
            return
        self._say(sentence, style="green")
        shown = {name: value for name, value in members.items() if not isinstance(value, list | tuple)}
        if shown:
            table = Table(show_header=False, box=None, pad_edge=False)
            for name, value in shown.items():
                table.add_row(name, str(value))
            RichConsole(soft_wrap=True, markup=False, highlight=False).print(table)

    def listing(
        self, members: Mapping[str, Any], columns: Mapping[str, str], *, sentence: str, members_of: str = "data"
    ) -> None:
        """A list: `members` for programs; for people a table of ``members[members_of]``.

        :param columns: titles of columns by the name of the member that each shows.
        """
        if self.as_json:
            click.echo(json.dumps(members))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, title in enumerate(columns.values()):
            table.add_column(title, overflow="fold", no_wrap=number == 0)
        for row in members[members_of]:
            table.add_row(*(_shown(row.get(name)) for name in columns))
        if members[members_of]:
            shown = RichConsole(markup=False, highlight=False)
            if not shown.is_terminal:
                shown.width = _WIDE
            shown.print(table)
        self._say(sentence)

    @contextmanager
    def progress(self, sentence: str) -> "Iterator[Callable[[int, int], None]]":
        """Show on the terminal of a person how far something is: gives a function of (done, of all)."""
        shown = RichConsole(stderr=True)
        with Progress(console=shown, transient=True, disable=self.as_json or not shown.is_terminal) as bar:
            task = bar.add_task(sentence, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def fail(self, exit_code: int, code: str, sentence: str, *, problems: "tuple[str, ...]" = ()) -> NoReturn:
        """End the program: programs read ``{"error": …}`` on standard output, people read sentences beside it."""
        if self.as_json:
            click.echo(json.dumps({"error": code, "detail": sentence, "problems": problems}))
        else:
            self._say(f"{sentence}{':' if problems else ''}", error=True, style="bold red")
            for problem in problems:
                self._say(f"  {problem}", error=True)
        sys.exit(exit_code)

    def _say(self, sentence: str, *, error: bool = False, style: str | None = None) -> None:
        RichConsole(stderr=error, markup=False, highlight=False, soft_wrap=True).print(sentence, style=style)


def _shown(value: object) -> str:
    """As people read it: times without milliseconds, in UTC."""
    if value is None:
        return "-"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return _TIME.sub(r"\1 \2", str(value))


def command_options(command: _Command) -> _Command:
    """Give a command the options that all have; they may stand before or after the command's name."""

    def take_paths(context: click.Context, _: click.Parameter, value: tuple[Path, ...]) -> None:
        context.ensure_object(Console).paths.extend(value)

    def take_json(context: click.Context, _: click.Parameter, value: bool) -> None:
        console = context.ensure_object(Console)
        console.as_json = console.as_json or value

    with_json = click.option(
        "--json", is_flag=True, expose_value=False, callback=take_json, help="Answer in JSON, for programs."
    )
    with_config = click.option(
        "--config",
        "-c",
        type=click.Path(path_type=Path),
        multiple=True,
        expose_value=False,
        callback=take_paths,
        help="A YAML file of the pod's configuration; later ones override earlier ones.",
    )
    return with_config(with_json(command))
