"""A pod whose disk is full: writes are refused clearly, reading and deleting go on, and it recovers by itself.

A small tmpfs is the disk. That needs the right to mount; where there is none, the tests are skipped.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from peertube.cli.play import DemoPod, stop, wait_until_ready
from tests.crashes.client import Answer, Client
from tests.end_to_end.pods import eventually, free_ports, make_clip

SIZE = "160m"


class FullDiskTests(SynchronousTestCase):
    """One pod, everything of it on the small disk, its log too."""

    timeout = 300

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="full-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.disk)], check=False)
        if mounted.returncode:
            raise SkipTest("a tmpfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(self.disk)], check=True)
        self.pod = DemoPod(1, 1, free_ports(1), self.disk)
        self.pod.prepare(keep=False)
        self.process = self.pod.start()
        self.addCleanup(stop, [self.process])
        self.assertIsNone(wait_until_ready([self.pod], [self.process]))
        self.client = Client(self.pod)
        self.client.log_in()
        self.clip = make_clip(self.folder / "clip.mp4", seconds=5, size="640x360", bitrate="4000k").read_bytes()

    def _fill(self) -> Path:
        """Take every byte that is left."""
        filler = self.disk / "filler"
        with filler.open("ab", buffering=0) as file:
            for size in (2**20, 4096, 1):
                block = os.urandom(size)
                try:
                    while True:
                        file.write(block)
                except OSError:
                    continue
        return filler

    def _upload(self, name: str) -> Answer:
        return self.client.upload(name, self.clip)

    def _published(self, uuid: str) -> bool:
        return any(one.uuid == uuid and one.published for one in self.client.mine())

    def _files(self) -> set[str]:
        folders = ("tmp", "tmp-persistent", "web-videos", "thumbnails", "previews", "torrents")
        return {
            f"{folder}/{path.name}"
            for folder in folders
            for path in (self.pod.folder / folder).iterdir()
            if path.name != ".peertube-node"
        }

    def _is_alive(self) -> None:
        self.assertIsNone(self.process.poll())
        self.assertEqual(self.client.ask("GET", "/livez").status, 200)

    def test_reading_and_deleting_go_on(self) -> None:
        first = self._upload("first video").json["video"]["uuid"]
        second = self._upload("second video").json["video"]["uuid"]
        eventually(lambda: self._published(first) and self._published(second))
        eventually(lambda: not any(name.startswith("tmp/") for name in self._files()))
        before = self._files()
        filler = self._fill()

        refused = self._upload("third video")
        self.assertEqual((refused.status, refused.json["code"]), (507, "insufficient_storage"))
        self.assertIn("application/problem+json", refused.headers["Content-Type"])
        eventually(lambda: self._files() == before)
        self._is_alive()
        eventually(lambda: self.client.ask("GET", "/readyz").status == 503)
        for path in ("/", f"/w/{first}", "/api/v1/videos", f"/api/v1/videos/{first}", "/api/v1/users/me"):
            self.assertEqual(self.client.ask("GET", path).status, 200, path)
        file = self.client.ask("GET", f"/api/v1/videos/{first}").json["files"][0]["fileUrl"]
        played = self.client.ask("GET", "/" + file.split("/", 3)[3])
        self.assertEqual((played.status, played.body), (200, self.clip))

        removed = self.client.ask("DELETE", f"/api/v1/videos/{second}")
        self.assertEqual(removed.status, 204, removed.body)
        eventually(lambda: len(self._files()) == len(before) // 2)
        self._is_alive()

        filler.unlink()
        fourth = eventually(lambda: self._upload("fourth video"))
        self.assertEqual(fourth.status, 200, fourth.body)
        eventually(lambda: self._published(fourth.json["video"]["uuid"]))
        eventually(lambda: self.client.ask("GET", "/readyz").status == 200)
        self.assertEqual(len(self._files()), len(before))

    def test_changes_of_rows_are_refused_when_nothing_is_left(self) -> None:
        """The reserve is gone too: 507 for each change, no half of one, and back to work when there is room."""
        uuid = self._upload("first video").json["video"]["uuid"]
        eventually(lambda: self._published(uuid))
        filler = self._fill()
        answers = []
        for number in range(3000):
            if number % 100 == 0:
                self._fill()
            name = f"name {number} " + "x" * 100
            answer = self.client.send_json("PUT", f"/api/v1/videos/{uuid}", {"name": name, "description": "y" * 9000})
            answers.append(answer.status)
            if answer.status != 204:
                break
            last = name
        self.assertEqual(answers[-1], 507, (len(answers), answer.body))
        self.assertEqual(answer.json["code"], "insufficient_storage")
        self.assertEqual(self.client.ask("GET", f"/api/v1/videos/{uuid}").json["name"], last)
        self._is_alive()
        filler.unlink()
        changed = self.client.send_json("PUT", f"/api/v1/videos/{uuid}", {"name": "at last"})
        self.assertEqual(changed.status, 204, changed.body)
        self.assertEqual(self.client.ask("GET", f"/api/v1/videos/{uuid}").json["name"], "at last")
