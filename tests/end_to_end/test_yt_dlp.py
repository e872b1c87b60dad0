"""yt-dlp, which knows PeerTube, downloads from a pod without knowing the difference."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.pods import eventually, make_clip, shared_network
from tests.end_to_end.tls_front import tls_front

ITS_OWN = "framatube.org"
"""A host that yt-dlp knows by its name: it looks for lists only on such. The front leads to the pod."""

PASSWORD = "open sesame"


class YtDlpTests(SynchronousTestCase):
    """One pod with a public video and one behind a password."""

    def setUp(self) -> None:
        self.api = shared_network("downloaded", 1).apis[0]
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="yt-dlp-")))
        self.clip = make_clip(self.folder / "clip.mp4", seconds=2)
        self.proxy = self.enterContext(tls_front(self.api.pod.origin))

    def run_it(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As somebody with a shell does; https alone goes through the front, and nothing leaves this machine."""
        command = [sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-check-certificates", "--no-cache-dir"]
        command += ["--retries", "1", "--paths", str(self.folder), *arguments]
        ours = {"https_proxy": self.proxy, "no_proxy": "", "http_proxy": ""}
        return subprocess.run(
            command, env={**os.environ, **ours}, capture_output=True, text=True, check=False, timeout=120
        )

    def downloaded(self, uuid: str, *arguments: str) -> bytes:
        """The file that comes of a video."""
        done = self.run_it("--output", "out.%(ext)s", *arguments, f"peertube:localhost:{uuid}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return (self.folder / "out.mp4").read_bytes()

    def upload(self, name: str, **fields: str) -> str:
        uuid: str = self.api.upload(self.clip, name, **fields)["uuid"]
        eventually(lambda: self.api.call("GET", f"/videos/{uuid}")["state"]["id"] == 1)
        return uuid

    def test_a_public_video(self) -> None:
        """Every byte of it."""
        self.assertEqual(self.downloaded(self.upload("For everybody")), self.clip.read_bytes())

    def test_behind_a_password(self) -> None:
        """With it, and not without."""
        uuid = self.upload("Behind a password", privacy="5", **{"videoPasswords[]": PASSWORD})
        refused = self.run_it(f"peertube:localhost:{uuid}")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("403", refused.stderr)
        self.assertEqual(self.downloaded(uuid, "--video-password", PASSWORD), self.clip.read_bytes())

    def test_a_channel(self) -> None:
        """Its public videos, by title."""
        uuid = self.upload("Listed")
        channel = self.api.call("GET", f"/videos/{uuid}")["channel"]["name"]
        done = self.run_it("--flat-playlist", "--dump-single-json", f"https://{ITS_OWN}/c/{channel}/videos")
        self.assertEqual(done.returncode, 0, done.stderr)
        titles = [entry["title"] for entry in json.loads(done.stdout)["entries"]]
        self.assertIn("Listed", titles)
        self.assertNotIn("Behind a password", titles)
