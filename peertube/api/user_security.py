"""Two-factor authentication, sessions, tokens of feeds."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.times import iso
from peertube.api.user_ids import number
from peertube.http.routing import Access, Call, Route
from peertube.model.users import Session
from peertube.usecases.two_factor import TwoFactor
from peertube.usecases.user_sessions import UserSessions

Secret = Annotated[str, Field(max_length=1_000)]


class PasswordBody(BaseModel):
    """The password of the one who asks."""

    model_config = ConfigDict(populate_by_name=True)

    current_password: Annotated[Secret | None, Field(alias="currentPassword")] = None


class ConfirmBody(BaseModel):
    """The first code of an app."""

    model_config = ConfigDict(populate_by_name=True)

    request_token: Annotated[Secret, Field(alias="requestToken")]
    otp_token: Annotated[Secret, Field(alias="otpToken")]


class UserSecurityApi:
    """Routes about how a login is kept safe."""

    def __init__(self, *, two_factor: TwoFactor, sessions: UserSessions) -> None:
        self._two_factor = two_factor
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        user, two_factor = Access.USER, "/users/<identifier>/two-factor"
        sessions = "/users/<identifier>/token-sessions"
        return [
            Route("POST", f"{two_factor}/request", user, self.request, body=PasswordBody),
            Route("POST", f"{two_factor}/confirm-request", user, self.confirm, body=ConfirmBody),
            Route("POST", f"{two_factor}/disable", user, self.disable, body=PasswordBody),
            Route("GET", sessions, user, self.sessions, query=PageParameters),
            Route("POST", f"{sessions}/<session>/revoke", user, self.revoke),
            Route("GET", "/users/scoped-tokens", user, self.scoped_tokens),
            Route("POST", "/users/scoped-tokens", user, self.renew_scoped_tokens),
        ]

    async def request(self, call: Call, identifier: str) -> object:
        """A secret for an app that makes codes; good for ten minutes, and nothing changes before its first code."""
        body = await call.body(PasswordBody)
        made = await self._two_factor.request(call.known_viewer, number(identifier), body.current_password)
        return {"otpRequest": {"requestToken": made.request_token, "secret": made.secret, "uri": made.uri}}

    async def confirm(self, call: Call, identifier: str) -> None:
        """Switch two-factor authentication on with the first code of the app."""
        body = await call.body(ConfirmBody)
        await self._two_factor.confirm(call.known_viewer, number(identifier), body.request_token, body.otp_token)

    async def disable(self, call: Call, identifier: str) -> None:
        """Switch two-factor authentication off."""
        body = await call.body(PasswordBody)
        await self._two_factor.disable(call.known_viewer, number(identifier), body.current_password)

    async def sessions(self, call: Call, identifier: str) -> object:
        """Where a user is logged in, the newest first."""
        viewer, asked = call.known_viewer, call.parameters(PageParameters)
        found = await self._sessions.listing(viewer, number(identifier), asked.window())
        return page(found, [_session(one, viewer.session_id) for one in found.items])

    async def revoke(self, call: Call, identifier: str, session: str) -> None:
        """End one session."""
        await self._sessions.end(call.known_viewer, number(identifier), number(session))

    async def scoped_tokens(self, call: Call) -> object:
        """The token with which programs read the caller's own feeds."""
        return {"feedToken": await self._sessions.feed_token(call.known_viewer)}

    async def renew_scoped_tokens(self, call: Call) -> object:
        """Another such token; the old one is not good any more."""
        return {"feedToken": await self._sessions.renew_feed_token(call.known_viewer)}


def _session(one: Session, current: int) -> dict[str, object]:
    login_ms = one.created_ms if one.login_ms is None else one.login_ms
    return {
        "id": one.id,
        "currentSession": one.id == current,
        "loginDevice": one.login_user_agent or one.user_agent,
        "loginIP": one.login_address or one.address,
        "loginDate": iso(login_ms),
        "lastActivityDevice": one.user_agent,
        "lastActivityIP": one.address,
        "lastActivityDate": iso(one.created_ms),
        "createdAt": iso(login_ms),
    }
