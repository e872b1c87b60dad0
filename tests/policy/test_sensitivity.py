"""What is done with sensitive videos."""

from attrs import evolve
from twisted.trial.unittest import TestCase

from peertube.model.users import Preferences
from peertube.model.video_filters import Sensitive, VideoFilter
from peertube.model.videos import SensitiveFlags, VideoFields
from peertube.policy.sensitivity import SensitivePreference, Treatment, preference_of
from tests.http.serving import viewer

VIOLENT, SEX = SensitiveFlags.VIOLENT, SensitiveFlags.EXPLICIT_SEX


def preference(**chosen: object) -> SensitivePreference:
    """Of a user who chose this."""
    one = viewer()
    return preference_of(evolve(one, user=evolve(one.user, preferences=Preferences(**chosen))), "display")


def fields(flags: SensitiveFlags = SensitiveFlags.NONE, *, nsfw: bool = True) -> VideoFields:
    """A sensitive video."""
    return VideoFields(name="A video", nsfw=nsfw, nsfw_flags=flags)


class SensitivityTests(TestCase):
    """A choice for a flag goes before the one for all."""

    def test_treatments(self) -> None:
        """The most careful of several flags counts."""
        careful = preference(nsfw_policy="blur", nsfw_flags_displayed=1, nsfw_flags_hidden=2, nsfw_flags_warned=4)
        for video, expected in (
            (fields(nsfw=False), Treatment.DISPLAY),
            (fields(), Treatment.BLUR),
            (fields(VIOLENT), Treatment.DISPLAY),
            (fields(SEX), Treatment.HIDE),
            (fields(VIOLENT | SEX), Treatment.HIDE),
            (fields(SensitiveFlags.SHOCKING_DISTURBING | VIOLENT), Treatment.WARN),
        ):
            self.assertIs(careful.treatment(video), expected)

    def test_strangers_get_what_the_pod_does(self) -> None:
        """And a word that nobody knows is treated with care."""
        for policy, expected in (("display", 0), ("warn", 1), ("blur", 2), ("do_not_list", 3), ("nonsense", 2)):
            self.assertEqual(preference_of(None, policy).treatment(fields()), expected)

    def test_filters(self) -> None:
        """Only what was left open is decided."""
        asked = VideoFilter(sensitive=Sensitive.BOTH)
        hiding = preference(nsfw_policy="do_not_list", nsfw_flags_warned=1, nsfw_flags_hidden=2)
        self.assertEqual(hiding.filtered(asked), asked)
        found = hiding.filtered(VideoFilter())
        self.assertEqual(
            (found.sensitive, found.sensitive_flags, found.no_sensitive_flags), (Sensitive.NONE, VIOLENT, SEX)
        )
        found = preference(nsfw_policy="display", nsfw_flags_hidden=3).filtered(VideoFilter())
        self.assertEqual((found.sensitive, found.no_sensitive_flags), (Sensitive.BOTH, VIOLENT | SEX))
