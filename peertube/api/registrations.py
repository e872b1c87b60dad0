"""Signing up: ``/users/register`` where accounts are made at once, ``/users/registrations`` where somebody decides."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.registrations import registration
from peertube.api.user_ids import number
from peertube.http.routing import Access, Call, Route
from peertube.model.users import Right
from peertube.usecases.registrations import Decision, Registrations, SignupRequest

Text = Annotated[str, Field(max_length=5_000)]


class FirstChannel(BaseModel):
    """The channel that comes with an account."""

    model_config = ConfigDict(populate_by_name=True)

    name: Text
    display_name: Annotated[Text | None, Field(alias="displayName")] = None


class RegisterBody(BaseModel):
    """Somebody who wants an account."""

    model_config = ConfigDict(populate_by_name=True)

    username: Text
    email: Text
    password: Text
    display_name: Annotated[Text | None, Field(alias="displayName")] = None
    channel: FirstChannel | None = None


class RegistrationBody(RegisterBody):
    """The same, with the reason for it."""

    registration_reason: Annotated[Text, Field(alias="registrationReason")]


class DecisionBody(BaseModel):
    """What is answered to a request."""

    model_config = ConfigDict(populate_by_name=True)

    moderation_response: Annotated[str, Field(alias="moderationResponse", max_length=3_000)] = ""
    prevent_email_delivery: Annotated[bool, Field(alias="preventEmailDelivery")] = False


class RegistrationsParameters(PageParameters):
    """Which requests are listed."""

    search: Annotated[str | None, Field(max_length=200)] = None


class RegistrationsApi:
    """Routes about signing up."""

    def __init__(self, *, registrations: Registrations) -> None:
        self._registrations = registrations

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        right, one = Right.MANAGE_REGISTRATIONS, "/users/registrations/<identifier>"
        return [
            Route("POST", "/users/register", Access.ANYONE, self.register, body=RegisterBody),
            Route("POST", "/users/registrations/request", Access.ANYONE, self.request, body=RegistrationBody),
            Route("GET", "/users/registrations", right, self.listing, query=RegistrationsParameters),
            Route("POST", f"{one}/accept", right, self.accept, body=DecisionBody),
            Route("POST", f"{one}/reject", right, self.reject, body=DecisionBody),
            Route("DELETE", one, right, self.remove),
        ]

    async def register(self, call: Call) -> None:
        """Make an account at once; 403 where that is not possible, 409 when the name or the address is taken."""
        body = await call.body(RegisterBody)
        await self._registrations.register(_request(body, "", _language(call)), call.address)

    async def request(self, call: Call) -> object:
        """Ask for an account, which the people who run the pod agree to or not."""
        body = await call.body(RegistrationBody)
        asked = _request(body, body.registration_reason, _language(call))
        return registration(await self._registrations.ask(asked, call.address))

    async def listing(self, call: Call) -> object:
        """The requests for an account."""
        asked = call.parameters(RegistrationsParameters)
        found = await self._registrations.listing(asked.window(), text=asked.search)
        return page(found, [registration(one) for one in found.items])

    async def accept(self, call: Call, identifier: str) -> None:
        """Make the account that was asked for; 409 when the request was decided before."""
        await self._registrations.accept(number(identifier), _decision(await call.body(DecisionBody)))

    async def reject(self, call: Call, identifier: str) -> None:
        """Do not make it; 409 when the request was decided before."""
        await self._registrations.reject(number(identifier), _decision(await call.body(DecisionBody)))

    async def remove(self, call: Call, identifier: str) -> None:
        """Forget a request; the user it became stays."""
        await self._registrations.remove(number(identifier))


def _decision(body: DecisionBody) -> Decision:
    return Decision(body.moderation_response, body.prevent_email_delivery)


def _request(body: RegisterBody, reason: str, language: str) -> SignupRequest:
    return SignupRequest(
        username=body.username,
        email=body.email,
        password=body.password,
        display_name=body.display_name,
        channel_name=None if body.channel is None else body.channel.name,
        channel_display_name=None if body.channel is None else body.channel.display_name,
        reason=reason,
        language=language,
    )


def _language(call: Call) -> str:
    return (call.header("Accept-Language") or "")[:100]
