"""The unit that systemd runs the node with."""

import shutil
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

_UNIT = Path(__file__).resolve().parent.parent.parent / "etc" / "systemd" / "peertube.service"


class ExposureTests(SynchronousTestCase):
    """Whoever takes the node over has taken little."""

    if shutil.which("systemd-analyze") is None:
        skip = "systemd-analyze is not installed"

    def test_exposure(self) -> None:
        """At most 2.0 of 10, as systemd counts."""
        judged = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(_UNIT)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(judged.returncode, 0, judged.stdout + judged.stderr)
        self.assertIn("Overall exposure level", judged.stdout)
