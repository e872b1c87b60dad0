"""What mails look like: every kind in every language, and nothing that slips into a header."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from peertube.config.schema import Email, Instance
from peertube.mail.message import Sender, build, environment
from peertube.model.mails import Mail, MailKind
from peertube.pages.languages import load

SENDER = Sender(Instance(name="Pod"), Email(), "https://pod.example", "pod@pod.example")
GIVEN = {
    "username": "alice",
    "link": "https://pod.example/x?a=1&b=2",
    "email": "b@pod.example",
    "reason": "<b>please</b>",
    "response": "Welcome\n\nand so on",
    "name": "Bob",
    "subject": "Hello",
    "body": "A <script> of\nmine",
}


def built(mail: Mail, language: str = "en", sender: Sender = SENDER) -> EmailMessage:
    """The mail as a program reads it."""
    content = build(
        mail,
        message_id="1@pod.example",
        texts=load()[language],
        sender=sender,
        now_ms=1_700_000_000_000,
        templates=environment(),
    )
    return cast(EmailMessage, message_from_bytes(content, policy=default))


def text(message: EmailMessage, kind: str) -> str:
    """One of the two forms."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class MessageTests(SynchronousTestCase):
    """Every kind of mail."""

    def test_every_kind_in_every_language(self) -> None:
        """Plain and HTML say the same, links included."""
        for language in load():
            for kind in MailKind:
                message = built(Mail(kind, "a@pod.example", GIVEN), language)
                self.assertEqual(message["Content-Language"], language)
                self.assertEqual(message["Date"], "Tue, 14 Nov 2023 22:13:20 +0000")
                for form in ("plain", "html"):
                    self.assertIn("Pod", text(message, form))

    def test_a_link_in_both_forms(self) -> None:
        """For programs that show one of them only."""
        message = built(Mail(MailKind.RESET_PASSWORD, "a@pod.example", GIVEN))
        self.assertIn("https://pod.example/x?a=1&b=2\n", text(message, "plain"))
        self.assertIn('href="https://pod.example/x?a=1&amp;b=2"', text(message, "html"))

    def test_no_markup_of_strangers(self) -> None:
        """What somebody wrote is text."""
        html = text(built(Mail(MailKind.CONTACT, "a@pod.example", GIVEN)), "html")
        self.assertIn("A &lt;script&gt; of", html)

    def test_nothing_slips_into_a_header(self) -> None:
        """Neither by a subject, nor by the pod's name, nor by an address."""
        wicked = "x\r\nBcc: victim@example.com\r\n\r\nbody \u2028 \x85 \x0b y"
        sender = Sender(Instance(name=wicked), Email(), "https://pod.example", "pod@pod.example")
        message = built(
            Mail(MailKind.CONTACT, "a@pod.example", {**GIVEN, "subject": wicked, "name": wicked}), sender=sender
        )
        self.assertNotIn("Bcc", message)
        self.assertEqual(sorted(set(message.keys())), sorted(set(built(Mail(MailKind.CONTACT, "a@b.c", GIVEN)).keys())))
        for to, reply_to in (("a@b.c\r\nBcc: d@e.f", None), ("a@b.c", "d@e.f\nBcc: g@h.i")):
            with self.assertRaises(ValueError):
                built(Mail(MailKind.CONTACT, to, GIVEN, reply_to=reply_to))
