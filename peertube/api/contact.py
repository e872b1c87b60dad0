"""Writing to the people who run the pod: ``/server/contact``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from peertube.http.routing import Access, Call, Route
from peertube.usecases.contact import Contact, ContactMessage


class ContactBody(BaseModel):
    """What somebody writes."""

    model_config = ConfigDict(populate_by_name=True)

    from_name: Annotated[str, Field(alias="fromName")]
    from_email: Annotated[str, Field(alias="fromEmail")]
    subject: str
    body: str


class ContactApi:
    """The route of the contact form."""

    def __init__(self, *, contact: Contact) -> None:
        self._contact = contact

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [Route("POST", "/server/contact", Access.ANYONE, self.send, body=ContactBody)]

    async def send(self, call: Call) -> None:
        """Write to the people who run the pod; 409 where there is no form."""
        body = await call.body(ContactBody)
        await self._contact.send(ContactMessage(**body.model_dump()), call.address)
