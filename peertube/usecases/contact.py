"""The contact form: anyone writes to the admin, who answers by mail."""

from attrs import frozen

from peertube.config.schema import Limit
from peertube.errors import Conflict
from peertube.model.mails import Mail, MailKind
from peertube.policy import names
from peertube.usecases import attempts
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Counters, InForce
from peertube.usecases.users import require_faultless

MAXIMUM_LINE = 120
MINIMUM_BODY = 3
MAXIMUM_BODY = 5000


@frozen
class ContactMessage:
    """What somebody wrote. Nobody has confirmed that the address is theirs."""

    from_name: str
    from_email: str
    subject: str
    body: str


class Contact:
    """Takes messages to `admin.email`.

    :param limit: how often one address may write (`rates_limit.ask_send_email`).
    """

    def __init__(self, *, outbox: Outbox, counters: Counters, settings: InForce, limit: Limit) -> None:
        self._outbox = outbox
        self._counters = counters
        self._settings = settings
        self._limit = limit

    @property
    def enabled(self) -> bool:
        """Whether there is a form."""
        return self._settings.contact_form.enabled and self._outbox.enabled

    async def send(self, message: ContactMessage, address: str) -> None:
        """Send a message to the admin.

        :raises Conflict: code ``contact_form_disabled``.
        """
        if not self.enabled:
            raise Conflict("Contact form is not enabled on this server.", code="contact_form_disabled")
        require_faultless(_faults(message))
        attempts.count_of_address(self._counters, "contact", address, self._limit, "You wrote a moment ago.")
        variables = {"name": message.from_name, "subject": message.subject, "body": message.body}
        admin = self._settings.admin.email
        await self._outbox.post_alone(Mail(MailKind.CONTACT, admin, variables, reply_to=message.from_email.strip()))


def _faults(message: ContactMessage) -> dict[str, str | None]:
    return {
        "fromName": names.length_fault(message.from_name, 1, MAXIMUM_LINE),
        "fromEmail": names.email_fault(message.from_email.strip()),
        "subject": names.length_fault(message.subject, 1, MAXIMUM_LINE),
        "body": names.length_fault(message.body, MINIMUM_BODY, MAXIMUM_BODY),
    }
