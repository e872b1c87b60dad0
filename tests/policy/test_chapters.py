"""Which chapters a description names."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.model.chapters import Chapter
from peertube.model.storyboards import Grid, grid_of
from peertube.policy.chapters import cleaned, of_description, problem


class DescriptionTests(SynchronousTestCase):
    """People write chapters in many ways."""

    def test_a_block_of_times(self) -> None:
        """Text before and after is none of it."""
        text = "About this\n\n00:00 Start\n1:05 - The middle\n[1:00:07] End: all of it\n\n2:00:00 Not this one"
        expected = (Chapter(0, "Start"), Chapter(65, "The middle"), Chapter(3607, "End: all of it"))
        self.assertEqual(of_description(text, 9000), expected)

    def test_one_is_none(self) -> None:
        """A single time is a mention, not a table of contents."""
        self.assertEqual(of_description("0:30 look at this", 100), ())
        self.assertEqual(of_description(None, 100), ())

    def test_times_beyond_the_end(self) -> None:
        """Nobody can go there."""
        self.assertEqual(of_description("0:00 a\n0:05 b\n9:00 c", 10), (Chapter(0, "a"), Chapter(5, "b")))

    def test_no_times(self) -> None:
        """Ratios, prices and longer clocks are left alone."""
        for text in ("1:2 a\n3:4 b", "12:34:56:78 a\n12:34:56:79 b", "0:00\n0:05"):
            self.assertEqual(of_description(text, 99_999), (), text)

    def test_hostile_text(self) -> None:
        """Long lines take no time."""
        self.assertEqual(of_description(" " * 10_000 + "\n" + "0:00" * 2500, 100), ())

    def test_what_a_file_holds(self) -> None:
        """In order, once, within the video."""
        found = [Chapter(9, "b"), Chapter(0, " a "), Chapter(9, "c"), Chapter(11, "late"), Chapter(3, " ")]
        self.assertEqual(cleaned(found, 10), (Chapter(0, "a"), Chapter(9, "b")))

    def test_what_may_be_set(self) -> None:
        """Each fault has its sentence."""
        self.assertIsNone(problem([Chapter(0, "a"), Chapter(10, "b")], 10))
        for wrong in ([Chapter(0, "a"), Chapter(0, "b")], [Chapter(11, "a")], [Chapter(0, "a" * 101)]):
            self.assertIsNotNone(problem(wrong, 10))


class GridTests(SynchronousTestCase):
    """Storyboards have limits."""

    def test_short_and_long(self) -> None:
        """From three seconds on; never more than eleven by eleven."""
        self.assertIsNone(grid_of(2, 640, 360))
        self.assertEqual(grid_of(10, 640, 360), Grid(4, 3, 192, 108, 1))
        self.assertEqual(grid_of(121, 640, 360), Grid(11, 11, 192, 108, 1))
        self.assertEqual(grid_of(122, 360, 640), Grid(8, 8, 108, 192, 2))
        day = grid_of(86_400, 1920, 1080)
        assert day is not None
        self.assertEqual((day.columns, day.rows, day.sprite_seconds), (11, 11, 715))
