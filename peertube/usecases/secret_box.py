"""Secrets that must be read again (unlike passwords): encrypted in the database, by the pod's own secret."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from peertube.storage import settings
from peertube.storage.database import Database
from peertube.usecases.ports import Randomness


class SecretBox:
    """Encrypts and decrypts short texts (Fernet), and makes words that nobody else can compute. A part of the pod.

    :param secret: `secrets.peertube`; made and kept in the database when it is empty.
    """

    def __init__(self, *, database: Database, randomness: Randomness, secret: str) -> None:
        self._database = database
        self._randomness = randomness
        self._secret = secret
        self._opened: str | None = None

    async def start(self) -> None:
        """Read the secret, or make it at the first start."""
        made = self._randomness.token()
        self._opened = self._secret or await self._database.write(settings.put_once, "secrets.peertube", made)

    async def stop(self) -> None:
        """Nothing runs."""

    def seal(self, text: str, purpose: str) -> str:
        """`text` encrypted; only `open` with the same purpose reads it."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def open(self, sealed: str, purpose: str) -> str | None:
        """What was sealed; None when it was not sealed by this pod, for this purpose, or the secret has changed."""
        try:
            return self._fernet(purpose).decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError):
            return None

    def word(self, text: str, purpose: str) -> str:
        """64 hex characters that follow from `text` and the secret."""
        return hmac.new(self._key(purpose), text.encode(), hashlib.sha256).hexdigest()

    def _fernet(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key(purpose)))

    def _key(self, purpose: str) -> bytes:
        if self._opened is None:
            raise RuntimeError("the secret box has not been started")
        return hmac.new(self._opened.encode(), f"peertube box {purpose}".encode(), hashlib.sha256).digest()
