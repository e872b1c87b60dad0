"""The kinds of values that keys of the configuration have."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from peertube.config import units
from peertube.model.taxonomy import CATEGORIES
from peertube.policy.names import email_fault

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, BeforeValidator(units.seconds), Field(gt=0)]
Lifetime = Annotated[int, BeforeValidator(units.seconds), Field(ge=60)]
Age = Annotated[int, BeforeValidator(units.seconds), Field(ge=-1)]
Bytes = Annotated[int, BeforeValidator(units.size), Field(ge=1)]
ChunkSize = Annotated[int, BeforeValidator(units.size_or_none), Field(ge=0)]
JobCount = Annotated[int, Field(ge=0, le=64)]
Quota = Annotated[int, BeforeValidator(units.size), Field(ge=-1)]


def _category(number: int) -> int:
    if number not in CATEGORIES:
        raise ValueError("Is not the number of a category")
    return number


def _email(text: str) -> str:
    fault = email_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return text


Words = Annotated[str, Field(max_length=250)]
Text = Annotated[str, Field(max_length=50_000)]
"""What may be long: descriptions, rules."""
InstanceName = Annotated[str, Field(min_length=1, max_length=120)]
EmailAddress = Annotated[str, AfterValidator(_email)]
Category = Annotated[int, AfterValidator(_category)]
Language = Annotated[str, Field(min_length=2, max_length=10)]


class Section(BaseModel):
    """A group of keys. Unknown keys are kept apart by `load`, which warns about them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Limit(Section):
    """At most `max` within `window` seconds."""

    window: Seconds
    max: Annotated[int, Field(ge=1)]
