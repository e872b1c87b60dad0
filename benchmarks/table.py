"""Puts the figures of benchmarks into docs/performance.rst.

    .venv/bin/python benchmarks/table.py FILE...

FILEs are what the scripts wrote with ``--json``. Those of the tracker go between the comments ``tracker figures begin``
and ``tracker figures end``, those of the API, of deliveries and of whole pods between the same with ``api``,
``delivery`` and ``pod``; what stood there is replaced, where there are new ones. The rest of the page, the reasons
among it, is left alone.
"""

import json
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "performance.rst"
SECTIONS = ("tracker", "pod", "api", "delivery")
HEAD = ("figure", "unit", "ours", "peer", "theirs", "ratio", "budget", "met")


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table."""
    budget, ratio = row.get("budget"), row.get("ratio")
    if budget is None:
        met = ""
    elif isinstance(budget, str):
        bound = float(budget.split()[0])
        holds = row["ours"] >= bound if budget.endswith("at least") else row["ours"] <= bound
        met = "yes" if holds else "**no**"
    else:
        met = "yes" if ratio <= budget else "**no**"
    theirs = number(row["theirs"]) if "theirs" in row else ""
    limit = "" if budget is None else budget if isinstance(budget, str) else f"{budget:g}x"
    return (
        row["what"],
        row["unit"],
        number(row["ours"]),
        row.get("peer", ""),
        theirs,
        "" if ratio is None else f"{ratio:.2f}",
        limit,
        met,
    )


def number(value: float) -> str:
    """Three digits that count, and no powers of ten."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(rows: list[tuple[str, ...]]) -> str:
    """A simple table of reStructuredText; an empty first cell would join rows, and there is none."""
    rows = [tuple(cell or "\\-" for cell in row) for row in [HEAD, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    rule = " ".join("=" * width for width in widths)
    lines = [" ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def section(files: list[dict[str, Any]]) -> str:
    """What stands between the comments."""
    rows = [cells(row) for one in files for row in one["rows"]]
    lines = [f"    .venv/bin/python {one['command']}  # load average {one['load_average']:.1f}" for one in files]
    commands = "\n".join(lines)
    return f"{table(rows)}\n\nMeasured on {files[0]['machine']}, with\n\n::\n\n{commands}\n"


def _section_of(name: str) -> str:
    return next((kind for kind in ("tracker", "api", "delivery") if name.startswith(kind)), "pod")


def main(names: list[str]) -> None:
    """Rewrite the page."""
    files = [json.loads(Path(name).read_text()) for name in names]
    page = PAGE.read_text()
    for kind in SECTIONS:
        own = [one for one in files if _section_of(one["name"]) == kind]
        if not own:
            continue
        begin, end = f".. {kind} figures begin", f".. {kind} figures end"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE} does not have {begin!r} and {end!r}")
        page = f"{before}{begin}\n\n{section(own)}\n{end}{after}"
    PAGE.write_text(page)


if __name__ == "__main__":
    main(sys.argv[1:])
