"""Who the client is, when proxies stand between."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.http.addresses import ClientAddresses


class ClientAddressesTests(SynchronousTestCase):
    """`trust_proxy` and X-Forwarded-For."""

    def test_the_rightmost_hop_that_is_not_a_known_proxy(self) -> None:
        addresses = ClientAddresses(["loopback", "10.1.0.0/16", "2001:db8::/32"])
        for peer, forwarded, expected in (
            ("127.0.0.1", None, "127.0.0.1"),
            ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("::1", "203.0.113.9", "203.0.113.9"),
            ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "1.2.3.4, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
            ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("127.0.0.1", "nonsense, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
            ("127.0.0.1", "[2001:db9::1]:443", "2001:db9::1"),
            ("127.0.0.1", "203.0.113.9:1234", "203.0.113.9"),
            ("203.0.113.1", "1.2.3.4", "203.0.113.1"),
            ("unknown", "1.2.3.4", "unknown"),
        ):
            self.assertEqual(addresses.client(peer, forwarded), expected, (peer, forwarded))

    def test_nobody_is_believed_unless_the_operator_says_so(self) -> None:
        self.assertEqual(ClientAddresses([]).client("127.0.0.1", "1.2.3.4"), "127.0.0.1")

    def test_only_so_many_hops_are_read(self) -> None:
        addresses = ClientAddresses(["0.0.0.0/0"])
        self.assertEqual(addresses.client("127.0.0.1", "9.9.9.9," + "1.1.1.1," * 100 + "2.2.2.2"), "1.1.1.1")
