"""Queries and bencoded answers."""

import bencodepy
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker import http_codec
from peertube.tracker.announce import Announced, Scraped
from peertube.tracker.http_codec import AnnounceQuery, Malformed
from peertube.tracker.swarm import Event

QUERY = (
    b"info_hash=%C9%1D%E0%1D%E6R%3A%03Jm%C6%00%AB%00%1E.%B4abc&peer_id=-LT2100-0123456789ab&port=6881"
    b"&uploaded=0&downloaded=0&left=1000&event=started&numwant=30&compact=1&key=DEAD&ip=10.9.8.7&ipv6=::1&ipv6=::2"
)
INFO_HASH = bytes.fromhex("c91de01de6523a034a6dc600ab001e2eb4") + b"abc"
HASH = b"info_hash=" + b"h" * 20
MINIMAL = HASH + b"&peer_id=" + b"p" * 20 + b"&port=1&left=0"


class AnnounceTests(SynchronousTestCase):
    """Queries of announces."""

    def test_a_query_as_clients_send_it(self) -> None:
        """Escaped bytes, and fields that are not read."""
        expected = AnnounceQuery(INFO_HASH, b"-LT2100-0123456789ab", 6881, 1000, Event.STARTED, 30, True)
        self.assertEqual(http_codec.parse_announce(QUERY), expected)

    def test_defaults(self) -> None:
        """Compact and 50 peers, unless asked otherwise."""
        parsed = http_codec.parse_announce(MINIMAL)
        self.assertEqual((parsed.wanted, parsed.compact, parsed.event, parsed.left), (50, True, Event.NONE, 0))
        self.assertFalse(http_codec.parse_announce(MINIMAL + b"&compact=0").compact)
        self.assertEqual(http_codec.parse_announce(MINIMAL + b"&event=paused").event, Event.NONE)

    def test_tr06_numwant_is_bounded(self) -> None:
        """TR-06: nobody gets more than 50 peers."""
        for numwant, expected in ((b"-1", 50), (b"0", 0), (b"1000000000", 50), (b"7", 7)):
            self.assertEqual(http_codec.parse_announce(MINIMAL + b"&numwant=" + numwant).wanted, expected)

    def test_tr06_wrong_announces(self) -> None:
        """TR-06: each is refused with a word on what is wrong."""
        cases = {
            b"": "missing",
            MINIMAL.replace(b"h" * 20, b"h" * 19): "invalid info_hash",
            MINIMAL.replace(b"h" * 20, b"h" * 21): "invalid info_hash",
            MINIMAL.replace(b"h" * 20, b"h" * 32): "invalid info_hash",
            MINIMAL.replace(b"h" * 20, b"h" * 18 + b"%zz"): "invalid info_hash",
            MINIMAL.replace(b"p" * 20, b"p" * 19): "invalid peer_id",
            MINIMAL.replace(b"port=1", b"port=0"): "invalid port",
            MINIMAL.replace(b"port=1", b"port=65536"): "invalid port",
            MINIMAL.replace(b"port=1", b"port=-1"): "invalid port",
            MINIMAL.replace(b"port=1", b"port="): "invalid port",
            MINIMAL.replace(b"port=1&", b""): "missing port",
            MINIMAL.replace(b"left=0", b"left=NaN"): "invalid left",
            MINIMAL.replace(b"left=0", b"left=1e3"): "invalid left",
            MINIMAL.replace(b"left=0", b"left=" + b"9" * 5000): "invalid left",
            MINIMAL + b"&event=exploded": "invalid event",
            MINIMAL + b"&numwant=many": "invalid numwant",
            MINIMAL + b"&info_hash=" + b"g" * 20: "info_hash given twice",
            MINIMAL + b"&port=2": "port given twice",
            MINIMAL + b"&x=" + b"y" * 9000: "query too long",
        }
        for query, reason in cases.items():
            refusal = self.assertRaises(Malformed, http_codec.parse_announce, query)
            self.assertIn(reason, refusal.reason, query)

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.binary(max_size=300), st.sampled_from([b"", MINIMAL, MINIMAL + b"&event=", HASH + b"&port="]))
    def test_tr06_any_query(self, rest: bytes, start: bytes) -> None:
        """TR-06: a query is an announce or malformed, nothing else happens."""
        try:
            parsed = http_codec.parse_announce(start + rest)
        except Malformed as malformed:
            self.assertTrue(bencodepy.decode(http_codec.encode_failure(malformed.reason)))
        else:
            self.assertEqual((len(parsed.info_hash), len(parsed.peer_id)), (20, 20))
            self.assertTrue(0 < parsed.port < 65536 and 0 <= parsed.wanted <= 50)

    def test_every_truncation_raises_cleanly_or_parses(self) -> None:
        """A cut query is no reason for another error."""
        for size in range(len(QUERY)):
            try:
                http_codec.parse_announce(QUERY[:size])
            except Malformed:
                continue


