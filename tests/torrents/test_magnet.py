"""Magnet links that programs can follow."""

import libtorrent
from twisted.trial.unittest import SynchronousTestCase

from peertube.torrents import magnet

_HASH = "c91de08f1de6523a039a4a6dc600ab001e2e98b4"
_POD = "http://127.0.0.1:9001"


class UriTests(SynchronousTestCase):
    """The link is the whole description of a file for a client that has nothing else."""

    def test_equals_what_programs_know(self) -> None:
        """Order and escaping as programs written for PeerTube see them."""
        self.assertEqual(
            magnet.uri(
                info_hash=_HASH,
                name="First sample video",
                torrent_url=f"{_POD}/lazy-static/torrents/678fd4e0-24eb-4d15-872d-2ed263950e08-360.torrent",
                trackers=[f"{_POD}/tracker/announce", "ws://127.0.0.1:9001/tracker/socket"],
                web_seeds=[f"{_POD}/static/web-videos/14385830-7e1b-4107-9116-92b50936f5a8-360.mp4"],
            ),
            "magnet:?xs=http%3A%2F%2F127.0.0.1%3A9001%2Flazy-static%2Ftorrents%2F"
            "678fd4e0-24eb-4d15-872d-2ed263950e08-360.torrent"
            "&xt=urn:btih:c91de08f1de6523a039a4a6dc600ab001e2e98b4&dn=First+sample+video"
            "&tr=http%3A%2F%2F127.0.0.1%3A9001%2Ftracker%2Fannounce"
            "&tr=ws%3A%2F%2F127.0.0.1%3A9001%2Ftracker%2Fsocket"
            "&ws=http%3A%2F%2F127.0.0.1%3A9001%2Fstatic%2Fweb-videos%2F14385830-7e1b-4107-9116-92b50936f5a8-360.mp4",
        )

    def test_libtorrent_reads_it(self) -> None:
        """Names with separators and letters of any script do not break the link."""
        link = magnet.uri(
            info_hash=_HASH,
            name="a&b=c+d 動画",
            torrent_url=None,
            trackers=["udp://pod.example:9000"],
            web_seeds=["https://pod.example/static/web-videos/a b.mp4"],
        )
        read = libtorrent.parse_magnet_uri(link)
        self.assertEqual(str(read.info_hashes.v1), _HASH)
        self.assertEqual(read.name, "a&b=c+d 動画")
        self.assertEqual(read.trackers, ["udp://pod.example:9000"])
        self.assertNotIn("xs=", link)
