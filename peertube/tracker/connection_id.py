"""Connection ids of the UDP tracker (BEP 15): proof that a client receives what is sent to its address.

An id is a keyed hash of the address and the minute, so nothing is stored for clients who never come back. The ids of
this minute and the one before are good.
"""

from hashlib import blake2b
from hmac import compare_digest

_MAX_REMEMBERED = 100_000


class ConnectionIds:
    """Issues and checks connection ids.

    :param secret: 16 to 64 random bytes; processes that share a port share it.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._minute = 0
        self._current: dict[bytes, bytes] = {}
        self._previous: dict[bytes, bytes] = {}

    def issue(self, address: bytes, now: float) -> bytes:
        """The 8 bytes for a client at `address` (4 or 16 bytes), in seconds since 1970."""
        self._turn(int(now // 60))
        return self._remembered(self._current, address, self._minute)

    def valid(self, connection_id: bytes, address: bytes, now: float) -> bool:
        """Whether this id was given to this address in this minute or the one before."""
        self._turn(int(now // 60))
        return compare_digest(connection_id, self._remembered(self._current, address, self._minute)) or compare_digest(
            connection_id, self._remembered(self._previous, address, self._minute - 1)
        )

    def issued(self, now: float) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
        """Ids by address, of this minute and the one before, as far as they are remembered: to be read only."""
        self._turn(int(now // 60))
        return self._current, self._previous

    def _turn(self, minute: int) -> None:
        if minute != self._minute:
            self._previous = self._current if minute == self._minute + 1 else {}
            self._current = {}
            self._minute = minute

    def _remembered(self, ids: dict[bytes, bytes], address: bytes, minute: int) -> bytes:
        """Hashing costs more than looking up, but what strangers can grow is bounded."""
        known = ids.get(address)
        if known is None:
            known = blake2b(address + minute.to_bytes(8, "big", signed=True), digest_size=8, key=self._secret).digest()
            if len(ids) < _MAX_REMEMBERED:
                ids[address] = known
        return known
