"""Numbers, sizes, durations and dates as a person of a given language writes them."""

from datetime import UTC, datetime, timedelta

from attrs import frozen
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.units import format_unit
from markupsafe import Markup

from peertube.pages.languages import Texts

_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_FIRST_MS = -62_000_000_000_000
_LAST_MS = 253_000_000_000_000
_RELATIVE_LIMIT = timedelta(days=330)


@frozen
class Formats:
    """Formats for one visit; `now_ms` is what "three days ago" counts from."""

    texts: Texts
    now_ms: int

    def number(self, value: float) -> str:
        """Digits, grouped."""
        return format_decimal(value, locale=self.texts.locale)

    def short_number(self, value: int) -> str:
        """A count in little room: 1.2K."""
        return format_compact_decimal(value, locale=self.texts.locale, fraction_digits=1 if value >= 1000 else 0)

    def percent(self, share: float) -> str:
        """A share of one."""
        return format_percent(share, locale=self.texts.locale)

    def size(self, size_bytes: float) -> str:
        """Bytes in the unit that keeps the number short."""
        amount, unit = float(size_bytes), 0
        while amount >= 1000 and unit < len(_SIZES) - 1:
            amount, unit = amount / 1000, unit + 1
        pattern = "#,##0" if unit == 0 or amount >= 100 else "#,##0.#"
        return format_unit(amount, f"digital-{_SIZES[unit]}", length="short", format=pattern, locale=self.texts.locale)

    def clock(self, seconds: int) -> str:
        """A duration as players show it: 4:03, 1:02:03."""
        minutes, rest = divmod(max(0, seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def spoken(self, seconds: int) -> str:
        """A duration as it is read aloud: 4 minutes, 3 seconds."""
        minutes, rest = divmod(max(0, seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
        shown = [(amount, unit) for amount, unit in parts if amount] or [(0, "second")]
        return ", ".join(
            format_unit(amount, f"duration-{unit}", length="long", locale=self.texts.locale) for amount, unit in shown
        )

    def time(self, time_ms: int) -> Markup:
        """When something happened, as a `<time>` that tells how long ago."""
        moment = _moment(time_ms)
        distance = _moment(self.now_ms) - moment
        if abs(distance) < timedelta(seconds=1):
            shown = self.texts.gettext("just now")
        elif abs(distance) < _RELATIVE_LIMIT:
            shown = format_timedelta(-distance, add_direction=True, locale=self.texts.locale)
        else:
            shown = format_date(moment, "medium", locale=self.texts.locale)
        exact = format_datetime(moment, "long", locale=self.texts.locale)
        return _element(moment, exact, shown)

    def date(self, time_ms: int) -> Markup:
        """The day of something, as a `<time>`."""
        moment = _moment(time_ms)
        exact = format_datetime(moment, "long", locale=self.texts.locale)
        return _element(moment, exact, format_date(moment, "long", locale=self.texts.locale))


def _moment(time_ms: int) -> datetime:
    """The time, or the nearest that a calendar has and every time zone can show."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(time_ms, _FIRST_MS), _LAST_MS))


def _element(moment: datetime, exact: str, shown: str) -> Markup:
    stamp = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, exact, shown)
