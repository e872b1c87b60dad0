"""The linter and the strict type checker are tests like any other."""

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import TestCase

ROOT = Path(__file__).parent.parent


class StyleTests(TestCase):
    """What machines know of style."""

    timeout = 600

    def _passes(self, *command: str) -> None:
        outcome = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_the_linter_is_content(self) -> None:
        """Also with the order of imports."""
        self._passes("ruff", "check", ".")

    def test_the_code_is_formatted(self) -> None:
        """One shape, no discussions."""
        self._passes("ruff", "format", "--check", ".")

    def test_the_types_fit(self) -> None:
        """Strictly, in the whole package."""
        self._passes("mypy")
