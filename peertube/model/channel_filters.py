"""Which channels a search asks for."""

from attrs import frozen


@frozen
class ChannelFilter:
    """What the channels of a search have in common; what is None or empty does not matter.

    `host` is LOCAL for this pod; `handles` are pairs of host and name.
    """

    search: str | None = None
    host: str | None = None
    handles: tuple[tuple[str, str], ...] = ()
