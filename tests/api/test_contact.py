"""The contact form over HTTP."""

from typing import Any

from peertube.api.contact import ContactApi
from peertube.config.schema import Limit, Smtp
from peertube.http.routing import Route
from peertube.model.mails import Mail, MailKind
from peertube.usecases.contact import Contact
from peertube.usecases.outbox import Outbox
from tests.api.people import PeopleApiCase

MESSAGE = {"fromName": "Bob", "fromEmail": "bob@example.com", "subject": "Hello", "body": "How are you?"}


class RecordingOutbox(Outbox):
    """Keeps mails in a list."""

    def __init__(self, smtp: Smtp) -> None:
        self.posted: list[Mail] = []
        self._smtp = smtp

    async def post_alone(self, mail: Mail) -> None:
        self.posted.append(mail)


class ContactTests(PeopleApiCase):
    """``/server/contact``."""

    def routes(self) -> list[Route]:
        self.outbox = RecordingOutbox(Smtp(hostname="localhost"))
        contact = Contact(
            outbox=self.outbox,
            counters=self.pod.counters,
            settings=self.pod.settings,
            limit=Limit(window=300, max=2),
        )
        return [*super().routes(), *ContactApi(contact=contact).routes()]

    async def send(self, **changes: Any) -> tuple[int, Any]:
        """Status and what was said."""
        answer = await self.ask("POST", "/server/contact", json={**MESSAGE, **changes})
        return answer.status, answer.json if answer.body else None

    async def test_it_goes_to_the_admin(self) -> None:
        """Who answers to the one who wrote."""
        self.assertEqual(await self.send(), (204, None))
        words = {"name": "Bob", "subject": "Hello", "body": "How are you?"}
        self.assertEqual(
            self.outbox.posted, [Mail(MailKind.CONTACT, "admin@example.com", words, reply_to="bob@example.com")]
        )

    async def test_what_is_refused(self) -> None:
        """Each wrong field is named; an address with a second header in it is none."""
        for field, value in (
            ("fromName", ""), ("fromName", "x" * 121), ("fromEmail", "bob"), ("subject", ""), ("body", "ab"),
            ("fromEmail", "a@b.c\r\nBcc: d@e.f"), ("body", "x" * 5001),
        ):  # fmt: skip
            status, problem = await self.send(**{field: value})
            self.assertEqual((status, list(problem["invalid-params"])), (400, [field]), value)
        self.assertEqual(self.outbox.posted, [])

    async def test_not_too_often(self) -> None:
        """429 after that."""
        self.assertEqual([(await self.send())[0] for _ in range(3)], [204, 204, 429])

    async def test_without_a_mail_server(self) -> None:
        """There is no form."""
        self.outbox._smtp = Smtp()
        status, problem = await self.send()
        self.assertEqual((status, problem["code"]), (409, "contact_form_disabled"))
