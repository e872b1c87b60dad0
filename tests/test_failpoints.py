"""Places where tests make a pod die."""

import errno
import os
import signal
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from peertube.failpoints import VARIABLE, WrongFailpoints, armed, parse, reach
from tests.test_architecture import ROOT


class FailpointTests(SynchronousTestCase):
    """Off unless asked for; exactly where and when asked for."""

    def test_nothing_happens_when_nothing_is_armed(self) -> None:
        reach("upload.file-kept")

    def test_an_error_at_one_pass(self) -> None:
        with armed("files.synced:full@2"):
            reach("files.synced")
            with self.assertRaises(OSError) as caught:
                reach("files.synced")
            self.assertEqual(caught.exception.errno, errno.ENOSPC)
            reach("files.synced")
            reach("files.renamed")
        reach("files.synced")

    def test_from_a_pass_on_and_by_pattern(self) -> None:
        with armed("files.*:error@2+") as (failpoint,):
            reach("files.synced")
            for name in ("files.renamed", "files.synced"):
                self.assertRaises(OSError, reach, name)
            reach("database.commit")
            self.assertEqual(failpoint.passes, 3)

    def test_texts_that_mean_nothing_are_refused(self) -> None:
        """A misspelt test would show nothing at all."""
        for text in ("upload", "upload:die", "upload:kill@x", "upload:kill@", "a b:kill"):
            self.assertRaises(WrongFailpoints, parse, text)
        self.assertEqual(parse(" , "), [])

    def test_a_running_process_is_armed_by_a_file(self) -> None:
        path = os.path.abspath(self.mktemp())
        script = (
            "import os, sys\nfrom peertube.failpoints import reach\nreach('a.b'); print('first', flush=True)\n"
            "open(sys.argv[1] + '.new', 'w').write('a.b:kill'); os.replace(sys.argv[1] + '.new', sys.argv[1])\n"
            "reach('a.c'); reach('a.b')"
        )
        environment = {**os.environ, VARIABLE: path}
        command = [sys.executable, "-c", script, path]
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True)
        self.assertEqual((ended.returncode, ended.stdout), (-signal.SIGKILL, b"first\n"), ended.stderr)

    def test_a_process_kills_itself(self) -> None:
        """The variable is read when the process starts."""
        script = "from peertube.failpoints import reach\nreach('a.b'); print('first', flush=True); reach('a.b')"
        environment = {**os.environ, VARIABLE: "a.b:kill@2"}
        ended = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True)
        self.assertEqual((ended.returncode, ended.stdout), (-signal.SIGKILL, b"first\n"))
