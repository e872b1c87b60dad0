"""Datagrams of BEP 15."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker import udp_codec
from peertube.tracker.udp_codec import AnnounceRequest, ConnectRequest, Malformed, ScrapeRequest

CONNECT = bytes.fromhex("0000041727101980 00000000 deadbeef")
ANNOUNCE = bytes.fromhex(
    "0123456789abcdef 00000001 deadbeef"
    "000102030405060708090a0b0c0d0e0f10111213"
    "2d4c54323130302d303132333435363738396162"
    "0000000000000064 00000000000000c8 000000000000012c"
    "00000002 7f000001 cafebabe ffffffff 1ae1"
)
SCRAPE = bytes.fromhex(f"0123456789abcdef 00000002 deadbeef {'11' * 20} {'22' * 20}")
TRANSACTION = bytes.fromhex("deadbeef")


class UdpCodecTests(SynchronousTestCase):
    """Literal datagrams, cut ones, and any bytes."""

    def test_requests_of_bep_15(self) -> None:
        """Literal datagrams."""
        self.assertEqual(udp_codec.parse(CONNECT), ConnectRequest(TRANSACTION))
        expected = AnnounceRequest(
            connection_id=bytes.fromhex("0123456789abcdef"),
            transaction_id=TRANSACTION,
            info_hash=bytes(range(20)),
            left=200,
            event=2,
            wanted=-1,
            port=6881,
        )
        self.assertEqual(udp_codec.parse(ANNOUNCE), expected)
        scrape = ScrapeRequest(bytes.fromhex("0123456789abcdef"), TRANSACTION, (b"\x11" * 20, b"\x22" * 20))
        self.assertEqual(udp_codec.parse(SCRAPE), scrape)

    def test_options_behind_an_announce_are_not_read(self) -> None:
        """BEP 41 appends the path and query of the tracker's URL."""
        self.assertEqual(udp_codec.parse(ANNOUNCE + b"\x02\x09/announce"), udp_codec.parse(ANNOUNCE))

    def test_answers_of_bep_15(self) -> None:
        """Literal datagrams."""
        self.assertEqual(udp_codec.encode_connected(TRANSACTION, b"abcdefgh").hex(), "00000000deadbeef6162636465666768")
        self.assertEqual(
            udp_codec.encode_announced(TRANSACTION, 900, 3, 4, b"\x7f\0\0\x01\x1a\xe1").hex(),
            "00000001deadbeef0000038400000003000000047f0000011ae1",
        )
        self.assertEqual(
            udp_codec.encode_scraped(TRANSACTION, [(1, 2, 3), (4, 5, 2**40)]).hex(),
            "00000002deadbeef00000001000000020000000300000004000000057fffffff",
        )
        self.assertEqual(udp_codec.encode_error(TRANSACTION, "no").hex(), "00000003deadbeef6e6f")

    def test_every_truncation_is_malformed(self) -> None:
        """A cut datagram raises and never reads beyond its end."""
        for whole in (CONNECT, ANNOUNCE, SCRAPE):
            for size in range(len(whole)):
                if whole is SCRAPE and size == 36:
                    continue
                self.assertRaises(Malformed, udp_codec.parse, whole[:size])

    def test_no_hash_no_magic_no_action(self) -> None:
        """What no client sends."""
        for bad in (SCRAPE[:16], b"\1" + CONNECT[1:], CONNECT[:8] + b"\0\0\0\3" + TRANSACTION, b"\xff" * 98):
            self.assertRaises(Malformed, udp_codec.parse, bad)

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.binary(max_size=2048), st.sampled_from([b"", CONNECT[:12], ANNOUNCE[:12], SCRAPE[:12]]))
    def test_tr06_any_bytes(self, rest: bytes, start: bytes) -> None:
        """TR-06: a datagram is a request or malformed, nothing else happens."""
        try:
            request = udp_codec.parse(start + rest)
        except Malformed:
            return
        self.assertEqual(len(request.transaction_id), 4)
