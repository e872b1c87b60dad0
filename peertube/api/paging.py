"""The parameters that every list takes: ``start``, ``count``, ``sort``, ``skipCount``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from peertube.model.pages import DEFAULT_COUNT, MAXIMUM_COUNT, MAXIMUM_START, Listing, Window


class PageParameters(BaseModel):
    """Which rows of a list are asked for."""

    model_config = ConfigDict(populate_by_name=True)

    start: Annotated[int, Field(ge=0, le=MAXIMUM_START)] = 0
    count: Annotated[int, Field(ge=0, le=MAXIMUM_COUNT)] = DEFAULT_COUNT
    sort: Annotated[str | None, Field(max_length=50)] = None
    skip_count: Annotated[bool, Field(alias="skipCount")] = False

    def window(self, default_sort: str = "-createdAt") -> Window:
        """The same for use cases; `default_sort` when the one who asks named no order."""
        return Window(start=self.start, count=self.count, sort=self.sort or default_sort, skip_count=self.skip_count)


def page(listing: Listing[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON of a list: ``{total, data}``, without ``total`` when nobody counted."""
    if listing.total is None:
        return {"data": items}
    return {"total": listing.total, "data": items}
