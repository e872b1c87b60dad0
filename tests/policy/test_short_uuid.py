"""Short forms of UUIDs."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from peertube.policy.short_uuid import identify, lengthen, shorten

LONG = "df08cc31-bb71-4153-a72c-626e5427f82a"
SHORT = "txoHj8Jmxrt1JHQZqsLZ2L"


class ShortUuidTests(TestCase):
    """Links of PeerTube must lead here."""

    def test_as_peertube_does(self) -> None:
        """Recorded from a real server."""
        self.assertEqual(shorten(LONG), SHORT)
        self.assertEqual(lengthen(SHORT), LONG)
        self.assertEqual(lengthen("qrFVwhKyiinRJTHdjfAxid"), "c5f1867f-cba6-49ee-869d-89e9ffe51d32")

    @given(st.uuids())
    def test_there_and_back(self, uuid) -> None:
        """Any UUID, always 22 characters."""
        short = shorten(str(uuid))
        self.assertEqual((len(short), lengthen(short)), (22, str(uuid)))

    def test_nothing_else(self) -> None:
        """Wrong lengths, wrong characters, more than 128 bits."""
        for text in ("", SHORT[:-1], SHORT + "a", "0" + SHORT[1:], "I" + SHORT[1:], "Z" * 22):
            self.assertIsNone(lengthen(text))

    def test_what_names_a_video(self) -> None:
        """Numbers, UUIDs in any case, short UUIDs."""
        self.assertEqual(identify("12"), 12)
        self.assertEqual(identify(LONG.upper()), LONG)
        self.assertEqual(identify(SHORT), LONG)
        for text in ("", "0", "-1", "1.5", "9" * 19, "²", "upload", LONG + "x", LONG.replace("-", "")):
            self.assertIsNone(identify(text), text)
