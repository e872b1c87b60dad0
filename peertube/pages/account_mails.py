"""Links in mails: a lost password, a confirmed address. Addresses are PeerTube's."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Conflict, Forbidden, Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.pages.admin import number
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words


class Resets(Protocol):
    """Sends links to a new password."""

    @property
    def enabled(self) -> bool:
        """Whether links can be sent."""
        ...

    async def ask(self, email: str, address: str, language: str = "") -> None:
        """Send one, if somebody has the address."""
        ...

    async def reset(self, user_id: int, code: str, password: str) -> None:
        """Take the new password."""
        ...


class Verifications(Protocol):
    """Knows whether links were followed."""

    async def ask(self, email: str, address: str, language: str = "") -> None:
        """Send the link once more, if somebody needs it."""
        ...

    async def verify(self, user_id: int, code: str, *, pending: bool = False) -> None:
        """The link of a user was followed."""
        ...

    async def verify_registration(self, registration_id: int, code: str) -> None:
        """The link of a request for an account was followed."""
        ...


@frozen
class AccountMailsPages:
    """`/forgotten-password`, `/reset-password`, `/verify-account`."""

    resets: Resets
    verifications: Verifications

    def routes(self) -> list[PageRoute]:
        """Each page."""
        anyone = Access.ANYONE
        return [
            PageRoute("GET", "/forgotten-password", anyone, self.forgotten),
            PageRoute("POST", "/forgotten-password", anyone, self.ask_reset),
            PageRoute("GET", "/reset-password", anyone, self.new_password),
            PageRoute("POST", "/reset-password", anyone, self.reset),
            PageRoute("GET", "/verify-account/ask", anyone, self.unconfirmed),
            PageRoute("POST", "/verify-account/ask", anyone, self.ask_verification),
            PageRoute("GET", "/verify-account/email", anyone, self.followed),
            PageRoute("POST", "/verify-account/email", anyone, self.verify),
        ]

    async def forgotten(self, visit: Visit) -> Shown:
        """Ask for the address."""
        return self._asking(visit, "forgotten")

    async def ask_reset(self, visit: Visit) -> Shown:
        """Send a link; the answer is the same whether somebody has the address or not."""
        return await self._asked(visit, "forgotten", self.resets.ask)

    async def unconfirmed(self, visit: Visit) -> Shown:
        """Ask for the address that is to be confirmed."""
        return self._asking(visit, "unconfirmed")

    async def ask_verification(self, visit: Visit) -> Shown:
        """Send the link once more; the answer is always the same."""
        return await self._asked(visit, "unconfirmed", self.verifications.ask)

    async def new_password(self, visit: Visit) -> Shown:
        """Ask for the new password. The link is used up when it comes, not when this is shown."""
        given = {name: visit.asked(name) for name in ("userId", "verificationString")}
        return Shown("reset_password.html", {"given": given, "errors": {}, "problem_text": ""}, section="login")

    async def reset(self, visit: Visit) -> Shown | Redirect:
        """Take the new password."""
        typed = dict(visit.form)
        given = {name: typed.get(name, "") for name in ("userId", "verificationString")}
        errors: dict[str, str] = {}
        try:
            if typed.get("password", "") != typed.get("again", ""):
                raise Invalid("", fields={"again": visit.gettext("This is not the same as the new password.")})
            await self.resets.reset(number(given["userId"]), given["verificationString"], typed.get("password", ""))
        except PodError as error:
            if isinstance(error, Invalid):
                errors = Words(visit.texts).faults(error.fields)
            problem = visit.gettext("The password was not changed.") if errors else _refused(visit, error)
            context = {"given": given, "errors": errors, "problem_text": problem}
            return Shown("reset_password.html", context, status=status_of(error), section="login")
        return Redirect("/login", done="password-reset")

    async def followed(self, visit: Visit) -> Shown:
        """Show a button: programs that look at links in mails use nothing up."""
        names = ("userId", "registrationId", "verificationString", "isPendingEmail")
        given = {name: visit.asked(name) for name in names}
        return Shown("verify_email.html", {"given": given, "problem_text": ""}, section="login")

    async def verify(self, visit: Visit) -> Shown | Redirect:
        """The button was pressed."""
        code, registration = visit.given("verificationString"), visit.given("registrationId")
        try:
            if registration:
                await self.verifications.verify_registration(number(registration), code)
            else:
                pending = visit.given("isPendingEmail") == "true"
                await self.verifications.verify(number(visit.given("userId")), code, pending=pending)
        except PodError as error:
            context = {"given": {}, "problem_text": _refused(visit, error)}
            return Shown("verify_email.html", context, status=status_of(error), section="login")
        return Redirect("/" if visit.viewer is not None or registration else "/login", done="email-confirmed")

    def _asking(self, visit: Visit, what: str, *, email: str = "", problem: str = "", status: int = 200) -> Shown:
        context = {
            "what": what,
            "action": visit.path.partition("?")[0],
            "email": email,
            "problem_text": problem,
            "enabled": self.resets.enabled,
            "sent": False,
        }
        return Shown("ask_mail.html", context, status=status, section="login")

    async def _asked(self, visit: Visit, what: str, ask: "Asking") -> Shown:
        email = visit.given("email")[:254]
        try:
            await ask(email, visit.address, visit.texts.code)
        except PodError as error:
            problem = Words(visit.texts).error(error.code, error.detail)
            return self._asking(visit, what, email=email, problem=problem, status=status_of(error))
        shown = self._asking(visit, what, email=email)
        return Shown(shown.template, {**shown.context, "sent": True}, section="login")


class Asking(Protocol):
    """Sends a link, if somebody needs it."""

    async def __call__(self, email: str, address: str, language: str = "") -> None:
        """To this address."""
        ...


def _refused(visit: Visit, error: PodError) -> str:
    if isinstance(error, Forbidden | NotFound):
        return visit.gettext("This link is not good any more. Links work once and for a while; ask for another.")
    if isinstance(error, Conflict):
        return visit.gettext("Somebody else has this e-mail address by now.")
    return Words(visit.texts).error(error.code, error.detail)
