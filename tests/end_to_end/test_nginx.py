"""Behind nginx, with the recipe of ``etc/nginx``: nginx sends the files, the pod says who may have them."""

import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from peertube.cli.play import CHECKOUT
from tests.end_to_end.pods import Api, eventually, free_ports, make_clip, shared_network

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_FRAME = """{user}daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; {temporary}
{server}
}}
"""
_SETTINGS = {"PEERTUBE_SEEDING_X_ACCEL_REDIRECT": "/internal", "PEERTUBE_TRUST_PROXY": "loopback"}


class NginxTests(SynchronousTestCase):
    """One pod and a real nginx."""

    if NGINX is None:
        skip = "there is no nginx"

    def setUp(self) -> None:
        with patch.dict(os.environ, _SETTINGS):
            self.api: Api = shared_network("nginx", 1).apis[0]
        self.folder = Path(tempfile.mkdtemp(prefix="nginx-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.port = free_ports(1)
        self._start()

    def _start(self) -> None:
        """The recipe, but with ports and folders of this test, and without TLS."""
        pod, kept = self.api.pod, []
        for line in (CHECKOUT / "etc" / "nginx" / "peertube.conf").read_text().splitlines():
            if "[::]" in line or "ssl_" in line:
                continue
            kept.append(line.replace("443 ssl", f"127.0.0.1:{self.port}").replace(":9000", f":{pod.port}"))
        server = "\n".join(kept).replace("/var/lib/peertube/", f"{pod.folder}/")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root; " if os.geteuid() == 0 else ""
        configuration = self.folder / "nginx.conf"
        configuration.write_text(_FRAME.format(user=user, folder=self.folder, temporary=temporary, server=server))
        command = [NGINX or "", "-p", str(self.folder), "-c", str(configuration)]
        nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            return self._get("/api/v1/ping")[0] == 200
        except urllib.error.URLError:
            return False

    def _get(self, path: str, port: int | None = None, **headers: str) -> tuple[int, Any, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def _uploaded(self, **fields: str) -> tuple[bytes, str]:
        """The bytes of a video, and the path of its file."""
        clip = make_clip(self.folder / "clip.mp4", seconds=2)
        uuid = self.api.upload(clip, "Behind nginx", **fields)["uuid"]

        def published() -> Any:
            return self.api.call("GET", f"/videos/{uuid}")["files"][0].get("torrentUrl")

        eventually(published)
        url = self.api.call("GET", f"/videos/{uuid}")["files"][0]["fileUrl"]
        return clip.read_bytes(), "/static/web-videos/" + url.rpartition("/")[2]

    def test_nginx_sends_the_file(self) -> None:
        """Whole and in ranges, with the headers that players need."""
        content, path = self._uploaded()
        status, headers, body = self._get(path)
        self.assertEqual((status, body), (200, content))
        self.assertEqual(headers["Content-Type"], "video/mp4")
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        self.assertIn("immutable", headers["Cache-Control"])
        self.assertIn("nginx", headers["Server"])
        self.assertNotIn("X-Accel-Redirect", headers)
        status, headers, body = self._get(path, Range="bytes=100-199")
        self.assertEqual((status, body), (206, content[100:200]))
        self.assertEqual(headers["Content-Range"], f"bytes 100-199/{len(content)}")
        self.assertEqual(self._get(path, Range=f"bytes={len(content)}-")[0], 416)

    def test_the_pod_decides_who_may_have_it(self) -> None:
        """And nobody reaches the folders by another way."""
        content, path = self._uploaded(privacy="3")
        self.assertEqual(self._get(path)[0], 401)
        status, _, body = self._get(path, Authorization=f"Bearer {self.api.token}")
        self.assertEqual((status, body), (200, content))
        name = path.rpartition("/")[2]
        for way in (f"/internal/web-videos/{name}", "/internal/peertube.sqlite3"):
            self.assertEqual(self._get(way)[0], 404)
