"""Which part of a chunk is still missing."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Conflict, Invalid
from peertube.policy.content_range import Chunk, parse, skipped


class ParseTests(SynchronousTestCase):
    """The header as RFC 9110 has it."""

    def test_chunks_and_questions(self) -> None:
        """The size may be left open."""
        self.assertEqual(parse("bytes 0-131071/208207"), Chunk(0, 131071, 208207))
        self.assertEqual(parse(" bytes 5-5/* "), Chunk(5, 5, None))
        self.assertIsNone(parse("bytes */208207"))
        self.assertIsNone(parse("bytes */*"))
        self.assertEqual(Chunk(5, 5, None).length, 1)

    def test_nonsense(self) -> None:
        """400, never a guess."""
        for header in (
            "",
            "bytes",
            "bytes 5/7",
            "bytes 5-4/7",
            "bytes -5-4/7",
            "bytes 0-1",
            "items 0-1/2",
            "bytes 0-1/2,3-4/5",
            "bytes 0-" + "9" * 30 + "/5",
            "bytes \u0663-\u0664/\u0665",
        ):
            with self.assertRaises(Invalid, msg=header):
                parse(header)


class SkippedTests(SynchronousTestCase):
    """A lost answer makes clients send bytes again."""

    def test_fits(self) -> None:
        """The next bytes, bytes that are there in part, bytes that are all there."""
        for chunk, skip in (
            (Chunk(10, 19, 100), 0),
            (Chunk(0, 19, 100), 10),
            (Chunk(0, 9, None), 10),
            (Chunk(3, 4, 100), 2),
            (Chunk(10, 99, 100), 0),
        ):
            self.assertEqual(skipped(chunk, received=10, size=100), skip)

    def test_does_not_fit(self) -> None:
        """A hole before it, beyond the end, another file."""
        for chunk in (Chunk(11, 19, 100), Chunk(10, 100, 100), Chunk(10, 19, 99)):
            with self.assertRaises(Conflict) as caught:
                skipped(chunk, received=10, size=100)
            self.assertEqual(caught.exception.code, "wrong_range")
