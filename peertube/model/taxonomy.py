"""The fixed lists that videos are described with: numbers and words as in PeerTube's REST API."""

from collections.abc import Mapping
from types import MappingProxyType

from peertube.model.languages import LANGUAGES
from peertube.model.videos import CommentsPolicy, Privacy, VideoState

__all__ = ["CATEGORIES", "COMMENTS_POLICIES", "LANGUAGES", "LICENCES", "PRIVACIES", "STATES", "UNKNOWN"]

UNKNOWN = "Unknown"
"""The label of what nobody set."""

CATEGORIES: Mapping[int, str] = MappingProxyType(
    {
        1: "Music",
        2: "Films",
        3: "Vehicles",
        4: "Art",
        5: "Sports",
        6: "Travels",
        7: "Gaming",
        8: "People",
        9: "Comedy",
        10: "Entertainment",
        11: "News & Politics",
        12: "How To",
        13: "Education",
        14: "Activism",
        15: "Science & Technology",
        16: "Animals",
        17: "Kids",
        18: "Food",
    }
)
"""Categories by number."""

LICENCES: Mapping[int, str] = MappingProxyType(
    {
        1: "Attribution",
        2: "Attribution - Share Alike",
        3: "Attribution - No Derivatives",
        4: "Attribution - Non Commercial",
        5: "Attribution - Non Commercial - Share Alike",
        6: "Attribution - Non Commercial - No Derivatives",
        7: "Public Domain Dedication",
    }
)
"""Licences by number."""

PRIVACIES: Mapping[int, str] = MappingProxyType(
    {
        Privacy.PUBLIC: "Public",
        Privacy.UNLISTED: "Unlisted",
        Privacy.PRIVATE: "Private",
        Privacy.INTERNAL: "Internal",
        Privacy.PASSWORD_PROTECTED: "Password protected",
    }
)
"""Privacies by number."""

STATES: Mapping[int, str] = MappingProxyType(
    {
        VideoState.PUBLISHED: "Published",
        VideoState.TO_TRANSCODE: "To transcode",
        VideoState.TRANSCODING_FAILED: "Transcoding failed",
    }
)
"""States by number."""

COMMENTS_POLICIES: Mapping[int, str] = MappingProxyType(
    {
        CommentsPolicy.ENABLED: "Enabled",
        CommentsPolicy.DISABLED: "Disabled",
        CommentsPolicy.REQUIRES_APPROVAL: "Requires approval",
    }
)
"""Comments policies by number."""