class ScrapeTests(SynchronousTestCase):
    """Queries of scrapes."""

    def test_hashes_in_order(self) -> None:
        """One or several."""
        self.assertEqual(http_codec.parse_scrape(HASH), (b"h" * 20,))
        self.assertEqual(http_codec.parse_scrape(HASH + b"&info_hash=" + b"%67" * 20), (b"h" * 20, b"g" * 20))

    def test_tr06_wrong_scrapes(self) -> None:
        """TR-06: none, which elsewhere lists all torrents, wrong sizes, and too many."""
        for query in (b"", b"x=1", b"info_hash=", HASH + b"h", b"&".join([HASH] * 75), b"&".join([HASH] * 10_000)):
            self.assertRaises(Malformed, http_codec.parse_scrape, query)
        self.assertEqual(len(http_codec.parse_scrape(b"&".join([HASH] * 74))), 74)


class AnswerTests(SynchronousTestCase):
    """Bencoded answers."""

    def test_compact(self) -> None:
        """Literal bencoding with keys in order; IPv6 peers apart (BEP 7)."""
        announced = Announced(1, 100, 7, b"\x7f\0\0\x01\x1a\xe1")
        self.assertEqual(
            http_codec.encode_announced(announced, b"", 600),
            b"d8:completei1e10:downloadedi7e10:incompletei100e8:intervali600e5:peers6:\x7f\0\0\x01\x1a\xe1e",
        )
        with_ipv6 = bencodepy.decode(http_codec.encode_announced(announced, bytes(15) + b"\1\1\2", 600))
        self.assertEqual(with_ipv6[b"peers6"], bytes(15) + b"\1\1\2")
        self.assertEqual(list(with_ipv6), sorted(with_ipv6))

    def test_in_full(self) -> None:
        """A dictionary for each peer, as text (BEP 3)."""
        announced = Announced(1, 100, 7, b"\x7f\0\0\x01\x1a\xe1\x0a\0\0\x02\0\x50")
        answer = bencodepy.decode(http_codec.encode_announced_in_full(announced, bytes(15) + b"\1\1\2", 600))
        self.assertEqual(
            answer[b"peers"],
            [
                {b"ip": b"127.0.0.1", b"port": 6881},
                {b"ip": b"10.0.0.2", b"port": 80},
                {b"ip": b"::1", b"port": 258},
            ],
        )

    def test_scraped(self) -> None:
        """Info-hashes are bytes as they are, in order."""
        answer = http_codec.encode_scraped({INFO_HASH: Scraped(1, 2, 3), bytes(20): Scraped(4, 5, 6)})
        self.assertEqual(
            bencodepy.decode(answer),
            {
                b"files": {
                    bytes(20): {b"complete": 4, b"downloaded": 5, b"incomplete": 6},
                    INFO_HASH: {b"complete": 1, b"downloaded": 2, b"incomplete": 3},
                }
            },
        )

    def test_failure(self) -> None:
        """A reason, and no more."""
        self.assertEqual(http_codec.encode_failure("unknown torrent"), b"d14:failure reason15:unknown torrente")
