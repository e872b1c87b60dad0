"""Keys about people: mail to them, and how they get an account. Names are PeerTube's."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from peertube.config.values import Port, Section


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


Network = Annotated[str, AfterValidator(_network)]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Smtp(Section):
    """The server that takes the pod's mail; none is sent without `hostname`."""

    hostname: str | None = None
    port: Port = 465
    username: str | None = None
    password: str | None = None
    tls: bool = True
    disable_starttls: bool = False
    ca_file: Path | None = None
    from_address: str = "admin@example.com"

    @property
    def enabled(self) -> bool:
        """Whether mail can be sent."""
        return bool(self.hostname)


class EmailBody(Section):
    """What mails end with."""

    signature: str = ""


class EmailSubject(Section):
    """What subjects of mails begin with; the name of the pod in brackets when it is empty."""

    prefix: Line = ""


class Email(Section):
    """What mails look like."""

    body: EmailBody = EmailBody()
    subject: EmailSubject = EmailSubject()


class ContactForm(Section):
    """The form with which anyone writes to `admin.email`."""

    enabled: bool = True


class SignupCidr(Section):
    """From which networks people may sign up; an empty white list means from anywhere."""

    whitelist: tuple[Network, ...] = ()
    blacklist: tuple[Network, ...] = ()


class SignupFilters(Section):
    """Who may not sign up."""

    cidr: SignupCidr = SignupCidr()


class Signup(Section):
    """How people get an account by themselves; `limit` counts all users, -1 means no limit."""

    enabled: bool = False
    limit: Annotated[int, Field(ge=-1)] = 10
    minimum_age: Annotated[int, Field(ge=0, le=150)] = 16
    requires_approval: bool = True
    requires_email_verification: bool = False
    filters: SignupFilters = SignupFilters()
