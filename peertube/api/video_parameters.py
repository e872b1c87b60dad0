"""The query strings of lists of videos."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from attrs import evolve
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from peertube.errors import Invalid
from peertube.model.pages import DEFAULT_COUNT, MAXIMUM_COUNT, MAXIMUM_START, Window
from peertube.model.users import Viewer
from peertube.model.video_filters import Include, Sensitive, VideoFilter
from peertube.model.videos import Privacy, SensitiveFlags
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.video_fields import ALL_FLAGS

Sort = Literal[
    "name", "-name", "duration", "-duration", "createdAt", "-createdAt", "publishedAt", "-publishedAt",
    "originallyPublishedAt", "-originallyPublishedAt", "views", "-views", "likes", "-likes", "trending", "-trending",
    "hot", "-hot", "best", "-best", "localVideoFilesSize", "-localVideoFilesSize",
]  # fmt: skip
SearchSort = Literal[
    "name", "-name", "duration", "-duration", "createdAt", "-createdAt", "publishedAt", "-publishedAt",
    "originallyPublishedAt", "-originallyPublishedAt", "views", "-views", "likes", "-likes", "match", "-match",
]  # fmt: skip

MAXIMUM_CHOICES = 100
"""How many values one filter may have."""


def _uuid(text: str) -> str:
    uuid = identify_uuid(text)
    if uuid is None:
        raise ValueError("Should be a UUID or a short UUID")
    return uuid


def _absent(value: object) -> None:
    raise ValueError(f"Is not supported any more: use isLocal and include instead of {str(value)[:40]!r}")


def ms(time: datetime | None) -> int | None:
    """A time as milliseconds since 1970 UTC; one without a zone is meant in UTC."""
    if time is None:
        return None
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def number_of(text: str, field: str) -> int:
    """The number in a path; `Invalid` for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid(f"Incorrect request parameters: {field}", fields={field: "Should be a number"})
    return int(text)


Text = Annotated[str, Field(max_length=500)]
Choice = Annotated[str, Field(max_length=100)]
Seconds = Annotated[int, Field(ge=0, le=2**31 - 1)]
Flags = Annotated[int, Field(ge=0, le=ALL_FLAGS)]
Choices = Annotated[list[Choice], Field(max_length=MAXIMUM_CHOICES)]
Numbers = Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(max_length=MAXIMUM_CHOICES)]
Uuids = Annotated[list[Annotated[str, AfterValidator(_uuid)]], Field(max_length=MAXIMUM_CHOICES)]


class WindowParameters(BaseModel):
    """Which rows of a list."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    start: Annotated[int, Field(ge=0, le=MAXIMUM_START)] = 0
    count: Annotated[int, Field(ge=0, le=MAXIMUM_COUNT)] = DEFAULT_COUNT
    skip_count: bool = False


class FilterParameters(WindowParameters):
    """Which videos; the filters that all lists share."""

    category_one_of: Numbers = Field(default_factory=list)
    licence_one_of: Numbers = Field(default_factory=list)
    language_one_of: Choices = Field(default_factory=list)
    tags_one_of: Choices = Field(default_factory=list)
    tags_all_of: Choices = Field(default_factory=list)
    privacy_one_of: Annotated[list[Privacy], Field(max_length=10)] = []
    auto_tag_one_of: Choices = Field(default_factory=list)
    nsfw: Sensitive = Sensitive.BY_PREFERENCE
    nsfw_flags_included: Flags = 0
    nsfw_flags_excluded: Flags = 0
    is_live: bool | None = None
    include_scheduled_live: bool | None = None
    is_local: bool | None = None
    has_hls_files: Annotated[bool | None, Field(alias="hasHLSFiles")] = None
    has_web_video_files: bool | None = None
    search: Text | None = None
    host: Annotated[str, Field(max_length=300)] | None = None
    include: Annotated[int, Field(ge=0, le=127)] = 0
    exclude_already_watched: bool = False
    filter: Annotated[str | None, AfterValidator(_absent)] = None

    def wanted(self, viewer: Viewer | None) -> VideoFilter:
        """The filter that these parameters describe."""
        if self.exclude_already_watched and viewer is None:
            field = "excludeAlreadyWatched"
            raise Invalid(f"Incorrect request parameters: {field}", fields={field: "Needs somebody who is logged in"})
        include = Include(self.include)
        if self.auto_tag_one_of:
            include |= Include.AUTOMATIC_TAGS
        return VideoFilter(
            search=self.search or None,
            categories=tuple(self.category_one_of),
            licences=tuple(self.licence_one_of),
            languages=tuple(self.language_one_of),
            tags_one_of=tuple(self.tags_one_of),
            tags_all_of=tuple(self.tags_all_of),
            sensitive=self.nsfw,
            sensitive_flags=SensitiveFlags(self.nsfw_flags_included),
            no_sensitive_flags=SensitiveFlags(self.nsfw_flags_excluded),
            nothing=bool(self.auto_tag_one_of),
            is_live=self.is_live,
            is_local=self.is_local,
            has_web_video_files=self.has_web_video_files,
            has_hls_files=self.has_hls_files,
            host=None if not self.host else self.host.lower(),
            privacies=tuple(self.privacy_one_of),
            include=include,
            not_watched_by=viewer.user.id if self.exclude_already_watched and viewer is not None else None,
        )


class ListParameters(FilterParameters):
    """``GET /videos`` and the lists of accounts and channels."""

    sort: Sort = "-publishedAt"

    def window(self) -> Window:
        """The rows that are asked for."""
        return Window(start=self.start, count=self.count, sort=self.sort, skip_count=self.skip_count)


class SearchParameters(FilterParameters):
    """``GET /search/videos``."""

    sort: SearchSort = "-match"
    start_date: datetime | None = None
    end_date: datetime | None = None
    originally_published_start_date: datetime | None = None
    originally_published_end_date: datetime | None = None
    duration_min: Seconds | None = None
    duration_max: Seconds | None = None
    uuids: Uuids = Field(default_factory=list)
    search_target: Literal["local", "search-index"] = "local"

    def window(self) -> Window:
        """The rows that are asked for."""
        return Window(start=self.start, count=self.count, sort=self.sort, skip_count=self.skip_count)

    def wanted(self, viewer: Viewer | None) -> VideoFilter:
        """The filter that these parameters describe."""
        return evolve(
            super().wanted(viewer),
            uuids=tuple(self.uuids),
            published_from_ms=ms(self.start_date),
            published_until_ms=ms(self.end_date),
            originally_published_from_ms=ms(self.originally_published_start_date),
            originally_published_until_ms=ms(self.originally_published_end_date),
            duration_from=self.duration_min,
            duration_until=self.duration_max,
        )


class MineParameters(WindowParameters):
    """``GET /users/me/videos``."""

    sort: Sort = "-createdAt"
    search: Text | None = None
    include_collaborations: bool = False
    is_live: bool | None = None
    channel_id: Annotated[int, Field(ge=1)] | None = None
    privacy_one_of: Annotated[list[Privacy], Field(max_length=10)] = []

    def window(self) -> Window:
        """The rows that are asked for."""
        return Window(start=self.start, count=self.count, sort=self.sort, skip_count=self.skip_count)
