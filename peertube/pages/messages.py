"""The catalogue of texts: found in the code and the templates, kept in ``locale/messages.pot``.

``python -m peertube.pages.messages`` finds the texts anew and brings each language's ``messages.po`` up to date;
``python -m peertube.pages.compile_messages`` makes the ``messages.mo`` files that a pod reads.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from peertube.pages.languages import FOLDER

PAGES = Path(__file__).parent
MAIL = PAGES.with_name("mail")
_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "silent": "false", "trimmed": "false"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "text": None,
    "ngettext": (1, 2),
}


def extract() -> Catalog:
    """Every text of the pages and of mails."""
    catalogue = Catalog(project="PeerTube", charset="utf-8", fuzzy=False)
    for folder in (PAGES, MAIL):
        for name, line, message, comments, context in _found(folder):
            where = [(f"peertube/{folder.name}/{name}", line)]
            catalogue.add(message, locations=where, auto_comments=comments, context=context)
    return catalogue


def _found(folder: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    yield from extract_from_dir(
        folder,
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        directory_filter=lambda inside: Path(inside).name not in ("browser", "assets", "locale", "__pycache__"),
    )


def read(path: Path) -> Catalog:
    """A catalogue in a ``.po`` or ``.pot`` file."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path.suffix == ".pot" else path.parents[1].name)


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue, without line numbers and dates: they would change with every edit."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, no_location=True, omit_header=False, sort_output=True)


def languages() -> list[Path]:
    """The catalogue of each language but English."""
    return sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))


def main() -> None:
    """Bring the files up to date."""
    template = extract()
    write(FOLDER / "messages.pot", template)
    for path in languages():
        catalogue = read(path)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        write(path, catalogue)


if __name__ == "__main__":
    main()
