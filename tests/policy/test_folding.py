"""One spelling for what people search."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from peertube.policy.folding import fold


class FoldingTests(TestCase):
    """Who searches types what the keyboard has."""

    def test_case_accents_and_letters_of_others(self) -> None:
        """All of them to plain letters."""
        for text, folded in (
            ("  Élan\tVITAL ", "elan vital"),
            ("Straße", "strasse"),
            ("Ærøskøbing", "aeroskobing"),
            ("ŁÓDŹ", "lodz"),
            ("İstanbul", "istanbul"),
            ("ﬁn", "fin"),
            ("日本語", "日本語"),
        ):
            self.assertEqual(fold(text), folded)

    @given(st.text())
    def test_folding_twice_is_folding_once(self, text: str) -> None:
        """What is stored and what is searched meet."""
        self.assertEqual(fold(fold(text)), fold(text))
