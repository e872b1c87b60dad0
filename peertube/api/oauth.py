"""Logging in and out, for programs: ``/oauth-clients/local``, ``/users/token``, ``/users/revoke-token``.

Exchange (RFC 6749, sections 4.3 and 6): the client is read first, then a password or a refresh token is traded for a
pair of tokens. Errors of the token endpoint have the codes ``invalid_client`` and ``invalid_grant``.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from peertube.config.schema import WebServer
from peertube.errors import Forbidden, Invalid, PodError
from peertube.http.routing import Access, Call, Reply, Route
from peertube.policy.hosts import normalise
from peertube.usecases.logins import TwoFactorMissing
from peertube.usecases.sessions import Sessions, Tokens

OTP_HEADER = "x-peertube-otp"
"""The header for the code of two-factor authentication; in an answer it says that one is needed."""

Text = Annotated[str, Field(max_length=1000)]


class TokenRequest(BaseModel):
    """The form of the token endpoint."""

    client_id: Text = ""
    client_secret: Text = ""
    grant_type: Text = ""
    username: Text | None = None
    password: Text | None = None
    refresh_token: Text | None = None


class OAuthApi:
    """Routes with which programs log in and out."""

    def __init__(self, *, sessions: Sessions, web: WebServer) -> None:
        self._sessions = sessions
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/oauth-clients/local", Access.ANYONE, self.local_client),
            Route("POST", "/users/token", Access.ANYONE, self.token, body=TokenRequest),
            Route("POST", "/users/revoke-token", Access.USER, self.revoke_token),
        ]

    async def local_client(self, call: Call) -> object:
        """The id and secret that programs show when they log in; only under the pod's own name."""
        if not self._is_own_host(call.header("Host")):
            raise Forbidden(f"Getting client tokens for host {self._web.host} is forbidden")
        client = self._sessions.local_client()
        return {"client_id": client.id, "client_secret": client.secret}

    async def token(self, call: Call) -> object:
        """Tokens for a password or a refresh token."""
        try:
            return await self._token(call, await call.body(TokenRequest))
        except TwoFactorMissing:
            call.request.responseHeaders.setRawHeaders(OTP_HEADER, ["required; app"])
            raise

    async def _token(self, call: Call, form: TokenRequest) -> object:
        self._sessions.check_client(form.client_id, form.client_secret)
        if form.grant_type == "password":
            tokens = await self._sessions.log_in(
                _required(form.username, "username"),
                _required(form.password, "password"),
                address=call.address,
                user_agent=call.user_agent,
                code=call.header(OTP_HEADER),
            )
        elif form.grant_type == "refresh_token":
            tokens = await self._sessions.refresh(
                _required(form.refresh_token, "refresh_token"), address=call.address, user_agent=call.user_agent
            )
        else:
            raise Invalid("Unsupported grant type: `grant_type` is invalid", code="unsupported_grant_type")
        return Reply(body=_shown(tokens), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def revoke_token(self, call: Call) -> object:
        """End the session that the token belongs to."""
        await self._sessions.revoke(call.known_viewer)
        return {}

    def _is_own_host(self, host: str | None) -> bool:
        try:
            return host is not None and normalise(host, https=self._web.https) == self._web.host
        except PodError:
            return False


def _required(value: str | None, name: str) -> str:
    if not value:
        raise Invalid(f"Missing parameter: `{name}`", code="invalid_request", fields={name: "Missing parameter"})
    return value


def _shown(tokens: Tokens) -> dict[str, object]:
    return {
        "token_type": "Bearer",
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
        "refresh_token_expires_in": tokens.refresh_token_expires_in,
    }
