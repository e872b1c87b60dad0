"""Signing up: the rules, the account, and what happens next."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Forbidden, Invalid, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.registrations import Registration
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.usecases.ports import InForce
from peertube.usecases.registrations import SignupRequest
from peertube.usecases.signup import SignupState

_FIELDS = ("username", "email", "displayName", "registrationReason")


class Registrations(Protocol):
    """Takes those who sign up."""

    async def register(self, request: SignupRequest, address: str) -> bool:
        """Make an account; whether its e-mail address must be confirmed first."""
        ...

    async def ask(self, request: SignupRequest, address: str) -> Registration:
        """Ask for one."""
        ...


class Rules(Protocol):
    """Knows whether the door is open."""

    async def state(self, address: str) -> SignupState:
        """For everybody, and for who comes from this address."""
        ...


@frozen
class SignupPages:
    """`/signup`."""

    registrations: Registrations
    rules: Rules
    settings: InForce

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/signup", Access.ANYONE, self.form),
            PageRoute("POST", "/signup", Access.ANYONE, self.sign_up),
        ]

    async def form(self, visit: Visit) -> Shown | Redirect:
        """Show the rules and ask for name, address and password; or say that nobody can sign up."""
        if visit.viewer is not None:
            return Redirect("/")
        state = await self.rules.state(visit.address)
        if not (state.allowed and state.allowed_for_address):
            return Shown("signup_closed.html", {"from_here": state.allowed}, status=403, section="login")
        return self._form(dict.fromkeys(_FIELDS, ""))

    async def sign_up(self, visit: Visit) -> Shown | Redirect:
        """Make the account, or ask for it; what was typed is kept when something is wrong."""
        if visit.viewer is not None:
            return Redirect("/")
        typed = dict(visit.form)
        values = {name: typed.get(name, "").strip() for name in _FIELDS}
        try:
            if typed.get("agreed") != "true":
                raise Invalid("", fields={"agreed": visit.gettext("Please agree to the rules.")})
            result = await self._sign_up(visit, values, typed.get("password", ""))
        except Forbidden as error:
            return self._form(values, problem=Words(visit.texts).error(error.code, error.detail), status=403)
        except PodError as error:
            words = Words(visit.texts)
            errors = words.faults(error.fields) if isinstance(error, Invalid) else {}
            problem = visit.gettext("The account was not made.") if errors else words.error(error.code, error.detail)
            return self._form(values, problem=problem, errors=errors, status=status_of(error))
        return Shown("signup_done.html", {"result": result, "email": values["email"]}, section="login")

    async def _sign_up(self, visit: Visit, values: dict[str, str], password: str) -> str:
        asked = SignupRequest(
            username=values["username"].lower(),
            email=values["email"],
            password=password,
            display_name=values["displayName"] or None,
            reason=values["registrationReason"],
            language=visit.texts.code,
        )
        if self.settings.signup.requires_approval:
            await self.registrations.ask(asked, visit.address)
            return "waiting"
        return "confirm" if await self.registrations.register(asked, visit.address) else "ready"

    def _form(
        self, values: dict[str, str], *, problem: str = "", errors: dict[str, str] | None = None, status: int = 200
    ) -> Shown:
        context = {
            "values": values,
            "errors": errors or {},
            "problem_text": problem,
            "signup": self.settings.signup,
            "terms": self.settings.instance.terms,
        }
        return Shown("signup.html", context, status=status, section="login")
