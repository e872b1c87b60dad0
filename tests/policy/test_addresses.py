"""Which addresses are public (SR-01)."""

from ipaddress import ip_address

from twisted.trial.unittest import SynchronousTestCase

from peertube.policy.addresses import is_public, special_ranges

NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.255.255",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "100::1",
    "fec0::1",
    "3fff::1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "127.1",
    "localhost",
    "example.com",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.0.1",
    "172.32.0.1",
    "100.128.0.1",
    "::ffff:1.1.1.1",
    "2606:4700::1111",
    "2a00:1450::1",
]


class AddressTests(SynchronousTestCase):
    """RFC 6890 and disguises."""

    def test_table(self) -> None:
        """Every special network, every wrapping, and texts that other parsers take for addresses."""
        for address in NOT_PUBLIC:
            self.assertFalse(is_public(address), address)
        for address in PUBLIC:
            self.assertTrue(is_public(address), address)

    def test_ranges(self) -> None:
        """Programs that filter by themselves refuse the same."""
        ranges = [(ip_address(first), ip_address(last)) for first, last in special_ranges()]
        for first, last in ranges:
            self.assertLessEqual(int(first), int(last))
            self.assertFalse(is_public(str(first)) or is_public(str(last)))
        for text in PUBLIC:
            address = ip_address(text)
            within = [each for each in ranges if each[0].version == address.version and each[0] <= address <= each[1]]
            self.assertEqual([] if address.version == 4 or "ffff" not in text else within[:1], within)
