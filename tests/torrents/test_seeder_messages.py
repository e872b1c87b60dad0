"""The line protocol between the pod and its seeder."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.torrents.seeder_messages import (
    LONGEST_LINE,
    Add,
    Configure,
    Connect,
    Failed,
    Lines,
    Listening,
    Malformed,
    Numbers,
    Remove,
    TorrentNumbers,
    encode,
    parse_command,
    parse_report,
)

COMMANDS = [
    Configure("127.0.0.1:1", "ws://127.0.0.1:9000/tracker/socket", 120, "/tmp/x", 0, 200, 0, 2**28, "", False),
    Add("a" * 40, "/t/a.torrent", "/v/a\n.mp4"),
    Connect("a" * 40, ["203.0.113.7:6881", "[2001:db8::1]:6881"]),
    Remove("a" * 40),
]
REPORTS = [Listening(10_000), Numbers(1, 2, 3, 4, 5, [TorrentNumbers("a" * 40, 6, True)]), Failed("a" * 40, "gone")]


class MessageTests(SynchronousTestCase):
    """Each message is one line."""

    def test_as_documented(self) -> None:
        """The example at the head of the module."""
        self.assertEqual(encode(Listening(10_000)), b'{"say":"listening","port":10000}\n')
        self.assertEqual(parse_command(b'{"do": "remove", "info_hash": "14c1"}'), Remove("14c1"))

    def test_round_trips(self) -> None:
        """Names with line breaks too."""
        for messages, parse in ((COMMANDS, parse_command), (REPORTS, parse_report)):
            for message in messages:
                line = encode(message)
                self.assertEqual(line.count(b"\n"), 1)
                self.assertEqual(parse(line.rstrip()), message)

    def test_every_truncation_is_malformed(self) -> None:
        """Nothing but `Malformed` comes of it."""
        for messages, parse in ((COMMANDS, parse_command), (REPORTS, parse_report)):
            for message in messages:
                line = encode(message).rstrip()
                for end in range(len(line)):
                    self.assertRaises(Malformed, parse, line[:end])

    @given(st.binary(max_size=200))
    def test_anything_else_is_malformed(self, line: bytes) -> None:
        """The seeder may be broken."""
        self.assertRaises(Malformed, parse_report, line)


class LinesTests(SynchronousTestCase):
    """A stream becomes lines."""

    @given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)), st.integers(1, 7))
    def test_however_it_is_cut(self, expected: list[bytes], step: int) -> None:
        """The same lines come out."""
        stream = b"".join(line + b"\n" for line in expected)
        lines, found = Lines(), []
        for start in range(0, len(stream), step):
            found += lines.receive(stream[start : start + step])
        self.assertEqual(found, expected)

    def test_a_line_without_end(self) -> None:
        """Memory is bounded."""
        self.assertRaises(Malformed, Lines().receive, b"x" * (LONGEST_LINE + 1))
