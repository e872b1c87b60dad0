"""What goes wrong gets a clear answer and leaves nothing behind."""

import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from peertube.cli.play import CHECKOUT
from tests.end_to_end.pods import Api, ApiError, eventually, make_clip, shared_network


class MistakeTests(SynchronousTestCase):
    """One pod, many mistakes."""

    def setUp(self) -> None:
        self.network = shared_network("alone", 1)
        self.api = self.network.apis[0]
        self.pod = self.network.pods[0]
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def _files(self) -> set[str]:
        return {
            str(path.relative_to(self.pod.folder))
            for kind in ("tmp", "web-videos", "thumbnails", "previews", "torrents")
            for path in (self.pod.folder / kind).iterdir()
            if not path.name.startswith(".")
        }

    def _refused(self, api: Api, clip: Path, **fields: str) -> ApiError:
        before = self._files()
        with self.assertRaises(ApiError) as raised:
            api.upload(clip, **{"name": "Some name", **fields})
        self.assertEqual(self._files(), before)
        self.assertEqual(api.call("GET", "/users/me/videos")["total"], 0)
        return raised.exception

    def test_a_wrong_password_is_told_as_the_standard_says(self) -> None:
        """RFC 6749, section 5.2."""
        with self.assertRaises(ApiError) as raised:
            Api(self.pod).log_in("wrong")
        self.assertEqual((raised.exception.status, raised.exception.problem["code"]), (400, "invalid_grant"))

    def test_a_foreign_token_is_refused(self) -> None:
        """Nobody gets in with a token that is not ours."""
        stranger = Api(self.pod)
        for token in ("0" * 40, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "x"):
            stranger.token = token
            with self.assertRaises(ApiError) as raised:
                stranger.call("GET", "/users/me")
            self.assertEqual((raised.exception.status, raised.exception.problem["message"]), (401, "Invalid token"))

    def test_a_text_called_mp4_is_no_video(self) -> None:
        """The type is what is inside."""
        text = self.folder / "text.mp4"
        text.write_text("This is no video.\n" * 1000)
        problem = self._refused(self.api, text)
        self.assertEqual((problem.status, problem.problem["code"]), (422, "not_a_video"))

    def test_another_type_is_refused_by_its_name(self) -> None:
        """Before anything is looked into."""
        text = self.folder / "text.exe"
        text.write_text("MZ")
        self.assertEqual(self._refused(self.api, text).status, 415)

    def test_wrong_fields_are_all_named(self) -> None:
        """One answer for all mistakes."""
        clip = make_clip(self.folder / "fields.mp4", seconds=1)
        problem = self._refused(self.api, clip, name="x", privacy="99")
        self.assertEqual(problem.status, 400)
        self.assertEqual(set(problem.problem["invalid-params"]), {"name", "privacy"})

    def test_an_upload_over_the_quota_is_refused_before_it_is_read(self) -> None:
        """The quota of a user holds."""
        user = {"username": "small", "email": "small@example.com", "password": "secret1", "role": 2}
        self.api.call("POST", "/users", json_body={**user, "videoQuota": 1000, "videoQuotaDaily": -1})
        small = Api(self.pod)
        client = small.call("GET", "/oauth-clients/local")
        grant = {"grant_type": "password", "username": "small", "password": "secret1"}
        small.token = small.call("POST", "/users/token", form={**client, **grant})["access_token"]
        problem = self._refused(small, make_clip(self.folder / "quota.mp4", seconds=1))
        self.assertEqual((problem.status, problem.problem["code"]), (413, "quota_reached"))

    def test_a_range_beyond_the_end_cannot_be_satisfied(self) -> None:
        """RFC 9110, section 15.5.17."""
        clip = make_clip(self.folder / "range.mp4", seconds=1)
        uuid = self.api.upload(clip, "For ranges")["uuid"]
        self.api.published(uuid)
        url = self.api.call("GET", f"/videos/{uuid}")["files"][0]["fileUrl"]
        size = clip.stat().st_size
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(urllib.request.Request(url, headers={"Range": f"bytes={size}-"}), timeout=10)
        self.assertEqual(raised.exception.code, 416)
        self.assertEqual(raised.exception.headers["Content-Range"], f"bytes */{size}")
        raised.exception.close()
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Range": "bytes=-5"}), timeout=10) as answer:
            self.assertEqual((answer.status, answer.read()), (206, clip.read_bytes()[-5:]))
        self.api.call("DELETE", f"/videos/{uuid}")
        eventually(lambda: not self._files())

    def test_a_wrong_configuration_names_every_mistake(self) -> None:
        """An operator mends all of them at once."""
        wrong = self.folder / "wrong.yaml"
        wrong.write_text("listen: {port: many}\nwebserver: {https: 7}\nlisten_port: 1\n")
        outcome = subprocess.run(
            [str(CHECKOUT / "bin" / "peertubectl"), "--config", str(wrong), "check-config"],
            capture_output=True,
            text=True,
            check=False,
        )
        told = outcome.stdout + outcome.stderr
        self.assertNotEqual(outcome.returncode, 0)
        for key in ("listen.port", "webserver.https", "listen_port"):
            self.assertIn(key, told)
