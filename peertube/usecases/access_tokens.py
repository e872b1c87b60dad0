"""Access tokens: JSON Web Tokens (RFC 7519, HS256) that name the session they live and die with."""

import hashlib
import hmac

from attrs import frozen
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

MAXIMUM_LENGTH = 2000
_ALGORITHM = "HS256"


@frozen
class AccessToken:
    """What a token says: which session of which user, and until when (ms since 1970 UTC)."""

    session_id: int
    user_id: int
    expires_ms: int


@frozen
class TokenKey:
    """The pod's key for tokens, made of its secret."""

    key: OctKey
    csrf_key: bytes

    @classmethod
    def from_secret(cls, secret: str) -> "TokenKey":
        """Separate keys for access tokens and for CSRF tokens, whatever the length of the secret."""
        return cls(key=OctKey.import_key(_derive(secret, b"access token")), csrf_key=_derive(secret, b"csrf token"))


def encode(token: AccessToken, key: TokenKey) -> str:
    """The signed token."""
    claims = {"sid": token.session_id, "sub": str(token.user_id), "exp": token.expires_ms // 1000}
    return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, key.key)


def parse(text: str, key: TokenKey, now_ms: int) -> AccessToken | None:
    """What a token of ours says; None when it is not ours, was changed, or is out of date."""
    if len(text) > MAXIMUM_LENGTH or not text.isascii():
        return None
    try:
        claims = jwt.decode(text, key.key, algorithms=[_ALGORITHM]).claims
        token = AccessToken(
            session_id=int(claims["sid"]), user_id=int(claims["sub"]), expires_ms=int(claims["exp"]) * 1000
        )
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return token if now_ms < token.expires_ms else None


def csrf_token(cookie: str, key: TokenKey) -> str:
    """The word that forms of a page session carry: nobody else can compute it, and it need not be stored."""
    return hmac.new(key.csrf_key, cookie.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def fingerprint(secret: str) -> str:
    """SHA-256 hex: how a random secret is stored. Not for passwords."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), b"peertube " + purpose, hashlib.sha256).digest()
