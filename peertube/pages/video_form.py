"""The form in which an owner describes a video: the same for uploading and for editing."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from peertube.model.videos import CommentsPolicy, Privacy, ScheduledUpdate, SensitiveFlags, VideoFields
from peertube.pages.visits import Visit

FLAGS = (SensitiveFlags.VIOLENT, SensitiveFlags.EXPLICIT_SEX, SensitiveFlags.SHOCKING_DISTURBING)
FLAG_FIELDS = ("nsfwViolent", "nsfwSex", "nsfwShocking")
"""What the form calls the flags."""

_NUMBER = Field(default=None, ge=0, le=1_000_000)


class VideoForm(BaseModel):
    """What the form holds. Tags are one line, with commas between them."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    name: str = ""
    channel_id: int | None = Field(default=None, alias="channelId", ge=1)
    category: int | None = _NUMBER
    licence: int | None = _NUMBER
    language: str | None = None
    privacy: Privacy = Privacy.PUBLIC
    description: str | None = None
    support: str | None = None
    nsfw: bool = False
    nsfw_violent: bool = Field(default=False, alias="nsfwViolent")
    nsfw_sex: bool = Field(default=False, alias="nsfwSex")
    nsfw_shocking: bool = Field(default=False, alias="nsfwShocking")
    nsfw_summary: str | None = Field(default=None, alias="nsfwSummary")
    video_passwords: str = Field(default="", alias="videoPasswords")
    schedule_at: datetime | None = Field(default=None, alias="scheduleAt")
    schedule_privacy: Privacy = Field(default=Privacy.PUBLIC, alias="schedulePrivacy")
    tags: str = ""
    download_enabled: bool = Field(default=False, alias="downloadEnabled")

    def fields(self) -> dict[str, Any]:
        """By the names of `VideoFields`."""
        return {
            "name": self.name.strip(),
            "category": self.category,
            "licence": self.licence,
            "language": self.language,
            "privacy": self.privacy,
            "description": _lines(self.description),
            "support": _lines(self.support),
            "nsfw": self.nsfw,
            "nsfw_flags": self._flags(),
            "nsfw_summary": _lines(self.nsfw_summary) if self.nsfw else None,
            "schedule": self._schedule(),
            "tags": tuple(dict.fromkeys(tag for one in self.tags.split(",") if (tag := one.strip()))),
            "download_enabled": self.download_enabled,
        }

    def passwords(self) -> tuple[str, ...] | None:
        """One of each line; None when nothing was typed: a video keeps those that it has."""
        typed = tuple(dict.fromkeys(line.strip() for line in self.video_passwords.splitlines() if line.strip()))
        return typed or None

    def _flags(self) -> SensitiveFlags:
        given = (self.nsfw_violent, self.nsfw_sex, self.nsfw_shocking)
        chosen = (flag for flag, on in zip(FLAGS, given, strict=True) if on and self.nsfw)
        return SensitiveFlags(sum(int(flag) for flag in chosen))

    def _schedule(self) -> ScheduledUpdate | None:
        """The time is meant in UTC: a form without script cannot know another zone."""
        if self.schedule_at is None:
            return None
        return ScheduledUpdate(round(self.schedule_at.replace(tzinfo=UTC).timestamp() * 1000), self.schedule_privacy)


def values_of(fields: VideoFields) -> dict[str, object]:
    """A form's content for what a video says now."""
    return {
        "name": fields.name,
        "category": fields.category or "",
        "licence": fields.licence or "",
        "language": fields.language or "",
        "privacy": int(fields.privacy),
        "description": fields.description or "",
        "support": fields.support or "",
        "nsfw": fields.nsfw,
        **{name: flag in fields.nsfw_flags for name, flag in zip(FLAG_FIELDS, FLAGS, strict=True)},
        "nsfwSummary": fields.nsfw_summary or "",
        "videoPasswords": "",
        "scheduleAt": "" if fields.schedule is None else _typed_time(fields.schedule.update_ms),
        "schedulePrivacy": int(Privacy.PUBLIC if fields.schedule is None else fields.schedule.privacy),
        "tags": ", ".join(fields.tags),
        "downloadEnabled": fields.download_enabled,
        "channelId": "",
    }


def values_typed(visit: Visit) -> dict[str, object]:
    """A form's content as it was sent, so that nothing typed is lost."""
    typed: dict[str, object] = dict(values_of(VideoFields(name="", comments_policy=CommentsPolicy.ENABLED)))
    typed.update({"nsfw": False, "downloadEnabled": False, **dict.fromkeys(FLAG_FIELDS, False)})
    typed.update({name: value for name, value in visit.form if name in typed})
    return typed


def _typed_time(time_ms: int) -> str:
    """A time as a field for dates and times holds it."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def _lines(text: str | None) -> str | None:
    """A text with plain line ends; None for none."""
    stripped = (text or "").replace("\r\n", "\n").strip()
    return stripped or None
