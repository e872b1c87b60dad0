"""axe-core on the page that a browser shows: WCAG 2.2 AA and its best practices."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

import peertube.pages

SCRIPT = Path(peertube.pages.__file__).parent / "browser" / "node_modules" / "axe-core" / "axe.min.js"
"""Installed by ``bin/setup`` with the rest of the browser's packages."""

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
_COLOURS = ["color-contrast", "link-in-text-block"]
_RUN = """options => axe.run(document, {...options, resultTypes: ['violations']}).then(found => found.violations.map(
  one => `${one.id}: ${one.nodes.map(node => node.target.join(' ') + ' ' + node.html.slice(0, 200)).join(' | ')}`))"""


def violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """What is wrong with the page, one line for each rule.

    :param only_colours: run only the rules that depend on the theme.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT.read_text())
    kind, values = ("rule", _COLOURS) if only_colours else ("tag", _TAGS)
    options: dict[str, Any] = {"runOnly": {"type": kind, "values": values}}
    found: list[str] = page.evaluate(_RUN, options)
    return found
