"""What each kind of mail says, in the language of the one who reads it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from attrs import frozen

from peertube.model.mails import Mail, MailKind


class Texts(Protocol):
    """The texts of one language."""

    @property
    def code(self) -> str:
        """The code of the language."""
        ...

    @property
    def direction(self) -> str:
        """Which way it is written: ``ltr`` or ``rtl``."""
        ...

    def gettext(self, message: str, /, **variables: object) -> str:
        """A text with its named placeholders filled in."""
        ...


@frozen
class Words:
    """The content of a mail. `quoted` is what somebody wrote, `link` with its `button` what to do."""

    subject: str
    paragraphs: tuple[str, ...]
    quoted: str = ""
    button: str = ""
    link: str = ""
    after: tuple[str, ...] = ()


Say = Callable[..., str]
Variables = Mapping[str, str]


def of(mail: Mail, texts: Texts, server: str) -> Words:
    """The words of a mail. `server` is the name of the pod."""
    return _KINDS[mail.kind](texts.gettext, {"server": server, **mail.variables})


def _reset(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Choose a new password"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("somebody, we hope you, asked for a new password on %(server)s.", server=given["server"]),
        ),
        button=text("Choose a new password"),
        link=given["link"],
        after=(
            text("The link works once and for one hour."),
            text("If it was not you, there is nothing to do: your password stays as it is."),
        ),
    )


def _first_password(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your account on %(server)s", server=given["server"]),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("an account was made for you on %(server)s. Please choose its password.", server=given["server"]),
        ),
        button=text("Choose a password"),
        link=given["link"],
        after=(text("The link works once and for seven days."),),
    )


def _password_changed(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your password was changed"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("the password of your account on %(server)s was changed just now.", server=given["server"]),
            text("Every sign-in has ended. If it was not you, ask for a new password at once, and tell us."),
        ),
    )


def _verify(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Confirm your e-mail address"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("please confirm that this address on %(server)s is yours.", server=given["server"]),
        ),
        button=text("Confirm the address"),
        link=given["link"],
        after=(
            text("The link works once and for one hour."),
            text("If you do not know what this is about, somebody mistyped an address. There is nothing to do."),
        ),
    )


def _email_changed(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your e-mail address was changed"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text(
                "the address of your account on %(server)s is %(email)s now. If it was not you, tell us at once.",
                server=given["server"],
                email=given["email"],
            ),
        ),
    )


def _two_factor_enabled(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Codes are needed to sign in now"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text(
                "two-factor authentication of your account on %(server)s was switched on. If it was not you, tell us.",
                server=given["server"],
            ),
        ),
    )


def _two_factor_disabled(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Codes are not needed to sign in any more"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text(
                "two-factor authentication of your account on %(server)s was switched off. If it was not you, tell us.",
                server=given["server"],
            ),
        ),
    )


def _requested(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("%(name)s asks for an account", name=given["username"]),
        paragraphs=(
            text("%(name)s asks for an account on %(server)s:", name=given["username"], server=given["server"]),
        ),
        quoted=given["reason"],
        button=text("Look at the requests"),
        link=given["link"],
    )


def _accepted(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Welcome to %(server)s", server=given["server"]),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("you have an account on %(server)s now.", server=given["server"]),
        ),
        quoted=given["response"],
        button=text("Sign in"),
        link=given["link"],
    )


def _rejected(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your request for an account on %(server)s", server=given["server"]),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("the people who run %(server)s did not agree to your request for an account.", server=given["server"]),
        ),
        quoted=given["response"],
    )


def _blocked(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your account is blocked"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("the people who run %(server)s blocked your account.", server=given["server"]),
        ),
        quoted=given["reason"],
    )


def _unblocked(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Your account is not blocked any more"),
        paragraphs=(
            text("Hello %(name)s,", name=given["username"]),
            text("you can sign in on %(server)s again.", server=given["server"]),
        ),
    )


def _contact(text: Say, given: Variables) -> Words:
    return Words(
        subject=text("Contact form: %(subject)s", subject=given["subject"]),
        paragraphs=(text("%(name)s wrote on the page about %(server)s:", name=given["name"], server=given["server"]),),
        quoted=given["body"],
        after=(text("Your answer goes to the address that was given; nobody has confirmed it."),),
    )


_KINDS: Mapping[MailKind, Callable[[Say, Variables], Words]] = {
    MailKind.RESET_PASSWORD: _reset,
    MailKind.FIRST_PASSWORD: _first_password,
    MailKind.PASSWORD_CHANGED: _password_changed,
    MailKind.VERIFY_EMAIL: _verify,
    MailKind.EMAIL_CHANGED: _email_changed,
    MailKind.TWO_FACTOR_ENABLED: _two_factor_enabled,
    MailKind.TWO_FACTOR_DISABLED: _two_factor_disabled,
    MailKind.REGISTRATION_REQUESTED: _requested,
    MailKind.REGISTRATION_ACCEPTED: _accepted,
    MailKind.REGISTRATION_REJECTED: _rejected,
    MailKind.USER_BLOCKED: _blocked,
    MailKind.USER_UNBLOCKED: _unblocked,
    MailKind.CONTACT: _contact,
}
