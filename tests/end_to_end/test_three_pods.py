"""Three pods as processes: friendship, and videos that are seen, changed and removed everywhere."""

import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import libtorrent
from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.pods import Api, ApiError, eventually, make_clip, shared_network
from tests.simulation.magnets import fetch


class ThreePodsTests(SynchronousTestCase):
    """What the read-me promises, without the browser."""

    def setUp(self) -> None:
        self.network = shared_network("friends", 3, friends=True)
        self.folder = Path(tempfile.mkdtemp(prefix="clips-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.clip = make_clip(self.folder / "clip.mp4", seconds=5)

    def _api(self, number: int) -> Api:
        return self.network.apis[number - 1]

    def _seen(self, number: int, uuid: str) -> dict[str, object] | None:
        return next((video for video in self._api(number).videos() if video["uuid"] == uuid), None)

    def test_everybody_is_friends(self) -> None:
        """Pod 3 never asked for anything and has both as friends all the same."""
        for number in (1, 2, 3):
            hosts = {pod["host"] for pod in self._api(number).call("GET", "/pods")["data"]}
            others = {pod.origin.removeprefix("http://") for pod in self.network.pods if pod.number != number}
            self.assertEqual(hosts, others)

    def test_a_second_make_friends_is_refused(self) -> None:
        """Quit first: as in the first network."""
        with self.assertRaises(ApiError) as raised:
            self._api(1).call("POST", "/pods/make-friends", json_body={"hosts": ["localhost:1"]})
        self.assertEqual(raised.exception.status, 409)

    def test_an_upload_is_seen_changed_and_removed_everywhere(self) -> None:
        """The main job."""
        origin = self._api(3)
        uuid = origin.upload(self.clip, "A <b>clip</b>", description="Words & more", tags="one")["uuid"]
        for number in (1, 2):
            video = eventually(lambda number=number: self._seen(number, uuid))
            self.assertEqual(video["name"], "A <b>clip</b>")
            self.assertFalse(video["isLocal"])
            self.assertEqual(video["account"]["host"], origin.pod.origin.removeprefix("http://"))
            self.assertEqual(self._picture(number, video["thumbnailPath"]), self._own_thumbnail(3, uuid))
            self.assertTrue(self._picture(number, video["previewPath"]).startswith(b"\xff\xd8"))
        origin.call("PUT", f"/videos/{uuid}", json_body={"name": "Another name", "tags": ["two"]})
        for number in (1, 2):
            eventually(lambda number=number: (self._seen(number, uuid) or {}).get("name") == "Another name")
        details = eventually(lambda: self._same_torrent_everywhere(uuid))
        self.assertEqual(details["tags"], ["two"])
        origin.call("DELETE", f"/videos/{uuid}")
        for number in (1, 2):
            eventually(lambda number=number: self._seen(number, uuid) is None)

    def test_every_pod_fetches_every_file(self) -> None:
        """multiple-pods of 2017: a video on each; all list all, know whose it is, show one preview, find the file."""
        uuids = [self._api(number).upload(self.clip, f"Of pod {number}")["uuid"] for number in (1, 2, 3)]
        for number in (1, 2, 3):
            for origin, uuid in enumerate(uuids, 1):
                video = eventually(lambda number=number, uuid=uuid: self._seen(number, uuid))
                self.assertEqual(video["isLocal"], number == origin)
                self.assertEqual(video["account"]["host"], self._host(origin))
                shown = self._seen(origin, uuid)
                assert shown is not None
                preview = self._picture(number, video["previewPath"])
                self.assertEqual(preview, self._picture(origin, shown["previewPath"]))
                (file,) = self._api(number).call("GET", f"/videos/{uuid}")["files"]
                self.assertEqual(fetch(file["magnetUri"]), self.clip.read_bytes())

    def _host(self, number: int) -> str:
        return self._api(number).pod.origin.removeprefix("http://")

    def _same_torrent_everywhere(self, uuid: str) -> dict[str, object] | None:
        details = [self._api(number).call("GET", f"/videos/{uuid}") for number in (1, 2, 3)]
        magnets = {each["files"][0]["magnetUri"].partition("xt=")[2][:50] for each in details}
        return details[0] if len(magnets) == 1 else None

    def _picture(self, number: int, path: object) -> bytes:
        with urllib.request.urlopen(f"{self._api(number).pod.origin}{path}", timeout=10) as answer:
            content: bytes = answer.read()
        return content

    def _own_thumbnail(self, number: int, uuid: str) -> bytes:
        video = self._seen(number, uuid)
        assert video is not None
        return self._picture(number, video["thumbnailPath"])

    def test_libtorrent_fetches_the_file_from_the_magnet_of_a_friend(self) -> None:
        """Every pod can fetch every file: over the web seed, found through UDP and HTTP trackers."""
        uuid = self._api(3).upload(self.clip, "By magnet")["uuid"]
        eventually(lambda: self._seen(1, uuid))
        file = self._api(1).call("GET", f"/videos/{uuid}")["files"][0]
        with urllib.request.urlopen(file["torrentUrl"], timeout=10) as answer:
            info = libtorrent.torrent_info(libtorrent.bdecode(answer.read()))
        self.assertIn(str(info.info_hashes().v1), file["magnetUri"])
        trackers = {tracker.url.partition(":")[0] for tracker in info.trackers()}
        self.assertLessEqual({"ws", "http", "udp"}, trackers)
        seeder = self._session()
        parameters = libtorrent.add_torrent_params()
        parameters.ti = info
        parameters.save_path = str(self.folder / "seed")
        Path(parameters.save_path).mkdir(exist_ok=True)
        subprocess.run(["cp", str(self.clip), str(self.folder / "seed" / info.name())], check=True)
        seeding = seeder.add_torrent(parameters)
        eventually(lambda: seeding.status().is_seeding)
        for scheme in ("http", "udp"):
            with self.subTest(scheme):
                leecher = self._session()
                wanted = libtorrent.parse_magnet_uri(file["magnetUri"])
                wanted.trackers = [url for url in wanted.trackers if url.startswith(scheme)]
                wanted.url_seeds = []
                wanted.save_path = tempfile.mkdtemp(dir=self.folder)
                self.assertEqual(len(wanted.trackers), 1)
                handle = leecher.add_torrent(wanted)
                eventually(lambda handle=handle: handle.status().is_seeding)
                fetched = Path(wanted.save_path, info.name())
                self.assertEqual(fetched.read_bytes(), self.clip.read_bytes())
                del leecher

    def _session(self) -> libtorrent.session:
        return libtorrent.session(
            {
                "listen_interfaces": "127.0.0.1:0",
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "allow_multiple_connections_per_ip": True,
                "ssrf_mitigation": False,
                "min_reconnect_time": 1,
            }
        )
