"""The words between the pod and the other processes of its tracker."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.process_messages import (
    HASHES_AT_ONCE,
    LONGEST_MESSAGE,
    Announce,
    Configure,
    Count,
    Counted,
    Forget,
    Know,
    Malformed,
    Numbers,
    Scrape,
    encode,
    joined,
    parse_command,
    parse_report,
    separate,
)


class ProcessMessagesTests(SynchronousTestCase):
    """There and back."""

    def test_commands(self) -> None:
        """Each is what it was."""
        for command in (
            Configure(1, 2, b"s" * 32, True, 900, 10, 10, 0, False),
            Know(b"k" * 20, last=True),
            Forget(b"k" * 40),
            Announce(7, b"k" * 20, bytes(16), 6881, 2**63, 0, 50),
            Count(8, b"k" * 20),
        ):
            self.assertEqual(parse_command(encode(command)), command)

    def test_reports(self) -> None:
        """Each is what it was."""
        for report in (
            Counted(8, [(1, 2, 3), None]),
            Numbers({"peers": 1}, {b"k" * 20: 3}),
            Scrape(bytes(28), b"test", b"k" * 40),
        ):
            self.assertEqual(parse_report(encode(report)), report)

    @given(st.binary(max_size=60))
    def test_rubbish(self, rubbish: bytes) -> None:
        """Is said to be that, and nothing else happens."""
        for parse in (parse_command, parse_report):
            try:
                parse(rubbish)
            except Malformed:
                continue

    def test_many_info_hashes(self) -> None:
        """Go in several messages, each within its bound; none at all is one empty message."""
        self.assertEqual(joined([]), [b""])
        hashes = [number.to_bytes(20, "big") for number in range(2 * HASHES_AT_ONCE + 1)]
        parts = joined(hashes)
        self.assertEqual([one for part in parts for one in separate(part)], hashes)
        self.assertEqual(len(parts), 3)
        self.assertLess(len(encode(Know(parts[0], last=False))), LONGEST_MESSAGE)
