"""Signing up: at once, or by a request that the people who run the pod agree to."""

from attrs import frozen

from peertube.config.schema import Limit
from peertube.errors import Conflict, Invalid, NotFound, Unavailable
from peertube.model.mails import Mail, MailKind
from peertube.model.pages import Listing, Window
from peertube.model.registrations import Registration, RegistrationState
from peertube.model.users import RIGHTS, Right, Role
from peertube.policy import names
from peertube.storage import registrations, users
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.storage.registrations import NewRegistration, RegistrationSearch
from peertube.usecases import attempts
from peertube.usecases.new_users import Made, NewUsers, UserRequest, asked_for, taken
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, Counters, InForce, PasswordHasher
from peertube.usecases.signup import SignupRules
from peertube.usecases.users import require_faultless, require_valid_request
from peertube.usecases.verifications import Verifications

MAXIMUM_PENDING = 5_000
"""So many requests wait at most."""

MINIMUM_REASON = 2
MAXIMUM_REASON = 3_000
TOLD_AT_MOST = 20
"""So many of the staff get a mail about a request."""


@frozen
class SignupRequest:
    """What somebody signs up with. `reason`: for the people who decide, empty where nobody does."""

    username: str
    email: str
    password: str
    display_name: str | None = None
    channel_name: str | None = None
    channel_display_name: str | None = None
    reason: str = ""
    language: str = ""


@frozen
class Decision:
    """What the staff answers. `quietly`: without a mail."""

    response: str = ""
    quietly: bool = False


