"""The form in which an owner describes a video: the same for uploading and for editing."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from peertube.model.videos import CommentsPolicy, Privacy, VideoFields
from peertube.pages.visits import Visit

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
            "tags": tuple(dict.fromkeys(tag for one in self.tags.split(",") if (tag := one.strip()))),
            "download_enabled": self.download_enabled,
        }


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
        "tags": ", ".join(fields.tags),
        "downloadEnabled": fields.download_enabled,
        "channelId": "",
    }


def values_typed(visit: Visit) -> dict[str, object]:
    """A form's content as it was sent, so that nothing typed is lost."""
    typed: dict[str, object] = dict(values_of(VideoFields(name="", comments_policy=CommentsPolicy.ENABLED)))
    typed.update({"nsfw": False, "downloadEnabled": False})
    typed.update({name: value for name, value in visit.form if name in typed})
    return typed


def _lines(text: str | None) -> str | None:
    """A text with plain line ends; None for none."""
    stripped = (text or "").replace("\r\n", "\n").strip()
    return stripped or None
