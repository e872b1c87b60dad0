"""The operator's guide and the program know the same commands."""

from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from peertube.cli.main import main

_GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "admin.rst"
_WITHOUT_EXAMPLE = {"version", "check-config"}


def commands(group: click.Group = main, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command


class ReferenceTests(SynchronousTestCase):
    """Nobody adds a command and forgets to say so."""

    def test_every_command_is_in_the_guide(self) -> None:
        """By its words."""
        guide = _GUIDE.read_text()
        missing = [" ".join(words) for words, _ in commands() if f"``{' '.join(words)}" not in guide]
        self.assertEqual([], missing)

    def test_help_has_examples(self) -> None:
        """Also that of groups; every command takes --json and --config."""
        for words, _ in commands():
            for length in range(1, len(words) + 1):
                shown = CliRunner().invoke(main, [*words[:length], "--help"])
                self.assertEqual(0, shown.exit_code, words)
                self.assertIn("--json", shown.output, words)
                self.assertIn("--config", shown.output, words)
                if words[0] not in _WITHOUT_EXAMPLE:
                    self.assertIn("Example", shown.output, words)
