"""What is sent to make, change, rate or watch a video: forms and JSON bodies."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from peertube.api.video_parameters import ms
from peertube.model.videos import CommentsPolicy, Privacy, ScheduledUpdate, SensitiveFlags, VideoFields
from peertube.policy import video_fields as rules
from peertube.usecases.videos import VideoChanges


def _checked(problem_of: Callable[[Any], str | None]) -> AfterValidator:
    """A rule of `policy.video_fields` as pydantic takes it."""

    def check(value: Any) -> Any:
        problem = problem_of(value)
        if problem is not None:
            raise ValueError(problem)
        return value

    return AfterValidator(check)


def _or_none(value: object) -> object:
    """Forms cannot say null: they send nothing, or the word."""
    return None if value in ("", "null") else value


_Nothing = BeforeValidator(_or_none)

Name = Annotated[str, _checked(rules.name_problem)]
Description = Annotated[str | None, _Nothing, _checked(rules.description_problem)]
Support = Annotated[str | None, _Nothing, _checked(rules.support_problem)]
Category = Annotated[int | None, _Nothing, _checked(rules.category_problem)]
Licence = Annotated[int | None, _Nothing, _checked(rules.licence_problem)]
Language = Annotated[str | None, _Nothing, _checked(rules.language_problem)]
Tags = Annotated[list[str], _checked(rules.tags_problem)]
Summary = Annotated[str | None, _Nothing, _checked(rules.sensitive_summary_problem)]
Flags = Annotated[int, Field(ge=0, le=rules.ALL_FLAGS)]
Passwords = Annotated[list[str], _checked(rules.passwords_problem)]
Number = Annotated[int, Field(ge=1)]


def _no_schedule(value: object) -> object:
    return None if value in ({}, "", "null") else value


class ScheduleForm(BaseModel):
    """When a video gets another privacy by itself, and which."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    update_at: datetime
    privacy: Annotated[Privacy | None, _Nothing] = None

    def schedule(self) -> ScheduledUpdate:
        """As a video has it: public when nothing is said."""
        return ScheduledUpdate(ms(self.update_at) or 0, self.privacy or Privacy.PUBLIC)


class _Form(BaseModel):
    """The fields that making and changing a video have in common."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    category: Category = None
    licence: Licence = None
    language: Language = None
    description: Description = None
    support: Support = None
    nsfw: bool | None = None
    wait_transcoding: bool | None = None
    download_enabled: bool | None = None
    comments_policy: CommentsPolicy | None = None
    comments_enabled: bool | None = None
    originally_published_at: Annotated[datetime | None, _Nothing] = None
    nsfw_flags: Flags | None = None
    nsfw_summary: Summary = None
    schedule_update: Annotated[ScheduleForm | None, BeforeValidator(_no_schedule)] = None
    video_passwords: Passwords | None = None

    def fields(self) -> dict[str, Any]:
        """What was given, by the names of `VideoFields`."""
        given = self.model_fields_set
        nullable = ("category", "licence", "language", "description", "support", "nsfw_summary")
        fields = {name: getattr(self, name) for name in nullable if name in given}
        for name in ("name", "privacy", "nsfw", "wait_transcoding", "download_enabled", "comments_policy"):
            value = getattr(self, name)
            if name in given and value is not None:
                fields[name] = value
        if self.comments_enabled is not None and "comments_policy" not in fields:
            fields["comments_policy"] = CommentsPolicy.ENABLED if self.comments_enabled else CommentsPolicy.DISABLED
        if "originally_published_at" in given:
            fields["originally_published_ms"] = ms(self.originally_published_at)
        if self.nsfw_flags is not None:
            fields["nsfw_flags"] = SensitiveFlags(self.nsfw_flags)
        if self.nsfw is False:
            fields |= {"nsfw_flags": SensitiveFlags.NONE, "nsfw_summary": None}
        if "schedule_update" in given:
            fields["schedule"] = None if self.schedule_update is None else self.schedule_update.schedule()
        tags = getattr(self, "tags", None)
        if "tags" in given and tags is not None:
            fields["tags"] = tuple(tags)
        return fields


class UploadForm(_Form):
    """``POST /videos/upload``."""

    name: Name
    channel_id: Number
    privacy: Privacy = Privacy.PUBLIC
    tags: Tags = []

    def video_fields(self) -> VideoFields:
        """What the video will be described with."""
        return VideoFields(**{"name": self.name, "privacy": self.privacy, **self.fields()})


class UpdateForm(_Form):
    """``PUT /videos/<id>``: what is left out stays."""

    name: Name | None = None
    channel_id: Number | None = None
    privacy: Privacy | None = None
    tags: Tags | None = None

    def changes(self) -> VideoChanges:
        """What changes."""
        passwords = None if self.video_passwords is None else tuple(self.video_passwords)
        return VideoChanges(fields=self.fields(), channel_id=self.channel_id, passwords=passwords)


class RateForm(BaseModel):
    """``PUT /videos/<id>/rate``."""

    rating: Literal["like", "dislike", "none"]


class ViewForm(BaseModel):
    """``POST /videos/<id>/views``."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    current_time: Annotated[int, Field(ge=0, le=2**31 - 1)]
    view_event: Literal["seek"] | None = None
    session_id: Annotated[str, Field(max_length=100)] | None = None
    client: Annotated[str, Field(max_length=100)] | None = None
    device: Annotated[str, Field(max_length=100)] | None = None
    operating_system: Annotated[str, Field(max_length=100)] | None = None


class PasswordsForm(BaseModel):
    """``PUT /videos/<id>/passwords``."""

    passwords: Passwords


class PasswordForm(BaseModel):
    """``POST /videos/<id>/passwords``."""

    password: Annotated[str, Field(max_length=1000)]
