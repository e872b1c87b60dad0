"""How passwords of videos are stored: sealed to be shown to the owner again, and as a digest to be looked up."""

from collections.abc import Sequence

from peertube.errors import Invalid
from peertube.model.videos import Privacy
from peertube.policy.video_fields import passwords_problem
from peertube.storage import video_passwords
from peertube.storage.database import Transaction
from peertube.storage.video_passwords import Sealed
from peertube.usecases.ports import Vault

FIELD = "videoPasswords"
"""What the REST API calls the passwords of a video."""


def text_of_digest(video_uuid: str, password: str) -> str:
    """What the digest of a password is made of: that two videos have the same password does not show."""
    return f"{video_uuid}\n{password}"


def sealed(vault: Vault, video_uuid: str, passwords: Sequence[str]) -> list[Sealed]:
    """Passwords as a video's rows hold them."""
    return [(vault.seal(password), vault.digest(text_of_digest(video_uuid, password))) for password in passwords]


def require_passwords(passwords: Sequence[str], field: str = FIELD) -> None:
    """Refuse passwords that no video may have, and none at all."""
    problem = passwords_problem(passwords) if passwords else "Should have at least one password"
    if problem is not None:
        raise Invalid(f"Incorrect request parameters: {field}", fields={field: problem})


def require_for(privacy: Privacy, passwords: Sequence[str] | None) -> None:
    """Refuse a new video that is to be protected by passwords that were not given, or are no good."""
    if privacy is Privacy.PASSWORD_PROTECTED:
        require_passwords(passwords or ())


async def follow_privacy(
    tx: Transaction,
    vault: Vault,
    video: tuple[int, str],
    privacy: Privacy,
    passwords: Sequence[str] | None,
    now_ms: int,
) -> None:
    """Let the passwords of a video (its number and UUID) follow its privacy: none but for the one that has some.

    :param passwords: instead of those that it has; None to keep these.
    """
    number, uuid = video
    if privacy is not Privacy.PASSWORD_PROTECTED:
        await video_passwords.replace(tx, number, (), now_ms)
    elif passwords is not None:
        require_passwords(passwords)
        await video_passwords.replace(tx, number, sealed(vault, uuid, passwords), now_ms)
    elif not await video_passwords.count(tx, number):
        require_passwords(())
