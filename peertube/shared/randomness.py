"""Things nobody can guess."""

import secrets
import uuid

_FRACTION_BITS = 53


class SystemRandomness:
    """The `peertube.usecases.ports.Randomness` of the operating system."""

    def uuid(self) -> str:
        """A random UUID (RFC 9562 version 4)."""
        return str(uuid.uuid4())

    def token(self) -> str:
        """256 random bits as 64 hex characters."""
        return secrets.token_hex(32)

    def fraction(self) -> float:
        """A number in 0 <= x < 1."""
        return secrets.randbits(_FRACTION_BITS) / (1 << _FRACTION_BITS)
