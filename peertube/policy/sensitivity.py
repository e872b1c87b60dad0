"""What is done with sensitive videos: as a viewer chose, or the pod for those whom it does not know.

The choice for a flag (violence, for instance) goes before the choice for all sensitive videos. Of several flags of one
video, the most careful choice counts.
"""

from enum import IntEnum

from attrs import evolve, frozen

from peertube.model.users import Viewer
from peertube.model.video_filters import Sensitive, VideoFilter
from peertube.model.videos import SensitiveFlags, VideoFields


class Treatment(IntEnum):
    """What is done with a video, from careless to careful."""

    DISPLAY = 0
    WARN = 1
    """It is said, and asked before it plays."""
    BLUR = 2
    """Its pictures cannot be recognised, too."""
    HIDE = 3
    """Lists do not hold it."""


POLICIES = {
    "display": Treatment.DISPLAY,
    "warn": Treatment.WARN,
    "blur": Treatment.BLUR,
    "do_not_list": Treatment.HIDE,
}
"""By the names of PeerTube's REST API."""


@frozen
class SensitivePreference:
    """What somebody wants: of sensitive videos, and of those with certain flags."""

    policy: Treatment
    of_flags: tuple[tuple[Treatment, SensitiveFlags], ...] = ()

    def treatment(self, fields: VideoFields) -> Treatment:
        """What is done with one video."""
        chosen = [treatment for treatment, flags in self.of_flags if flags & fields.nsfw_flags]
        if chosen:
            return max(chosen)
        return self.policy if fields.nsfw else Treatment.DISPLAY

    def filtered(self, wanted: VideoFilter) -> VideoFilter:
        """A filter, decided about sensitive videos where it left that open."""
        if wanted.sensitive is not Sensitive.BY_PREFERENCE:
            return wanted
        listed = hidden = SensitiveFlags.NONE
        for treatment, flags in self.of_flags:
            if treatment is Treatment.HIDE:
                hidden |= flags
            else:
                listed |= flags
        closed = self.policy is Treatment.HIDE
        return evolve(
            wanted,
            sensitive=Sensitive.NONE if closed else Sensitive.BOTH,
            sensitive_flags=wanted.sensitive_flags | listed if closed else wanted.sensitive_flags,
            no_sensitive_flags=wanted.no_sensitive_flags | hidden,
        )


def preference_of(viewer: Viewer | None, instance_policy: str) -> SensitivePreference:
    """What the viewer wants; what the pod does for somebody whom it does not know."""
    if viewer is None:
        return SensitivePreference(POLICIES.get(instance_policy, Treatment.BLUR))
    chosen = viewer.user.preferences
    of_flags = (
        (Treatment.DISPLAY, SensitiveFlags(chosen.nsfw_flags_displayed)),
        (Treatment.WARN, SensitiveFlags(chosen.nsfw_flags_warned)),
        (Treatment.BLUR, SensitiveFlags(chosen.nsfw_flags_blurred)),
        (Treatment.HIDE, SensitiveFlags(chosen.nsfw_flags_hidden)),
    )
    return SensitivePreference(POLICIES.get(chosen.nsfw_policy, Treatment.DISPLAY), of_flags)