class Registrations:
    """Takes those who sign up.

    :param limit: how many one address may make (`rates_limit.signup`).
    :param tries: how often one address may try (`rates_limit.login`).
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        counters: Counters,
        hasher: PasswordHasher,
        outbox: Outbox,
        settings: InForce,
        rules: SignupRules,
        newcomers: NewUsers,
        verifications: Verifications,
        limit: Limit,
        tries: Limit,
    ) -> None:
        self._database = database
        self._clock = clock
        self._counters = counters
        self._hasher = hasher
        self._outbox = outbox
        self._settings = settings
        self._rules = rules
        self._newcomers = newcomers
        self._verifications = verifications
        self._limit = limit
        self._tries = tries

    async def register(self, request: SignupRequest, address: str) -> bool:
        """Make an account at once; whether its e-mail address must be confirmed before the first login.

        :raises Forbidden: the pod does not take users so.
        :raises Conflict: the name or the address is taken.
        """
        wanted = self._wanted(request)
        await self._admit(wanted, address, directly=True)
        made = await self._newcomers.prepare(request.password)
        try:
            await self._database.write(self._register, wanted, made, address, request.language)
        except UniqueViolation as error:
            raise taken() from error
        return wanted.must_verify

    async def ask(self, request: SignupRequest, address: str) -> Registration:
        """Ask for an account. Errors as `register`."""
        wanted = self._wanted(request)
        reason = names.length_fault(request.reason, MINIMUM_REASON, MAXIMUM_REASON)
        require_faultless({"registrationReason": reason})
        await self._admit(wanted, address, directly=False)
        password_hash = await self._hasher.hash(request.password)
        try:
            return await self._database.write(self._ask, request, wanted, password_hash, address)
        except UniqueViolation as error:
            raise taken() from error

    async def listing(
        self, window: Window, *, text: str | None = None, state: RegistrationState | None = None
    ) -> Listing[Registration]:
        """A window of requests."""
        if window.sort not in registrations.SORTS:
            raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
        return await self._database.read(self._listing, RegistrationSearch(text, state), window)

    async def pending(self) -> int:
        """How many requests wait."""
        return await self._database.read(registrations.count_pending)

    async def accept(self, registration_id: int, decision: Decision) -> None:
        """Make the user who was asked for."""
        try:
            await self._database.write(self._accept, registration_id, decision)
        except UniqueViolation as error:
            raise taken() from error

    async def reject(self, registration_id: int, decision: Decision) -> None:
        """Do not."""
        await self._database.write(self._reject, registration_id, decision)

    async def remove(self, registration_id: int) -> None:
        """Forget a request; the user it became stays."""
        if not await self._database.write(registrations.remove, registration_id):
            raise NotFound("Registration not found")

    def _wanted(self, request: SignupRequest) -> UserRequest:
        must_verify = self._settings.signup.requires_email_verification and self._outbox.enabled
        wanted = UserRequest(
            username=request.username,
            email=request.email.strip().lower(),
            password=request.password,
            channel_name=request.channel_name,
            display_name=request.display_name,
            channel_display_name=request.channel_display_name,
            must_verify=must_verify,
        )
        require_valid_request(wanted)
        shown = request.channel_display_name
        require_faultless({"channel.displayName": None if shown is None else names.display_name_fault(shown)})
        return wanted

    async def _admit(self, wanted: UserRequest, address: str, *, directly: bool) -> None:
        """Refuse what can be refused before the password is hashed; only what is not refused counts as a sign-up."""
        too_often = "Too many accounts were asked for, try again later"
        await self._database.read(lambda tx: self._rules.require_open(tx, address, directly=directly))
        attempts.count_of_address(self._counters, "signup:try", address, self._tries, too_often)
        if await self._database.read(asked_for, wanted):
            raise taken()
        attempts.count_of_address(self._counters, "signup", address, self._limit, too_often)

    async def _register(self, tx: Transaction, wanted: UserRequest, made: Made, address: str, language: str) -> None:
        await self._rules.require_open(tx, address, directly=True)
        if await asked_for(tx, wanted):
            raise taken()
        user_id, _ = await self._newcomers.create(tx, wanted, made)
        user = await users.by_id(tx, user_id)
        if user is not None and wanted.must_verify:
            await self._verifications.send_to_user(tx, user, language)

    async def _ask(
        self, tx: Transaction, request: SignupRequest, wanted: UserRequest, password_hash: str, address: str
    ) -> Registration:
        await self._rules.require_open(tx, address, directly=False)
        if await asked_for(tx, wanted):
            raise taken()
        if await registrations.count_pending(tx) >= MAXIMUM_PENDING:
            raise Unavailable("Too many requests wait already", retry_after_seconds=3600)
        new = NewRegistration(
            username=wanted.username,
            email=wanted.email,
            password_hash=password_hash,
            reason=request.reason.strip(),
            display_name=wanted.display_name,
            channel_name=wanted.channel_name,
            channel_display_name=wanted.channel_display_name,
            language=request.language,
            now_ms=self._clock.now_ms(),
        )
        one = await _known(tx, await registrations.add(tx, new))
        if wanted.must_verify:
            await self._verifications.send_to_registration(tx, one)
        await self._tell_staff(tx, one)
        return one

    async def _tell_staff(self, tx: Transaction, one: Registration) -> None:
        deciding = [role for role in Role if Right.MANAGE_REGISTRATIONS in RIGHTS[role]]
        link = f"{self._settings.webserver.origin}/admin/registrations"
        variables = {"username": one.username, "reason": one.reason, "link": link}
        for user in await users.of_roles(tx, deciding, TOLD_AT_MOST):
            language = user.preferences.language or ""
            await self._outbox.post(tx, Mail(MailKind.REGISTRATION_REQUESTED, user.email, variables, language))

    async def _listing(self, tx: Transaction, search: RegistrationSearch, window: Window) -> Listing[Registration]:
        total = None if window.skip_count else await registrations.total(tx, search)
        return Listing(total, await registrations.listing(tx, search, window))

    async def _accept(self, tx: Transaction, registration_id: int, decision: Decision) -> None:
        one = await self._decidable(tx, registration_id)
        request = UserRequest(
            username=one.username,
            email=one.email,
            password="",
            channel_name=one.channel_name,
            display_name=one.display_name,
            channel_display_name=one.channel_display_name,
            email_verified=one.email_verified,
            must_verify=self._settings.signup.requires_email_verification
            and self._outbox.enabled
            and not one.email_verified,
        )
        user_id, _ = await self._newcomers.create(tx, request, self._newcomers.prepare_hashed(one.password_hash))
        response = decision.response.strip() or None
        await registrations.accept(tx, one.id, user_id, response, self._clock.now_ms())
        if not decision.quietly:
            link = f"{self._settings.webserver.origin}/login"
            variables = {"username": one.username, "response": response or "", "link": link}
            await self._outbox.post(tx, Mail(MailKind.REGISTRATION_ACCEPTED, one.email, variables, one.language))

    async def _reject(self, tx: Transaction, registration_id: int, decision: Decision) -> None:
        one = await self._decidable(tx, registration_id)
        response = decision.response.strip() or None
        await registrations.reject(tx, one.id, response, self._clock.now_ms())
        if not decision.quietly:
            variables = {"username": one.username, "response": response or ""}
            await self._outbox.post(tx, Mail(MailKind.REGISTRATION_REJECTED, one.email, variables, one.language))

    async def _decidable(self, tx: Transaction, registration_id: int) -> Registration:
        one = await _known(tx, registration_id)
        if one.state is not RegistrationState.PENDING:
            raise Conflict("This registration is already accepted or rejected.", code="registration_decided")
        return one


async def _known(tx: Transaction, registration_id: int) -> Registration:
    one = await registrations.by_id(tx, registration_id)
    if one is None:
        raise NotFound("Registration not found")
    return one
