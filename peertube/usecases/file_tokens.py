"""Tokens for the files of one video, to be put into addresses: JSON Web Tokens (RFC 7519, HS256)."""

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from peertube.model.video_access import FileToken

LIFE_MS = 8 * 3_600_000
"""How long a token is good."""

PURPOSE = "file token"
"""What the pod's vault is asked a secret for."""

_MAXIMUM_LENGTH = 2000
_ALGORITHM = "HS256"


def encode(token: FileToken, secret: str) -> str:
    """The signed token."""
    claims = {
        "video": token.video_uuid,
        "sub": str(token.user_id),
        "sid": token.session_id,
        "pwd": token.password_id,
        "exp": token.expires_ms // 1000,
    }
    return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, OctKey.import_key(secret))


def parse(text: str, secret: str, now_ms: int) -> FileToken | None:
    """What a token of ours says; None when it is not ours, was changed, or is out of date."""
    if len(text) > _MAXIMUM_LENGTH or not text.isascii():
        return None
    try:
        claims = jwt.decode(text, OctKey.import_key(secret), algorithms=[_ALGORITHM]).claims
        token = FileToken(
            video_uuid=str(claims["video"]),
            user_id=int(claims["sub"]),
            session_id=int(claims["sid"]),
            password_id=int(claims["pwd"]),
            expires_ms=int(claims["exp"]) * 1000,
        )
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return token if now_ms < token.expires_ms else None
