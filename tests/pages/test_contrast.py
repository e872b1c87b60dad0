"""The colours of both themes: every pair that meets on a page, computed from the style sheet (WCAG 2.2)."""

import re
from pathlib import Path

from twisted.trial.unittest import TestCase

import peertube.pages

TOKENS = Path(peertube.pages.__file__).parent / "browser" / "src" / "styles" / "tokens.css"
_PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);", re.I)
_ONE = re.compile(r"^    --([a-z0-9-]+): (#[0-9A-F]{6});", re.I | re.M)
GROUNDS = ("bg", "surface", "sunken")


def luminance(colour: str) -> float:
    """Relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: str, second: str) -> float:
    """The contrast of two colours."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def themes() -> dict[str, dict[str, str]]:
    """The colours of each theme by name."""
    found = _PAIR.findall(TOKENS.read_text())
    return {"light": {name: one for name, one, _ in found}, "dark": {name: two for name, _, two in found}}


class ContrastTests(TestCase):
    """Nobody has to guess what is written."""

    def _least(self, texts: list[str], grounds: list[str], least: float) -> None:
        for theme, colours in themes().items():
            for text in texts:
                for ground in grounds:
                    found = ratio(colours[text], colours[ground])
                    self.assertGreaterEqual(found, least, f"{text} on {ground}, {theme}: {found:.2f}")

    def test_the_formula(self) -> None:
        """Black on white is 21."""
        self.assertAlmostEqual(ratio("#000000", "#FFFFFF"), 21)

    def test_text_on_every_ground(self) -> None:
        """4.5 is asked for; the design has more."""
        self._least(["text"], [*GROUNDS, "accent-soft", "danger-soft", "warn-soft", "ok-soft"], 7)
        self._least(["muted", "accent", "accent-hover"], list(GROUNDS), 4.5)

    def test_states_on_their_soft_grounds_and_on_the_page(self) -> None:
        """Also what administrators see."""
        for name in ("accent", "danger", "warn", "ok"):
            self._least([name], [f"{name}-soft", "bg", "surface"], 4.5)

    def test_words_on_buttons(self) -> None:
        """The main button, the dangerous one, and both when pointed at."""
        self._least(["on-accent"], ["accent", "accent-hover"], 4.5)
        self._least(["on-danger"], ["danger"], 4.5)

    def test_live_marks_and_series_of_charts(self) -> None:
        """White on live; lines on the grounds."""
        for colours in themes().values():
            self.assertGreaterEqual(ratio("#FFFFFF", colours["live"]), 4.5)
        self._least([f"series-{number}" for number in range(1, 6)], ["bg", "surface"], 4.5)

    def test_edges_of_fields(self) -> None:
        """3 is asked of what shows where a field is."""
        self._least(["control"], list(GROUNDS), 3)

    def test_old_browsers_get_the_light_colours(self) -> None:
        """Without light-dark() the same values stand alone."""
        alone = dict(_ONE.findall(TOKENS.read_text()))
        self.assertEqual(alone, themes()["light"])
