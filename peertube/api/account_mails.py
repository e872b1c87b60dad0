"""Links in mails: a confirmed address, a lost password."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.user_ids import number
from peertube.http.routing import Access, Call, Route
from peertube.usecases.password_resets import PasswordResets
from peertube.usecases.verifications import Verifications

Code = Annotated[str, Field(alias="verificationString", max_length=200)]


class AddressBody(BaseModel):
    """To whom a mail is to be sent."""

    email: Annotated[str, Field(min_length=3, max_length=400, pattern=r"^[^@\s]+@[^@\s]+$")]


class VerifyBody(BaseModel):
    """The code of a link that was followed."""

    model_config = ConfigDict(populate_by_name=True)

    verification_string: Code
    is_pending_email: Annotated[bool, Field(alias="isPendingEmail")] = False


class ResetBody(BaseModel):
    """The code of a link that was followed, and the new password."""

    model_config = ConfigDict(populate_by_name=True)

    verification_string: Code
    password: Annotated[str, Field(max_length=1_000)]


class AccountMailsApi:
    """Routes around links in mails."""

    def __init__(self, *, verifications: Verifications, resets: PasswordResets) -> None:
        self._verifications = verifications
        self._resets = resets

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        anyone, ask_again = Access.ANYONE, "/users/registrations/ask-send-verify-email"
        verify_registration = "/users/registrations/<identifier>/verify-email"
        return [
            Route("POST", "/users/ask-send-verify-email", anyone, self.ask_verification, body=AddressBody),
            Route("POST", ask_again, anyone, self.ask_verification, body=AddressBody),
            Route("POST", "/users/<identifier>/verify-email", anyone, self.verify, body=VerifyBody),
            Route("POST", verify_registration, anyone, self.verify_registration, body=VerifyBody),
            Route("POST", "/users/ask-reset-password", anyone, self.ask_reset, body=AddressBody),
            Route("POST", "/users/<identifier>/reset-password", anyone, self.reset, body=ResetBody),
        ]

    async def ask_verification(self, call: Call) -> None:
        """Send the link that confirms an address once more; says nothing about whether somebody has it."""
        body = await call.body(AddressBody)
        await self._verifications.ask(body.email, call.address, _language(call))

    async def verify(self, call: Call, identifier: str) -> None:
        """Confirm the address of a user; 403 for a code that is wrong, used or too old."""
        body = await call.body(VerifyBody)
        await self._verifications.verify(number(identifier), body.verification_string, pending=body.is_pending_email)

    async def verify_registration(self, call: Call, identifier: str) -> None:
        """Confirm the address of a request for an account; 403 for a code that is wrong, used or too old."""
        body = await call.body(VerifyBody)
        await self._verifications.verify_registration(number(identifier), body.verification_string)

    async def ask_reset(self, call: Call) -> None:
        """Send a link to another password; says nothing about whether somebody has the address."""
        body = await call.body(AddressBody)
        await self._resets.ask(body.email, call.address, _language(call))

    async def reset(self, call: Call, identifier: str) -> None:
        """Take another password; 403 for a code that is wrong, used or too old. Every session ends."""
        body = await call.body(ResetBody)
        await self._resets.reset(number(identifier), body.verification_string, body.password)


def _language(call: Call) -> str:
    return (call.header("Accept-Language") or "")[:100]
