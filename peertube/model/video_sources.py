"""The file that a video was made of."""

from attrs import frozen


@frozen
class VideoSource:
    """What its owner uploaded: the name it had there, where it lies, what is in it. Bytes, pixels, frames a second."""

    filename: str
    file_name: str
    resolution: int
    width: int
    height: int
    fps: int
    size: int
    created_ms: int
