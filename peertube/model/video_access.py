"""What somebody shows, beside who they are, to see a video that is not open to everybody."""

from attrs import frozen


@frozen
class Proof:
    """A password of the video, or a token for its files, as a request carries them; `address` is where it comes from.

    False when nothing is shown.
    """

    password: str | None = None
    token: str | None = None
    address: str = ""

    def __bool__(self) -> bool:
        return self.password is not None or self.token is not None


NOTHING_SHOWN = Proof()
"""Who asks is all there is."""


@frozen
class FileToken:
    """Opens the files of one video until `expires_ms` (ms since 1970 UTC), to programs that cannot say who they are.

    It was given to a user in a session, or to somebody who knew a password; 0 for what does not apply. It is worth as
    much as these still are when it is shown.
    """

    video_uuid: str
    expires_ms: int
    user_id: int = 0
    session_id: int = 0
    password_id: int = 0


@frozen
class VideoPassword:
    """One password of a video, as it is stored. Times in ms since 1970 UTC."""

    id: int
    video_id: int
    sealed: str
    created_ms: int
    updated_ms: int
