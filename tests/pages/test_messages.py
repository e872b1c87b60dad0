"""The catalogue of texts: nothing forgotten, nothing left over, no placeholder broken."""

import re

from twisted.trial.unittest import TestCase

from peertube.pages.languages import FOLDER, Languages, accepted, load
from peertube.pages.messages import extract, languages, read

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
STALE = "run: python -m peertube.pages.messages, then translate what is new"


def ids(catalogue) -> set[object]:
    """Every text of a catalogue."""
    return {message.id for message in catalogue if message.id}


def placeholders(text: str) -> set[tuple[str, str]]:
    """The named placeholders of a text."""
    return set(_PLACEHOLDER.findall(text))


class MessagesTests(TestCase):
    """CI fails here when somebody adds a text and forgets the rest."""

    def test_the_template_is_not_stale(self) -> None:
        """It holds what code and templates hold."""
        self.assertEqual(ids(read(FOLDER / "messages.pot")), ids(extract()), STALE)

    def test_every_language_is_complete(self) -> None:
        """For each text there is one in each language, for each plural."""
        for path in languages():
            catalogue = read(path)
            self.assertEqual(ids(catalogue), ids(extract()), STALE)
            for message in catalogue:
                if message.id:
                    strings = message.string if isinstance(message.string, tuple) else (message.string,)
                    self.assertTrue(all(strings), message.id)
                    self.assertFalse(message.fuzzy, message.id)

    def test_placeholders_are_the_same_in_every_language(self) -> None:
        """A lost one breaks a page, a misspelt one too."""
        for path in languages():
            for message in read(path):
                if not message.id:
                    continue
                sources = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                expected = set().union(*(placeholders(source) for source in sources))
                for string in strings:
                    self.assertEqual(placeholders(string), expected, message.id)

    def test_no_bare_percent_sign(self) -> None:
        """Texts are filled in with ``%``; a bare one would break the page."""
        for message in extract():
            for text in message.id if isinstance(message.id, tuple) else (message.id,):
                self.assertNotIn("%", re.sub(r"%\(\w+\)s|%%", "", text), text)


class LanguagesTests(TestCase):
    """Which language a visitor gets."""

    def setUp(self) -> None:
        self.languages = Languages(load())

    def test_the_cookie_comes_first_then_the_browser_then_the_server(self) -> None:
        """Web-client section 5."""
        choose = self.languages.choose
        self.assertEqual(choose("de", "en").code, "de")
        self.assertEqual(choose("", "fr;q=0.9, de-CH, en;q=0.1").code, "de")
        self.assertEqual(choose(None, "fr").code, "en")
        self.assertEqual(choose("xx", None).code, "en")
        self.assertEqual(Languages(load(), default="de").choose(None, None).code, "de")

    def test_hostile_headers_are_harmless(self) -> None:
        """They come from strangers."""
        for header in ("q=;;;", "," * 10_000, "de;q=x", "../../etc", "\x00", "de;q=0"):
            self.assertEqual(self.languages.choose(None, header).code, "en", header[:20])
        self.assertEqual(accepted("de-CH, en;q=0.5"), ["de-CH", "de", "en", "en"])

    def test_counts_and_names(self) -> None:
        """Plurals by the rules of each language."""
        german = self.languages.texts["de"]
        self.assertEqual(german.ngettext("%(num)s view", "%(num)s views", 1), "1 Aufruf")
        self.assertEqual(german.ngettext("%(num)s view", "%(num)s views", 2), "2 Aufrufe")
        self.assertEqual((german.name, german.direction), ("Deutsch", "ltr"))
