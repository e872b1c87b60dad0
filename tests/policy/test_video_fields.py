"""What fields of videos may hold, and how much a user may store."""

from twisted.trial.unittest import TestCase

from peertube.errors import Invalid
from peertube.model.taxonomy import CATEGORIES, LANGUAGES, LICENCES
from peertube.model.videos import Privacy, ScheduledUpdate, VideoFields
from peertube.policy.video_fields import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, extension, passwords_problem, require_valid

GOOD = {
    "name": "A name",
    "category": 18,
    "licence": 7,
    "language": "zxx",
    "description": "d" * 10_000,
    "support": "s" * 1000,
    "tags": ("ab", "t" * 30, "c c", "dd", "ee"),
}


class VideoFieldTests(TestCase):
    """The limits of the REST API, for every edge."""

    def wrong(self, **fields: object) -> set[str]:
        """The names of the fields that are refused."""
        with self.assertRaises(Invalid) as caught:
            require_valid(VideoFields(**{**GOOD, **fields}))
        return set(caught.exception.fields)

    def test_at_the_limits(self) -> None:
        """Just allowed."""
        require_valid(VideoFields(**GOOD))
        require_valid(VideoFields(name="abc"))
        require_valid(VideoFields(name="n" * 120))

    def test_beyond_the_limits(self) -> None:
        """Each field is named."""
        for field, values in {
            "name": ("", "ab", "n" * 121, "   ", "a\0b", "two\nlines"),
            "description": ("", "ab", "d" * 10_001),
            "support": ("ab", "s" * 1001),
            "tags": (tuple("abcdef"), ("a",), ("t" * 31,), ("aa", "aa"), (" aa",), ("a\0b",)),
            "category": (0, 19, -1),
            "licence": (0, 8),
            "language": ("", "english", "xx-yy"),
        }.items():
            for value in values:
                self.assertEqual(self.wrong(**{field: value}), {field}, value)
        self.assertEqual(self.wrong(originally_published_ms=10**18), {"originallyPublishedAt"})
        self.assertEqual(self.wrong(nsfw_summary="ab"), {"nsfwSummary"})
        self.assertEqual(self.wrong(nsfw_summary="s" * 251), {"nsfwSummary"})
        self.assertEqual(self.wrong(schedule=ScheduledUpdate(1, Privacy.PRIVATE)), {"scheduleUpdate"})
        self.assertEqual(self.wrong(schedule=ScheduledUpdate(-1)), {"scheduleUpdate"})

    def test_passwords(self) -> None:
        """Each can be typed, and is there once."""
        self.assertIsNone(passwords_problem(("secret", "another one")))
        for wrong in (
            ("x",),
            ("p" * 101,),
            ("same", "same"),
            ("tab\there",),
            tuple(f"password {n}" for n in range(101)),
        ):
            self.assertIsNotNone(passwords_problem(wrong), wrong)

    def test_all_mistakes_at_once(self) -> None:
        """Nobody mends them one by one."""
        self.assertEqual(self.wrong(name="", category=99, tags=("x",)), {"name", "category", "tags"})

    def test_lists(self) -> None:
        """As many as the REST API has."""
        self.assertEqual((len(CATEGORIES), len(LICENCES), len(LANGUAGES)), (18, 7, 204))
        self.assertEqual((CATEGORIES[2], LICENCES[1], LANGUAGES["fr"]), ("Films", "Attribution", "French"))

    def test_extensions(self) -> None:
        """Whatever the case; the last one counts."""
        self.assertEqual(extension("A.Clip.MP4", VIDEO_EXTENSIONS), ".mp4")
        self.assertEqual(extension("a.webp", IMAGE_EXTENSIONS), ".webp")
        for name in ("mp4", "", ".", "a.mp4.exe", "a.mp4/", "a.svg"):
            self.assertIsNone(extension(name, VIDEO_EXTENSIONS + IMAGE_EXTENSIONS), name)
