"""Connection ids of the UDP tracker."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.tracker.connection_id import ConnectionIds

SECRET = bytes(range(32))
HERE, THERE = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
NOON = 1_700_000_040.0


class ConnectionIdTests(SynchronousTestCase):
    """Whom an id is good for, and for how long."""

    def test_literal(self) -> None:
        """All processes that share the secret issue the same id: keyed blake2b over address and minute."""
        self.assertEqual(ConnectionIds(SECRET).issue(HERE, NOON).hex(), "b8db55fb68910716")

    def test_tr01_good_for_its_address_only(self) -> None:
        """TR-01: an id that somebody else was given proves nothing."""
        ids = ConnectionIds(SECRET)
        issued = ids.issue(HERE, NOON)
        self.assertTrue(ids.valid(issued, HERE, NOON))
        self.assertFalse(ids.valid(issued, THERE, NOON))
        self.assertFalse(ids.valid(issued, bytes(16), NOON))
        self.assertFalse(ConnectionIds(b"another secret of a start").valid(issued, HERE, NOON))

    def test_tr01_good_for_a_minute_at_least_and_two_at_most(self) -> None:
        """TR-01: BEP 15 lets a client use an id for a minute."""
        for second in range(60):
            ids = ConnectionIds(SECRET)
            issued = ids.issue(HERE, NOON + second)
            self.assertTrue(ids.valid(issued, HERE, NOON + second + 60))
            self.assertFalse(ids.valid(issued, HERE, NOON + second + 120))
            self.assertFalse(ids.valid(issued, HERE, NOON + second - 60))

    def test_a_new_process_knows_the_ids_of_the_minute_before(self) -> None:
        """Nothing needs to be remembered for an id to be good."""
        issued = ConnectionIds(SECRET).issue(HERE, NOON)
        self.assertTrue(ConnectionIds(SECRET).valid(issued, HERE, NOON + 60))

    def test_tr01_guesses_fail(self) -> None:
        """TR-01: the magic of the protocol, zeros, and neighbours of a good id are no ids."""
        ids = ConnectionIds(SECRET)
        good = int.from_bytes(ids.issue(HERE, NOON), "big")
        for guess in (0x41727101980, 0, 2**64 - 1, good ^ 1, good ^ (1 << 63)):
            self.assertFalse(ids.valid(guess.to_bytes(8, "big"), HERE, NOON))
