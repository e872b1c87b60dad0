"""Sessions, codes, requests for an account and links in mails that are made up, and the pages over them."""

from peertube.config.schema import Settings
from peertube.errors import Forbidden
from peertube.model.pages import Listing
from peertube.model.registrations import Registration, RegistrationState
from peertube.model.users import Session
from peertube.pages.account_mails import AccountMailsPages
from peertube.pages.my_settings import MySettingsPages
from peertube.pages.registrations import RegistrationsPages
from peertube.pages.signup import SignupPages
from peertube.pages.site import PageGroup
from peertube.usecases.signup import SignupState
from peertube.usecases.two_factor import TwoFactorRequest
from tests.http.serving import NOW_MS
from tests.pages.videos import HOSTILE

SIGNUP = {"enabled": True, "requires_approval": True}


def session(number: int) -> Session:
    """A sign-in from somewhere."""
    return Session(
        id=number,
        user_id=1,
        kind="page",
        token_hash="",
        family_hash="",
        created_ms=NOW_MS,
        access_expires_ms=NOW_MS,
        expires_ms=NOW_MS,
        address="192.0.2.1",
        user_agent=HOSTILE,
    )


def registration(number: int, state: RegistrationState = RegistrationState.PENDING) -> Registration:
    """A request for an account."""
    return Registration(
        id=number,
        username=f"user{number}",
        email=f"{number}@example.com",
        email_verified=number % 2 == 0,
        password_hash="",
        reason=f"I make films {HOSTILE}",
        display_name=None,
        channel_name=None,
        channel_display_name=None,
        language="",
        state=state,
        moderation_response=None if state is RegistrationState.PENDING else HOSTILE,
        user_id=None,
        created_ms=NOW_MS,
        updated_ms=NOW_MS,
    )


class FakeAccounts:
    """Everything around an account; `done` is what was asked for."""

    enabled = True

    def __init__(self) -> None:
        self.done: list[object] = []

    async def listing(self, viewer_or_window, *more, text=None, state=None):
        if more:
            return Listing(2, [session(1), session(2)])
        return Listing(3, [registration(number, state or RegistrationState.REJECTED) for number in range(1, 4)])

    async def end(self, viewer, user_id, session_id):
        self.done.append(("end", session_id))

    async def end_others(self, viewer):
        self.done.append("end others")

    async def request(self, viewer, user_id, password):
        if password != "right":
            raise Forbidden("currentPassword is invalid.", code="current_password_is_invalid")
        return self.again(viewer, "token", "SECRET")

    def again(self, viewer, request_token, secret):
        return TwoFactorRequest(request_token, secret, f"otpauth://totp/alice?secret={secret}")

    async def confirm(self, viewer, user_id, request_token, code):
        if code != "123456":
            raise Forbidden("Invalid OTP token", code="wrong_code")
        self.done.append(("confirm", request_token))

    async def disable(self, viewer, user_id, password):
        self.done.append("disable")

    async def accept(self, registration_id, decision):
        self.done.append(("accept", registration_id, decision))

    async def reject(self, registration_id, decision):
        self.done.append(("reject", registration_id, decision))

    async def remove(self, registration_id):
        self.done.append(("remove", registration_id))

    async def state(self, address):
        return SignupState(allowed=True, allowed_for_address=True)

    async def register(self, request, address):
        self.done.append(request)
        return False

    async def ask(self, request, address, language=""):
        self.done.append(request)

    async def reset(self, user_id, code, password):
        self.done.append(("reset", user_id, code, password))

    async def verify(self, user_id, code, *, pending=False):
        self.done.append(("verify", user_id, code, pending))

    async def verify_registration(self, registration_id, code):
        self.done.append(("verify registration", registration_id, code))


def account_groups(people: object, sessions: object, settings: Settings, accounts: FakeAccounts) -> list[PageGroup]:
    """The pages around accounts."""
    opened = settings.model_copy(update={"signup": settings.signup.model_copy(update=SIGNUP)})
    return [
        MySettingsPages(people, accounts, accounts, sessions),
        RegistrationsPages(accounts),
        SignupPages(accounts, accounts, opened),
        AccountMailsPages(accounts, accounts),
    ]
