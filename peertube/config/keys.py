"""The keys of the configuration as dotted names: which there are, and what holds a value."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen
from pydantic import BaseModel

from peertube.config.schema import Settings

PREFIX = "PEERTUBE_"


@frozen
class Key:
    """One key that holds a value, e.g. ``tracker.udp.port``."""

    path: tuple[str, ...]
    annotation: Any

    @property
    def name(self) -> str:
        """As it is spoken of: ``tracker.udp.port``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that sets it: ``PEERTUBE_TRACKER_UDP_PORT``."""
        return PREFIX + "_".join(self.path).upper()


def all_keys(model: type[BaseModel] = Settings, above: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key of the schema, in its order."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from all_keys(annotation, (*above, name))
        else:
            yield Key((*above, name), annotation)


def flatten(tree: Mapping[Any, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value of nested mappings with the path to it; an empty mapping is a value."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from flatten(value, (*above, str(name)))
        else:
            yield (*above, str(name)), value


def likely(wrong: str, names: Sequence[str]) -> str | None:
    """The name that was probably meant by `wrong`."""
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.85)
    if not near:
        # The right word in the wrong section.
        near = [name for name in names if name.rpartition(".")[2] == wrong.rpartition(".")[2]]
    return near[0] if len(near) == 1 else None
