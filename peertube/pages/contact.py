"""The contact form."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.usecases.contact import ContactMessage

_FIELDS = ("fromName", "fromEmail", "subject", "body")


class ContactForm(Protocol):
    """Takes messages to the people who run the pod."""

    @property
    def enabled(self) -> bool:
        """Whether there is a form."""
        ...

    async def send(self, message: ContactMessage, address: str) -> None:
        """Send one."""
        ...


@frozen
class ContactPages:
    """`/about/contact`."""

    contact: ContactForm

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/about/contact", Access.ANYONE, self.form),
            PageRoute("POST", "/about/contact", Access.ANYONE, self.send),
        ]

    async def form(self, visit: Visit) -> Shown:
        """Ask for name, address and message."""
        if not self.contact.enabled:
            raise NotFound("There is no contact form here")
        email = "" if visit.viewer is None else visit.viewer.user.email
        values = {**dict.fromkeys(_FIELDS, ""), "fromEmail": email}
        return Shown("contact.html", {"values": values, "errors": {}, "problem_text": ""}, section="about")

    async def send(self, visit: Visit) -> Shown | Redirect:
        """Send the message; what was typed is kept when something is wrong."""
        typed = dict(visit.form)
        values = {name: typed.get(name, "") for name in _FIELDS}
        message = ContactMessage(values["fromName"], values["fromEmail"], values["subject"], values["body"])
        try:
            await self.contact.send(message, visit.address)
        except PodError as error:
            words = Words(visit.texts)
            errors = words.faults(error.fields) if isinstance(error, Invalid) else {}
            problem = visit.gettext("The message was not sent.") if errors else words.error(error.code, error.detail)
            context = {"values": values, "errors": errors, "problem_text": problem}
            return Shown("contact.html", context, status=status_of(error), section="about")
        return Redirect("/about", done="message-sent")
