"""Charts that the server draws: where each bar or point of an SVG is. `templates/charts.html` turns them into pictures.

Each value has its name beside it in a table, so a chart says nothing that cannot be read.
"""

from collections.abc import Sequence

from attrs import frozen

WIDTH = 640
HEIGHT = 200
_TOP = 20
_BOTTOM = 24
_LABELS = 6
_EDGE = 60


@frozen
class Value:
    """One value of a chart: its name (for the table), the name as it stands below the chart, and how it is written."""

    name: str
    short: str
    value: float
    written: str


@frozen
class Mark:
    """A bar, or the place of a point: pixels of the picture."""

    x: float
    y: float
    width: float
    height: float
    value: Value


@frozen
class Label:
    """A name below the chart. `anchor` as of SVG's ``text-anchor``."""

    x: float
    anchor: str
    text: str


@frozen
class Chart:
    """A picture of values from left to right, with the highest one written out."""

    marks: Sequence[Mark]
    labels: Sequence[Label]
    highest: Mark | None
    written: "Label | None"
    points: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but zeros."""
        return self.highest is None


def chart(values: Sequence[Value], *, top: float | None = None) -> Chart:
    """Place values. `top`: what the upper edge stands for; the highest value otherwise."""
    highest = max((value.value for value in values), default=0)
    upper = top or highest or 1
    width = WIDTH / max(1, len(values))
    gap = min(4.0, width * 0.2)
    marks = []
    for number, value in enumerate(values):
        height = (HEIGHT - _TOP - _BOTTOM) * min(1.0, value.value / upper)
        left = number * width
        marks.append(
            Mark(
                x=round(left + gap / 2, 2),
                y=round(HEIGHT - _BOTTOM - height, 2),
                width=round(width - gap, 2),
                height=round(height, 2),
                value=value,
            )
        )
    top_mark = max(marks, key=lambda mark: mark.height) if highest else None
    return Chart(
        marks=marks,
        labels=_labels(values, width),
        highest=top_mark,
        written=_label(top_mark.x + top_mark.width / 2, top_mark.value.written) if top_mark else None,
        points=" ".join(f"{round(mark.x + mark.width / 2, 2)},{mark.y}" for mark in marks),
    )


def _labels(values: Sequence[Value], width: float) -> list[Label]:
    """The names of a few values, never so many that they touch."""
    if not values:
        return []
    step = max(1, -(-len(values) // _LABELS))
    labels = []
    for number in range(0, len(values), step):
        labels.append(_label((number + 0.5) * width, values[number].short))
    return labels


def _label(middle: float, text: str) -> Label:
    """A text around a place, or beside it where the picture ends."""
    if middle < _EDGE:
        return Label(0, "start", text)
    if middle > WIDTH - _EDGE:
        return Label(WIDTH, "end", text)
    return Label(round(middle, 2), "middle", text)
