"""Mail through a real SMTP server on loopback: encrypted or not, with a password or not, refused and out of reach."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.config.schema import Email, Instance, Smtp
from peertube.errors import Unprocessable, Unreachable
from peertube.mail.message import Sender
from peertube.mail.smtp import SmtpMailer
from peertube.model.mails import Mail, MailKind
from peertube.pages.languages import Languages, load
from peertube.shared.clock import SystemClock
from tests.mail.smtp_server import SmtpServer

MAIL = Mail(MailKind.USER_UNBLOCKED, "alice@pod.example", {"username": "alice"})


class SmtpTests(TestCase):
    """What the server gets."""

    timeout = 30

    def setUp(self) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def server(self, **how: Any) -> SmtpServer:
        """A server that ends with the test."""
        made = SmtpServer(self.reactor, self.folder, **how)
        self.addCleanup(lambda: Deferred.fromCoroutine(made.close()))
        return made

    def mailer(self, port: int, **settings: Any) -> SmtpMailer:
        """What a pod sends with, trusting the server's certificate."""
        known = {"ca_file": self.folder / "server.pem", "tls": False, **settings}
        languages = Languages(load())
        sender = Sender(Instance(name="Pod"), Email(), "https://pod.example", "pod@pod.example")
        return SmtpMailer(
            reactor=self.reactor,
            settings=Smtp(hostname="localhost", port=port, **known),
            clock=SystemClock(reactor=self.reactor),
            texts_of=lambda wanted: languages.choose(wanted, wanted),
            sender=lambda: sender,
        )

    async def test_encrypted_from_the_start(self) -> None:
        """As at port 465, with name and password."""
        server = self.server(tls=True, password=b"secret")
        await self.mailer(server.port, tls=True, username="user", password="secret").send(MAIL, "1@pod.example")
        got = message_from_bytes(server.inbox[0], policy=default)
        self.assertEqual(server.authenticated, [b"user"])
        self.assertEqual(
            (got["From"], got["To"], got["Message-ID"], got["Subject"]),
            (
                "Pod <pod@pod.example>",
                "alice@pod.example",
                "<1@pod.example>",
                "[Pod] Your account is not blocked any more",
            ),
        )

    async def test_encrypted_when_offered(self) -> None:
        """As at port 587: the password goes out after STARTTLS only."""
        server = self.server(password=b"secret")
        await self.mailer(server.port, username="user", password="secret").send(MAIL, "1@pod.example")
        self.assertEqual((len(server.inbox), server.authenticated), (1, [b"user"]))

    async def test_plain(self) -> None:
        """As on the machine itself."""
        server = self.server()
        await self.mailer(server.port, disable_starttls=True).send(MAIL, "1@pod.example")
        self.assertEqual(len(server.inbox), 1)

    async def test_a_foreign_certificate(self) -> None:
        """Nothing is said to a server that is not who it says; trying later may help."""
        server = self.server(tls=True)
        mailer = self.mailer(server.port, tls=True, ca_file=None)
        await self.assertFailure_(mailer, Unreachable)
        self.assertEqual(server.inbox, [])

    async def test_a_wrong_password(self) -> None:
        """The operator may correct it: it is tried again; the error does not hold the password."""
        server = self.server(password=b"secret")
        error = await self.assertFailure_(self.mailer(server.port, username="user", password="wrong"), Unreachable)
        self.assertNotIn("wrong", repr(error) + repr(error.__cause__))

    async def test_refused_for_good_and_for_now(self) -> None:
        """5xx is final, 4xx is not."""
        server = self.server()
        mailer = self.mailer(server.port)
        server.refuses = 550
        await self.assertFailure_(mailer, Unprocessable)
        server.refuses = 451
        await self.assertFailure_(mailer, Unreachable)
        server.refuses = None
        await mailer.send(MAIL, "1@pod.example")

    async def test_nobody_there(self) -> None:
        """A closed port is no end."""
        server = SmtpServer(self.reactor, self.folder)
        port = server.port
        await server.close()
        await self.assertFailure_(self.mailer(port), Unreachable)

    async def test_lines_with_a_dot_wherever_they_fall(self) -> None:
        """No text ends the mail early, also where Twisted's client would begin another piece."""
        server = self.server()
        body = "\n".join([".", "..", "." * 70] * 400)
        mail = Mail(MailKind.CONTACT, "a@pod.example", {"name": "x", "subject": "y", "body": body})
        await self.mailer(server.port).send(mail, "1@pod.example")
        text = message_from_bytes(server.inbox[0], policy=default).get_body(("plain",))
        assert text is not None
        self.assertIn("\n".join("> " + line for line in body.splitlines()), text.get_content())
        self.assertEqual(len(server.inbox), 1)

    async def assertFailure_(self, mailer: SmtpMailer, kind: type[Exception]) -> Exception:
        """What sending fails with."""
        try:
            await mailer.send(MAIL, "1@pod.example")
        except kind as error:
            return error
        raise self.failureException("it was sent")
