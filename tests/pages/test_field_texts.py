"""Every sentence of a rule that a form can break has a translation."""

import re

from pydantic import BaseModel, Field
from twisted.trial.unittest import TestCase

from peertube.errors import Invalid
from peertube.http.parameters import from_pairs
from peertube.model.videos import CommentsPolicy, Privacy, VideoFields
from peertube.pages.field_texts import label, translated
from peertube.pages.languages import load
from peertube.pages.video_form import VideoForm
from peertube.policy import names, passwords
from peertube.policy.hosts import normalise
from peertube.policy.video_fields import require_valid


class Numbers(BaseModel):
    """What numbers can be."""

    low: int = Field(default=5, ge=5)
    high: int = Field(default=5, le=5)


def broken(fields: dict[str, str], model: type[BaseModel]) -> dict[str, str]:
    """What is wrong with a form."""
    try:
        from_pairs(model, list(fields.items()))
    except Invalid as error:
        return dict(error.fields)
    raise AssertionError("nothing is wrong")


def sentences() -> list[str]:
    """What rules say when they are broken."""
    found: list[str | None] = [
        names.name_fault("A"),
        names.email_fault("x"),
        names.display_name_fault(""),
        names.text_fault("x"),
        passwords.fault("x"),
        passwords.fault("x" * 10_000),
    ]
    fields = VideoFields(
        name="",
        description="x",
        support="x",
        tags=("x",),
        category=999,
        licence=999,
        language="xx-none",
        privacy=Privacy.PASSWORD_PROTECTED,
        comments_policy=CommentsPolicy.ENABLED,
    )
    try:
        require_valid(fields)
    except Invalid as error:
        found += error.fields.values()
    try:
        normalise("no host!", https=False)
    except Invalid as error:
        found.append(error.detail)
    wrong = {"privacy": "77", "category": "x", "licence": "-1", "name": "\0", "channelId": str(2**60)}
    found += broken(wrong, VideoForm).values()
    found += broken({"name": "\0"}, VideoForm).values()
    found += broken({"channelId": str(2**60)}, VideoForm).values()
    found += broken({"channelId": "9" * 5000}, VideoForm).values()
    found += broken({"low": "1", "high": "9"}, Numbers).values()
    return [sentence for sentence in found if sentence is not None]


class FieldTextsTests(TestCase):
    """In German, as the one language that is complete."""

    def setUp(self) -> None:
        self.german = load()["de"]

    def test_every_sentence_is_known(self) -> None:
        """Whoever writes a new rule adds its sentence."""
        told = sentences()
        self.assertGreater(len(told), 18)
        for sentence in told:
            with self.subTest(sentence):
                self.assertNotEqual(translated(self.german, sentence), sentence)
                self.assertIsNone(re.search(r"%\(", translated(self.german, sentence)))

    def test_numbers_and_names_are_kept(self) -> None:
        """They say what is wrong."""
        self.assertEqual(
            translated(self.german, "Should be at least 6 characters long"), "Verwenden Sie mindestens 6 Zeichen."
        )
        self.assertEqual(
            translated(self.german, "Not a host name: '50% off!'"), "„50% off!“ ist kein Name eines Servers."
        )

    def test_what_nobody_knows_is_shown_as_it_is(self) -> None:
        """Better than nothing."""
        self.assertEqual(translated(self.german, "A new rule"), "A new rule")
        self.assertEqual((label(self.german, "tags"), label(self.german, "nothing")), ("Schlagwörter", None))
