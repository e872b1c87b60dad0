"""The pod's key for what must be read again and yet be useless in a copy of the database: ``vault.key``, beside the
pod's other keys in `storage.certs`, made at first start.

What is sealed with it can be read by this pod alone; without the key it is lost, so that a backup needs both.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from twisted.internet.threads import deferToThreadPool

from peertube.errors import Invalid
from peertube.files.certs import write_private

KEY_NAME = "vault.key"
_KEY_BYTES = 32


class Vault:
    """`peertube.usecases.ports.Vault` with one key; a part of the pod that starts before whatever seals.

    :param folder: `storage.certs`.
    """

    def __init__(self, reactor: Any, folder: Path) -> None:
        self._reactor = reactor
        self._folder = folder
        self._key: bytes | None = None

    async def start(self) -> None:
        """Read the key, or make it. `Invalid` when the file is there and is no key."""
        pool = self._reactor.getThreadPool()
        self._key = await deferToThreadPool(self._reactor, pool, _load_or_make, self._folder / KEY_NAME)

    async def stop(self) -> None:
        """Nothing runs here."""

    def seal(self, text: str) -> str:
        """The text, encrypted."""
        return self._cipher().encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str | None:
        """What was sealed; None when it was changed or sealed with another key."""
        try:
            return self._cipher().decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            return None

    def digest(self, text: str) -> str:
        """64 hex digits that are always the same for a text, and that nobody else can compute."""
        return hmac.new(self._derived(b"digest"), text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    def secret(self, purpose: str) -> str:
        """A secret for one purpose; always the same."""
        return self._derived(b"secret " + purpose.encode()).hex()

    def _cipher(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derived(b"seal")))

    def _derived(self, purpose: bytes) -> bytes:
        if self._key is None:
            raise RuntimeError("the vault was used before its start")
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"peertube " + purpose).derive(self._key)


def _load_or_make(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_private(path, secrets.token_bytes(_KEY_BYTES).hex().encode("ascii") + b"\n")
    try:
        key = bytes.fromhex(path.read_bytes()[:1000].decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise Invalid(f"The key in {path.name} is damaged", code="damaged_key")
    return key
