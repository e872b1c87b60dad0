"""Captions as JSON: the path of PeerTube 6.3, and the address of 7.1 and later."""

from peertube.api.representations.times import iso
from peertube.api.representations.videos import Json
from peertube.model.captions import Caption
from peertube.model.languages import LANGUAGES
from peertube.usecases.video_urls import CAPTIONS


def caption_of(caption: Caption, origin: str) -> Json:
    """One language."""
    path = CAPTIONS + caption.file_name
    return {
        "language": {"id": caption.language, "label": LANGUAGES.get(caption.language, caption.language)},
        "automaticallyGenerated": caption.automatically_generated,
        "captionPath": path,
        "fileUrl": origin + path,
        "m3u8Url": None,
        "updatedAt": iso(caption.updated_ms),
    }
