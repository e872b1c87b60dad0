"""What is indexed of a text, and what a typing error is."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from peertube.policy.search_words import (
    DESCRIPTION,
    MAXIMUM_ASKED,
    MAXIMUM_INDEXED,
    MAXIMUM_LETTERS,
    NAME,
    TAG,
    asked_words,
    may_be_meant,
    standing,
    variants,
    weights_of,
    words,
)


class WordTests(TestCase):
    """Texts become words."""

    def test_words_are_runs_of_letters_and_digits(self) -> None:
        """Signs and accents part or change nothing that anybody types."""
        for text, expected in (
            ("Élan  vital!", ["elan", "vital"]),
            ("l'été-2026, 100%", ["l", "ete", "2026", "100"]),
            ("snake_case", ["snake", "case"]),
            ("%_!", []),
            ("Straße" + "x" * 100, ["strasse" + "x" * (MAXIMUM_LETTERS - 7)]),
        ):
            self.assertEqual(words(text), expected)

    def test_scripts_without_blanks_are_cut_into_pairs(self) -> None:
        """Who searches for a part of such a sentence finds it."""
        self.assertEqual(words("日本語 go東京1"), ["日本", "本語", "go", "東京", "1"])
        self.assertEqual(words("猫"), ["猫"])

    def test_few_words_are_asked_and_each_once(self) -> None:
        """A book is no search."""
        self.assertEqual(asked_words("b A a"), ("b", "a"))
        self.assertEqual(len(asked_words(" ".join(map(str, range(100))))), MAXIMUM_ASKED)

    def test_words_weigh_by_their_best_place(self) -> None:
        """Names before tags before descriptions; a short name weighs more than a long one."""
        weights = weights_of(name="Amber road", tags=("road", "travel"), description="Travel far")
        self.assertEqual(weights["road"], weights["amber"])
        self.assertGreater(weights["road"], NAME)
        self.assertEqual((weights["travel"], weights["far"]), (TAG, DESCRIPTION))
        self.assertGreater(weights["amber"], weights_of(name="Amber on a road")["amber"])

    def test_long_descriptions_are_not_indexed_whole(self) -> None:
        """What one video can cost is bounded, and its name is never what is left out."""
        weights = weights_of(name="last", tags=("tag",), description=" ".join(map(str, range(1000))))
        self.assertEqual(len(weights), MAXIMUM_INDEXED)
        self.assertIn("tag", weights)

    def test_more_views_and_then_later_dates_come_first(self) -> None:
        """But not each single view changes the order."""
        self.assertGreater(standing(1000, 0), standing(10, 2**41))
        self.assertEqual(standing(1000, 5000), standing(1001, 5000))
        self.assertGreater(standing(0, 6000), standing(0, 5000))


class ErrorTests(TestCase):
    """Typing errors."""

    def test_one_error_in_a_short_word_two_in_a_long_one(self) -> None:
        """And none where every other word would do."""
        for asked, known in (("brigde", "bridge"), ("bride", "bridge"), ("brridge", "bridge"), ("brodge", "bridge")):
            self.assertTrue(may_be_meant(asked, known), asked)
            self.assertTrue(set(variants(asked)) & set(variants(known)), asked)
        self.assertTrue(may_be_meant("photograpyh", "photography"))
        self.assertTrue(may_be_meant("fotography", "photography"))
        self.assertFalse(may_be_meant("cat", "car"))
        self.assertFalse(may_be_meant("broken", "bridge"))

    def test_numbers_are_meant_as_they_are(self) -> None:
        """2024 is no error for 2025."""
        self.assertEqual(variants("2024"), ())

    @given(st.text("abcd", min_size=4, max_size=9), st.integers(0, 8), st.sampled_from("abcd"))
    def test_every_single_error_is_found(self, word: str, place: int, letter: str) -> None:
        """Words with one error between them share a variant."""
        place %= len(word)
        errors = [word[:place] + letter + word[place + 1 :], word[:place] + letter + word[place:]]
        if place + 1 < len(word):
            errors.append(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
        for error in errors:
            self.assertTrue(may_be_meant(error, word))
            self.assertTrue(set(variants(error)) & set(variants(word)), error)
