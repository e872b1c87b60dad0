"""Videos that are not open to everybody: whether a password or a token opens one, and tokens for players.

A token is worth as much as what it was given for still is: it ends with the password, the session, the right, or the
privacy that it came from.
"""

from math import ceil

from peertube.config.schema import Limit
from peertube.errors import TooManyRequests, Unauthorized
from peertube.model.users import Viewer
from peertube.model.video_access import NOTHING_SHOWN, FileToken, Proof
from peertube.model.videos import Video, VideoDetails
from peertube.policy import visibility
from peertube.policy.rate_limit import address_group
from peertube.storage import sessions, users, video_passwords
from peertube.storage.database import Database, Transaction
from peertube.usecases import file_tokens
from peertube.usecases.ports import Clock, Counters, Vault
from peertube.usecases.sealed_passwords import text_of_digest
from peertube.usecases.videos import by_identifier, require_visible

MOST_OF_A_VIDEO = 100
"""So many times what one address may try, all addresses together may: then nobody's password is looked at for a
while, but for the owner's login."""


class VideoAccess:
    """Looks at what is shown for a video.

    :param limit: wrong passwords that one address may show for one video (`rates_limit.login`).
    """

    def __init__(self, *, database: Database, clock: Clock, counters: Counters, vault: Vault, limit: Limit) -> None:
        self._database = database
        self._clock = clock
        self._counters = counters
        self._vault = vault
        self._limit = limit

    async def opens(self, video: Video, proof: Proof) -> bool:
        """Whether what is shown opens this video; False when nothing is shown.

        :raises Forbidden: code ``incorrect_video_password``.
        :raises TooManyRequests: after too many wrong passwords.
        """
        if proof.token is not None and await self._token_opens(video, proof.token):
            return True
        if proof.password is None or not visibility.needs_password(video):
            return False
        return await self._password_of(video, proof.password, proof.address) > 0

    async def opens_named(self, id_or_uuid: str, proof: Proof) -> bool:
        """As `opens`, of a video by its number, UUID or short UUID; False when there is none."""
        if not proof:
            return False
        found = await self._database.read(by_identifier, id_or_uuid)
        return found is not None and await self.opens(found.video, proof)

    async def require(
        self, viewer: Viewer | None, found: VideoDetails | None, id_or_uuid: str, proof: Proof = NOTHING_SHOWN
    ) -> VideoDetails:
        """The video, when it is there and the viewer may see it, or shows what opens it."""
        by_number = id_or_uuid.isdigit()
        opened = False
        if proof and found is not None and not visibility.can_see(viewer, found.video, by_number=by_number):
            opened = await self.opens(found.video, proof)
        return require_visible(viewer, found, id_or_uuid, opened=opened)

    async def token(self, viewer: Viewer | None, id_or_uuid: str, proof: Proof) -> tuple[str, int]:
        """A token for the files of a video, and when it ends (ms since 1970 UTC).

        Users get one for every video that they may see, others for a video of which they show a password.

        :raises Unauthorized: for somebody unknown who shows no password.
        """
        shown = Proof(password=proof.password, address=proof.address)
        found = await self.require(viewer, await self._database.read(by_identifier, id_or_uuid), id_or_uuid, shown)
        video, expires_ms = found.video, self._clock.now_ms() + file_tokens.LIFE_MS
        if viewer is not None and visibility.can_see(viewer, video):
            token = FileToken(video.uuid, expires_ms, user_id=viewer.user.id, session_id=viewer.session_id)
        elif proof.password is not None and visibility.needs_password(video):
            password_id = await self._password_of(video, proof.password, proof.address)
            token = FileToken(video.uuid, expires_ms, password_id=password_id)
        else:
            raise Unauthorized("Authentication required")
        return file_tokens.encode(token, self._vault.secret(file_tokens.PURPOSE)), expires_ms

    async def _token_opens(self, video: Video, shown: str) -> bool:
        token = file_tokens.parse(shown, self._vault.secret(file_tokens.PURPOSE), self._clock.now_ms())
        if token is None or token.video_uuid != video.uuid:
            return False
        return await self._database.read(self._still_opens, video, token)

    async def _still_opens(self, tx: Transaction, video: Video, token: FileToken) -> bool:
        if token.password_id:
            return visibility.needs_password(video) and await video_passwords.exists(tx, video.id, token.password_id)
        session = await sessions.by_id(tx, token.session_id)
        user = await users.by_id(tx, token.user_id)
        if user is None or session is None or session.user_id != user.id or session.expires_ms <= self._clock.now_ms():
            return False
        return visibility.can_see(Viewer(user=user, session_id=session.id), video)

    async def _password_of(self, video: Video, password: str, address: str) -> int:
        """The number of a password of the video."""
        keys = (f"video-password:{video.id}:{address_group(address)}", f"video-password:{video.id}")
        for key in keys:
            self._require_room(key)
        digest = self._vault.digest(text_of_digest(video.uuid, password))
        found = await self._database.read(video_passwords.id_of, video.id, digest)
        if found is None:
            for key, most in zip(keys, (self._limit.max, self._limit.max * MOST_OF_A_VIDEO), strict=True):
                if self._counters.hit(key, self._limit.window) >= most:
                    self._counters.hit(f"{key}:closed", self._limit.window)
            raise visibility.wrong_password()
        return found

    def _require_room(self, key: str) -> None:
        seconds = self._counters.remaining_seconds(f"{key}:closed")
        if seconds > 0:
            raise TooManyRequests("Too many wrong passwords, try again later", retry_after_seconds=ceil(seconds))
