"""What the fields of a video may hold. Each rule gives None, or what is wrong in words for whoever filled the form."""

from collections.abc import Sequence

from peertube.errors import Invalid
from peertube.model.taxonomy import CATEGORIES, LANGUAGES, LICENCES
from peertube.model.videos import Privacy, ScheduledUpdate, SensitiveFlags, VideoFields

NAME_LENGTH = (3, 120)
DESCRIPTION_LENGTH = (3, 10_000)
SUPPORT_LENGTH = (3, 1_000)
MAXIMUM_TAGS = 5
TAG_LENGTH = (2, 30)
SUMMARY_LENGTH = (3, 250)
ALL_FLAGS = int(SensitiveFlags.VIOLENT | SensitiveFlags.EXPLICIT_SEX | SensitiveFlags.SHOCKING_DISTURBING)
PASSWORD_LENGTH = (2, 100)
MAXIMUM_PASSWORDS = 100
SCHEDULED = frozenset({Privacy.PUBLIC, Privacy.UNLISTED, Privacy.INTERNAL})
"""What a video can become by itself."""

LATEST_MS = 253_402_300_799_000
"""The last second of the year 9999."""

VIDEO_EXTENSIONS = (".mp4", ".ogv", ".webm")
IMAGE_EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp")
MAXIMUM_IMAGE_SIZE = 8 * 2**20


def name_problem(name: str) -> str | None:
    """A name is a line of 3 to 120 characters."""
    low, high = NAME_LENGTH
    if low <= len(name) <= high and name.strip() and "\0" not in name and "\n" not in name:
        return None
    return f"Should have a video name between {low} and {high} characters long"


def description_problem(description: str | None) -> str | None:
    """A description is absent or has 3 to 10,000 characters."""
    return _text_problem(description, DESCRIPTION_LENGTH, "description")


def support_problem(support: str | None) -> str | None:
    """A text on how to support the author is absent or has 3 to 1,000 characters."""
    return _text_problem(support, SUPPORT_LENGTH, "support text")


def tags_problem(tags: Sequence[str]) -> str | None:
    """At most 5 tags of 2 to 30 characters, none twice."""
    low, high = TAG_LENGTH
    sized = all(low <= len(tag) <= high and tag.strip() == tag and tag.isprintable() for tag in tags)
    if len(tags) <= MAXIMUM_TAGS and sized and len(set(tags)) == len(tags):
        return None
    return f"Should have at most {MAXIMUM_TAGS} different tags, each between {low} and {high} characters long"


def category_problem(category: int | None) -> str | None:
    """A category is one of the known ones or absent."""
    return None if category is None or category in CATEGORIES else "Should have a valid category"


def licence_problem(licence: int | None) -> str | None:
    """A licence is one of the known ones or absent."""
    return None if licence is None or licence in LICENCES else "Should have a valid licence"


def language_problem(language: str | None) -> str | None:
    """A language is one of the known codes or absent."""
    return None if language is None or language in LANGUAGES else "Should have a valid language"


def sensitive_summary_problem(summary: str | None) -> str | None:
    """Why a video is sensitive is said in 3 to 250 characters, or not at all."""
    return _text_problem(summary, SUMMARY_LENGTH, "summary of what is sensitive")


def sensitive_flags_problem(flags: int) -> str | None:
    """Flags are a sum of those that there are."""
    return None if 0 <= flags <= ALL_FLAGS else "Should have valid flags of sensitive content"


def schedule_problem(schedule: ScheduledUpdate | None) -> str | None:
    """A video can become public, unlisted or internal by itself, at a time that the rest of the world can write."""
    if schedule is None:
        return None
    if schedule.privacy not in SCHEDULED:
        return "Should have a privacy of public, unlisted or internal"
    return None if 0 < schedule.update_ms <= LATEST_MS else "Should have a valid date of the update"


def passwords_problem(passwords: Sequence[str]) -> str | None:
    """At most 100 different passwords of 2 to 100 characters."""
    low, high = PASSWORD_LENGTH
    if len(passwords) > MAXIMUM_PASSWORDS:
        return f"Should have at most {MAXIMUM_PASSWORDS} passwords"
    if not all(low <= len(password) <= high and password.isprintable() for password in passwords):
        return f"Should have passwords between {low} and {high} characters long"
    return None if len(set(passwords)) == len(passwords) else "Should not have the same password twice"


def originally_published_problem(originally_published_ms: int | None) -> str | None:
    """A date that the rest of the world can write down."""
    fits = originally_published_ms is None or -LATEST_MS < originally_published_ms <= LATEST_MS
    return None if fits else "Should have a valid original publication date"


def require_valid(fields: VideoFields) -> None:
    """Refuse fields that break a rule.

    :raises Invalid: naming every field that is wrong, as the REST API spells it.
    """
    problems = {
        "name": name_problem(fields.name),
        "description": description_problem(fields.description),
        "support": support_problem(fields.support),
        "tags": tags_problem(fields.tags),
        "category": category_problem(fields.category),
        "licence": licence_problem(fields.licence),
        "language": language_problem(fields.language),
        "nsfwSummary": sensitive_summary_problem(fields.nsfw_summary),
        "nsfwFlags": sensitive_flags_problem(fields.nsfw_flags),
        "scheduleUpdate": schedule_problem(fields.schedule),
        "originallyPublishedAt": originally_published_problem(fields.originally_published_ms),
    }
    wrong = {field: problem for field, problem in problems.items() if problem is not None}
    if wrong:
        raise Invalid(f"Incorrect request parameters: {', '.join(wrong)}", fields=wrong)


def extension(file_name: str, allowed: Sequence[str]) -> str | None:
    """The extension of a file's name in lower case, with its dot, when it is an allowed one."""
    _, dot, last = file_name.rpartition(".")
    found = f"{dot}{last}".lower()
    return found if found in allowed else None


def _text_problem(text: str | None, length: tuple[int, int], what: str) -> str | None:
    low, high = length
    if text is None or (low <= len(text) <= high and "\0" not in text):
        return None
    return f"Should have a {what} between {low} and {high} characters long"
