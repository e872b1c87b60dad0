"""A real pod whose n-th write fails: a clear error, nothing half-done, nothing left behind, and on it goes."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from peertube.cli.play import DemoPod
from tests.crashes.client import Client
from tests.crashes.network import MortalPod
from tests.crashes.oracle import Oracle
from tests.end_to_end.pods import eventually, free_ports, make_clip

FILE_WRITES = 8
"""More than the writes of files that an upload and its publication need."""

COMMITS = 6


class FailingDiskTests(SynchronousTestCase):
    """One pod; failpoints make the system's calls fail."""

    timeout = 300

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="failing-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.mortal = MortalPod(DemoPod(1, 1, free_ports(1), self.folder))
        self.mortal.prepare()
        self.addCleanup(self.mortal.kill)
        self.assertTrue(self.mortal.start())
        self.client = Client(self.mortal.pod)
        self.client.log_in()
        self.clip = make_clip(self.folder / "clip.mp4", seconds=1, size="160x90", bitrate="60k").read_bytes()

    def _settled(self) -> None:
        """What failed is tried again and goes well, and every file has its row."""
        with closing(sqlite3.connect(self.mortal.pod.folder / "peertube.sqlite3", timeout=30)) as database, database:
            database.execute("update jobs set run_at_ms = 0 where state = 'waiting' and kind <> 'discard-files'")
        eventually(lambda: self.mortal.unfinished() == 0)
        self.assertTrue(all(one.published for one in self.client.mine()))
        oracle = Oracle()
        self.mortal.check_files(oracle)
        self.assertEqual(oracle.problems, [])

    def _upload_while(self, failpoints: str, *expected: int) -> None:
        before = {one.uuid for one in self.client.mine()}
        self.mortal.arm(failpoints)
        answer = self.client.upload("a video", self.clip)
        self.assertIn(answer.status, (200, *expected), answer.body)
        if answer.status == 200:
            before.add(answer.json["video"]["uuid"])
            eventually(lambda: self.mortal.due() == 0)
        else:
            self.assertIn("application/problem+json", answer.headers["Content-Type"])
            self.assertIn("code", answer.json)
        self.assertEqual(self.client.ask("GET", "/api/v1/videos").status, 200)
        self.mortal.arm("")
        self.assertEqual({one.uuid for one in self.client.mine()}, before)

    def test_the_nth_write_of_a_file_does_not_fit(self) -> None:
        """507, or a job that is tried again."""
        for number in range(1, FILE_WRITES + 1):
            self._upload_while(f"files.*:full@{number}", 507)
        self._settled()

    def test_the_nth_write_of_a_file_fails(self) -> None:
        """503, and the log says why; or a job that is tried again."""
        for number in range(1, FILE_WRITES + 1):
            self._upload_while(f"files.*:error@{number}", 503)
        self._settled()

    def test_the_nth_commit_does_not_fit_or_fails(self) -> None:
        """The first that does not fit costs the reserve; one that fails is told to come again."""
        for number in range(1, COMMITS + 1):
            self._upload_while(f"database.commit:full@{number}", 507)
            self._upload_while(f"database.commit:error@{number}", 503)
        self._settled()
