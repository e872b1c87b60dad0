"""What there is to discover: how many videos are in which category and language, tags, channels."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from peertube.model.channels import Channel


@frozen
class Directory:
    """Public videos counted: by category, by language (both largest first), by tag; how many channels stand under which
    category of the directory; the channels that published last."""

    categories: Mapping[int, int]
    languages: Mapping[str, int]
    tags: Mapping[str, int]
    shelves: Mapping[int, int]
    active: Sequence[Channel]
