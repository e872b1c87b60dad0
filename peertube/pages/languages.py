"""Which language a page speaks, and its texts.

One domain, `messages`, in ``locale/<code>/LC_MESSAGES``. English is in the code itself. The language of a request is
the one of the cookie, then the best of ``Accept-Language``, then the server's.
"""

import gettext
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from attrs import frozen
from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).with_name("locale")
SOURCE = "en"
MAXIMUM_HEADER = 500


@frozen
class Texts:
    """The texts of one language."""

    code: str
    locale: Locale
    catalogue: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """Which way the language is written: ``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return (self.locale.get_display_name(self.locale) or self.code).capitalize()

    def gettext(self, message: str, /, **variables: object) -> str:
        """A text; named placeholders ``%(name)s`` are filled in."""
        return self.catalogue.gettext(message) % variables

    def ngettext(self, singular: str, plural: str, number: int, /, **variables: object) -> str:
        """A text for a count; ``%(num)s`` is the count."""
        variables.setdefault("num", number)
        return self.catalogue.ngettext(singular, plural, number) % variables


class Languages:
    """Every language there are texts for."""

    def __init__(self, texts: Mapping[str, Texts], default: str = SOURCE) -> None:
        self.texts = texts
        self._default = default if default in texts else SOURCE

    def choose(self, cookie: str | None, accept_language: str | None) -> Texts:
        """The language for one request."""
        if cookie is not None and cookie in self.texts:
            return self.texts[cookie]
        wanted = accepted(accept_language or "")
        found = negotiate_locale(wanted, list(self.texts), sep="-") if wanted else None
        return self.texts[found or self._default]


def load(folder: Path = FOLDER) -> dict[str, Texts]:
    """The texts of every language in `folder`, English first."""
    texts = {SOURCE: Texts(SOURCE, Locale.parse(SOURCE), gettext.NullTranslations())}
    for messages in sorted(folder.glob("*/LC_MESSAGES")):
        code = messages.parent.name
        try:
            locale = Locale.parse(code, sep="_")
        except (ValueError, UnknownLocaleError):
            continue
        catalogue = _catalogue(messages)
        if catalogue is not None:
            texts[code] = Texts(code, locale, catalogue)
    return texts


def _catalogue(messages: Path) -> gettext.GNUTranslations | None:
    compiled, source = messages / "messages.mo", messages / "messages.po"
    if compiled.exists() and not (source.exists() and source.stat().st_mtime > compiled.stat().st_mtime):
        return gettext.GNUTranslations(BytesIO(compiled.read_bytes()))
    if source.exists():
        buffer = BytesIO()
        write_mo(buffer, read_po(BytesIO(source.read_bytes())))
        buffer.seek(0)
        return gettext.GNUTranslations(buffer)
    return None


def accepted(header: str) -> list[str]:
    """The codes of an ``Accept-Language`` header, most wanted first, each followed by its bare language."""
    weighed = []
    for position, part in enumerate(header[:MAXIMUM_HEADER].split(",")):
        code, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if code.strip() and quality > 0:
            weighed.append((-quality, position, code.strip()))
    codes = []
    for _, _, code in sorted(weighed):
        codes.extend([code, code.partition("-")[0]])
    return codes
