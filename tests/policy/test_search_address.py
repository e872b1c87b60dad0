"""What people paste into the field for searches."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from peertube.policy.search_address import Address, Kind, address_of, is_address
from peertube.policy.short_uuid import shorten

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"


class AddressTests(TestCase):
    """Addresses of pages and handles, and what is neither."""

    def test_videos(self) -> None:
        """Long and short, of pages and embedded players."""
        for path in (f"w/{shorten(UUID)}", f"videos/watch/{UUID}", f"videos/embed/{UUID}?start=3", f"w/{UUID}/"):
            self.assertEqual(
                address_of(f" https://Pod.example:9000/{path}"), Address(Kind.VIDEO, "pod.example:9000", UUID)
            )
        self.assertEqual(address_of(f"/w/{UUID}"), Address(Kind.VIDEO, None, UUID))

    def test_channels_and_accounts(self) -> None:
        """By page or handle; a page may show somebody of another server."""
        self.assertEqual(address_of("https://a.example/c/dogs/videos"), Address(Kind.CHANNEL, "a.example", "dogs"))
        self.assertEqual(address_of("https://a.example/c/dogs@b.example"), Address(Kind.CHANNEL, "b.example", "dogs"))
        self.assertEqual(
            address_of("https://a.example/video-channels/dogs"), Address(Kind.CHANNEL, "a.example", "dogs")
        )
        self.assertEqual(address_of("/c/Dogs"), Address(Kind.CHANNEL, None, "dogs"))
        self.assertEqual(address_of("@dogs@B.example"), Address(Kind.CHANNEL, "b.example", "dogs"))
        self.assertEqual(address_of("dogs@b.example:9000"), Address(Kind.CHANNEL, "b.example:9000", "dogs"))
        self.assertEqual(address_of("https://a.example/a/jo"), Address(Kind.ACCOUNT, "a.example", "jo"))

    def test_playlists(self) -> None:
        """They have UUIDs as well."""
        self.assertEqual(address_of(f"https://a.example/w/p/{UUID}"), Address(Kind.PLAYLIST, "a.example", UUID))

    def test_words(self) -> None:
        """Whatever else people look for."""
        for text in ("", "dogs", "https://a.example/", "https://a.example/w/no-uuid", "a / b", "http://[", "x" * 600):
            self.assertIsNone(address_of(text), text)
        self.assertTrue(is_address("https://a.example/"))
        self.assertFalse(is_address("http"))

    @given(st.text())
    def test_nothing_is_too_strange(self, text: str) -> None:
        """Nobody's search fails."""
        address_of(text)
        address_of(f"https://{text}")
