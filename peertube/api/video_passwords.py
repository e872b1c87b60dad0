"""``/api/v1/videos/<id>/passwords`` and ``/token``: what opens videos that are not open to everybody."""

from typing import Literal

from peertube.api.paging import page
from peertube.api.proofs import proof_of
from peertube.api.representations.times import iso
from peertube.api.representations.videos import Json
from peertube.api.video_forms import PasswordForm, PasswordsForm
from peertube.api.video_parameters import WindowParameters
from peertube.errors import Invalid
from peertube.http.routing import Access, Call, Reply, Route
from peertube.model.pages import Window
from peertube.usecases.video_access import VideoAccess
from peertube.usecases.video_passwords import ShownPassword, VideoPasswords


class PasswordListParameters(WindowParameters):
    """``GET /videos/<id>/passwords``."""

    sort: Literal["createdAt", "-createdAt"] = "-createdAt"

    def window(self) -> Window:
        """The rows that are asked for."""
        return Window(start=self.start, count=self.count, sort=self.sort, skip_count=self.skip_count)


class VideoPasswordsApi:
    """Passwords of videos and tokens for their files, for programs."""

    def __init__(self, *, passwords: VideoPasswords, access: VideoAccess) -> None:
        self._passwords = passwords
        self._access = access

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        path = "/videos/<identifier>/passwords"
        return [
            Route("GET", path, Access.USER, self.listing, query=PasswordListParameters),
            Route("PUT", path, Access.USER, self.replace, body=PasswordsForm),
            Route("POST", path, Access.USER, self.add, body=PasswordForm),
            Route("DELETE", f"{path}/<password_id>", Access.USER, self.remove),
            Route("POST", "/videos/<identifier>/token", Access.OPTIONAL, self.token),
        ]

    async def listing(self, call: Call, identifier: str) -> Json:
        """List the passwords of a video of one's own."""
        window = call.parameters(PasswordListParameters).window()
        listing = await self._passwords.listing(call.known_viewer, identifier, window)
        return page(listing, [_shown(password) for password in listing.items])

    async def replace(self, call: Call, identifier: str) -> None:
        """Let a video have these passwords and no others."""
        form = await call.body(PasswordsForm)
        await self._passwords.replace(call.known_viewer, identifier, form.passwords)

    async def add(self, call: Call, identifier: str) -> None:
        """Give a video one more password."""
        form = await call.body(PasswordForm)
        await self._passwords.add(call.known_viewer, identifier, form.password)

    async def remove(self, call: Call, identifier: str, password_id: str) -> None:
        """Take a password from a video."""
        if not (password_id.isascii() and password_id.isdigit() and len(password_id) <= 18):
            raise Invalid("Incorrect request parameters: passwordId", fields={"passwordId": "Should be a number"})
        await self._passwords.remove(call.known_viewer, identifier, int(password_id))

    async def token(self, call: Call, identifier: str) -> Reply:
        """Get a token that opens the files of a video for 8 hours, to be put into their addresses."""
        token, expires_ms = await self._access.token(call.viewer, identifier, proof_of(call))
        files = {"token": token, "expires": iso(expires_ms)}
        return Reply({"files": files}, headers={"Cache-Control": "private, no-store"})


def _shown(password: ShownPassword) -> Json:
    stored = password.stored
    return {
        "id": stored.id,
        "password": password.password,
        "videoId": stored.video_id,
        "createdAt": iso(stored.created_ms),
        "updatedAt": iso(stored.updated_ms),
    }
