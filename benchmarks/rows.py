"""Figures as rows, for people and for `table`: what was measured, in which unit, against whom, against which budget."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

_ARGUMENTS = sys.argv[1:]
"""Before a script takes its own away."""


def options(description: str | None, **numbers: float | str) -> argparse.Namespace:
    """The command line: ``--json FILE``, and an option by each of these names."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there, for table.py")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def machine() -> str:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")
    return f"{os.cpu_count()} cores of {model}, {platform.platform()}, Python {platform.python_version()}"


def report(name: str, rows: list[dict[str, Any]], chosen: argparse.Namespace) -> None:
    """Print the rows, and write them where the options say.

    A row has `what`, `ours`, `unit`, and for a peer `peer`, `theirs`, `ratio`, `budget`.
    """
    print(machine())
    for row in rows:
        against = f"{row['peer']} {row['theirs']:.4g}, ratio {row['ratio']:.2f}" if row.get("peer") else ""
        budget = f", budget {row['budget']}" if row.get("budget") else ""
        print(f"{row['what']}: ours {row['ours']:.4g} {row['unit']} {against}{budget}")
    if chosen.json:
        command = " ".join([f"benchmarks/{Path(sys.argv[0]).name}", *_without_json(_ARGUMENTS)])
        described = {"name": name, "command": command, "machine": machine(), "rows": rows}
        described["load_average"] = os.getloadavg()[0]
        chosen.json.write_text(json.dumps(described, indent=1) + "\n")


def _without_json(arguments: list[str]) -> list[str]:
    at = arguments.index("--json") if "--json" in arguments else len(arguments)
    return arguments[:at] + arguments[at + 2 :]


def against(what: str, unit: str, ours: float, peer: str, theirs: float, budget: float | None = None) -> dict[str, Any]:
    """A row of `report`."""
    row = {"what": what, "unit": unit, "ours": ours, "peer": peer, "theirs": theirs, "ratio": ours / theirs}
    return row if budget is None else {**row, "budget": budget}
