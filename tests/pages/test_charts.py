"""Where bars and names of charts are."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.pages.charts import HEIGHT, WIDTH, Value, chart


def values(*amounts: float) -> list[Value]:
    return [Value(f"number {n}", str(n), amount, f"{amount} viewers") for n, amount in enumerate(amounts)]


class ChartTests(SynchronousTestCase):
    """All within the picture."""

    def test_bars(self) -> None:
        """The highest one is written out; names never are more than fit."""
        drawn = chart(values(*range(100)))
        self.assertEqual(len(drawn.marks), 100)
        self.assertLessEqual(len(drawn.labels), 6)
        assert drawn.highest is not None
        assert drawn.written is not None
        self.assertEqual((drawn.highest.value.value, drawn.written.text), (99, "99 viewers"))
        self.assertEqual((drawn.written.anchor, drawn.written.x), ("end", WIDTH))
        for mark in drawn.marks:
            self.assertTrue(mark.x >= 0 and mark.x + mark.width <= WIDTH + 0.1)
            self.assertTrue(0 <= mark.y <= mark.y + mark.height <= HEIGHT)

    def test_nothing(self) -> None:
        """No values, or only zeros."""
        self.assertTrue(chart([]).is_empty)
        self.assertTrue(chart(values(0, 0)).is_empty)
        self.assertFalse(chart(values(0, 1), top=100).is_empty)
