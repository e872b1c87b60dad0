"""A mail as bytes (RFC 5322, MIME): plain text and HTML of the same words. No header can be slipped in."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from peertube.config.schema import Email, Instance
from peertube.mail import words
from peertube.mail.words import Texts
from peertube.model.mails import Mail

_LONGEST_SUBJECT = 200
_POLICY = SMTP.clone(linesep="\n")
"""Twisted's client makes the ends of lines itself."""


@frozen
class Sender:
    """Who writes: the pod's name and look, the origin of its addresses, the address in From."""

    instance: Instance
    look: Email
    origin: str
    address: str


def environment() -> Environment:
    """The templates; what is not HTML is not escaped."""
    return Environment(
        loader=PackageLoader("peertube.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def build(mail: Mail, *, message_id: str, texts: Texts, sender: Sender, now_ms: int, templates: Environment) -> bytes:
    """The whole message.

    :raises ValueError: an address cannot stand in a header.
    """
    name = _line(sender.instance.name)
    said = words.of(mail, texts, name)
    context = {
        "words": said,
        "texts": texts,
        "server": name,
        "origin": sender.origin,
        "signature": sender.look.body.signature,
    }
    prefix = sender.look.subject.prefix.strip() or f"[{name}]"
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((name, sender.address))
    message["To"] = mail.to
    if mail.reply_to is not None:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = _line(f"{prefix} {said.subject}")[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(datetime.fromtimestamp(now_ms / 1000, UTC))
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(templates.get_template("mail.txt").render(context))
    message.add_alternative(templates.get_template("mail.html").render(context), subtype="html")
    message["Content-Language"] = texts.code.replace("_", "-")
    return message.as_bytes()


def _line(text: str) -> str:
    """`text` as one line without characters that steer anything."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
