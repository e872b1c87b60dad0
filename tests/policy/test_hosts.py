"""Tests of `peertube.policy.hosts`."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from peertube.errors import Invalid
from peertube.policy.hosts import normalise


class NormaliseTests(TestCase):
    """One pod has one name, however somebody spells it."""

    def test_spellings_of_one_host_become_one(self) -> None:
        """A second spelling would be a second pod: friends with oneself, or twice with another."""
        for spelling in ("Video.Example", "video.example.", "video.example:443", " VIDEO.EXAMPLE:443 "):
            self.assertEqual(normalise(spelling, https=True), "video.example", spelling)

    def test_the_default_port_depends_on_the_scheme(self) -> None:
        """443 is not the default of plain HTTP."""
        self.assertEqual(normalise("a.example:443", https=False), "a.example:443")
        self.assertEqual(normalise("a.example:80", https=False), "a.example")
        self.assertEqual(normalise("localhost:9001", https=False), "localhost:9001")

    def test_international_names_take_their_ascii_form(self) -> None:
        """RFC 5891: what a person types and what DNS knows are the same pod."""
        self.assertEqual(normalise("vidéo.example", https=True), "xn--vido-dpa.example")
        self.assertEqual(normalise("VIDÉO.example", https=True), "xn--vido-dpa.example")

    def test_addresses_are_hosts_too(self) -> None:
        """A pod in a laboratory may have no name."""
        self.assertEqual(normalise("127.0.0.1:9001", https=False), "127.0.0.1:9001")
        self.assertEqual(normalise("[::0:1]:9001", https=False), "[::1]:9001")

    def test_what_is_not_a_bare_host_is_refused(self) -> None:
        """User info, paths and zones have been used to make one host look like another."""
        for wrong in (
            "", " ", "http://a.example", "a.example/", "user@a.example", "a.example?x", "a.example#x", "a.example:0",
            "a.example:65536", "a.example:-1", "a.example:", "a.example:\uff18\uff10", "[fe80::1%eth0]", "[::1",
            "a b.example",
            "a..example", "-a.example", "a" * 301, "a%2eexample", "a\\.example",
        ):  # fmt: skip
            with self.assertRaises(Invalid, msg=wrong) as raised:
                normalise(wrong, https=True)
            self.assertEqual(raised.exception.code, "invalid_host", wrong)

    @given(st.text(max_size=40), st.booleans())
    def test_normalising_twice_changes_nothing(self, text: str, https: bool) -> None:
        """Stored hosts are compared as they are."""
        try:
            once = normalise(text, https=https)
        except Invalid:
            return
        self.assertEqual(normalise(once, https=https), once)
