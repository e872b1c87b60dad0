"""The kinds of values that keys of the configuration have."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from peertube.config import units

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, BeforeValidator(units.seconds), Field(gt=0)]
Lifetime = Annotated[int, BeforeValidator(units.seconds), Field(ge=60)]
Bytes = Annotated[int, BeforeValidator(units.size), Field(ge=1)]
ChunkSize = Annotated[int, BeforeValidator(units.size_or_none), Field(ge=0)]
JobCount = Annotated[int, Field(ge=0, le=64)]
Quota = Annotated[int, BeforeValidator(units.size), Field(ge=-1)]


class Section(BaseModel):
    """A group of keys. Unknown keys are kept apart by `load`, which warns about them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Limit(Section):
    """At most `max` within `window` seconds."""

    window: Seconds
    max: Annotated[int, Field(ge=1)]
