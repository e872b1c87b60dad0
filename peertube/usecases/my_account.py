"""My account: what every user may see and change of their own login, account and preferences."""

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from peertube.errors import Conflict, Forbidden, Unauthorized
from peertube.model import topics
from peertube.model.mails import Mail, MailKind
from peertube.model.users import Preferences, User, UserProfile, Viewer
from peertube.policy import names, passwords
from peertube.storage import accounts, users
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases.logins import Logins
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, InForce, PasswordHasher, Publisher
from peertube.usecases.users import change_password, profile, remove_user, require_faultless
from peertube.usecases.verifications import Verifications

_PREFERENCES = frozenset(field.name for field in attrs.fields(Preferences))


@frozen
class MyChanges:
    """What a user changes. None leaves as it is.

    :param preferences: new values by the names of `Preferences`; what is not there stays.
    :param description: the account's; kept unless `sets_description`.
    :param current_password: needed for another e-mail address or password.
    """

    preferences: Mapping[str, Any] = attrs.field(factory=dict)
    display_name: str | None = None
    description: str | None = None
    sets_description: bool = False
    email: str | None = None
    password: str | None = None
    current_password: str | None = None


class MyAccount:
    """Reads and changes the viewer's own things."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        hasher: PasswordHasher,
        logins: Logins,
        outbox: Outbox,
        verifications: Verifications,
        settings: InForce,
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._hasher = hasher
        self._logins = logins
        self._outbox = outbox
        self._verifications = verifications
        self._settings = settings

    async def profile(self, viewer: Viewer) -> UserProfile:
        """The viewer with account, channels and use of the quota."""
        return await self._database.read(profile, viewer.user.id, self._clock.now_ms())

    async def update(self, viewer: Viewer, changes: MyChanges) -> None:
        """Change preferences, account, e-mail address or password. A new password ends every session.

        :raises Unauthorized: code ``current_password_is_invalid``.
        """
        _require_valid(changes)
        if changes.password is not None or changes.email is not None:
            await self._require_password(viewer, changes.current_password)
        password_hash = None if changes.password is None else await self._hasher.hash(changes.password)
        try:
            await self._database.write(self._update, viewer, changes, password_hash)
        except UniqueViolation as error:
            raise Conflict("User with this email already exists.") from error

    async def _require_password(self, viewer: Viewer, current: str | None) -> None:
        if current is None:
            raise _wrong_password("currentPassword is missing")
        self._logins.count_attempt(f"password:{viewer.user.id}")
        stored = await self._database.read(users.by_id, viewer.user.id)
        tried = current if len(current) <= passwords.MAXIMUM_LENGTH else ""
        if stored is None or not await self._hasher.verify(stored.password_hash, tried):
            raise _wrong_password("currentPassword is invalid.")

    async def remove(self, viewer: Viewer) -> None:
        """Remove the viewer for good, with sessions, account, channels, videos and their files; friends are told.

        :raises Invalid: the viewer is root.
        """
        await self._database.write(remove_user, viewer.user.id, self._clock.now_ms(), self._publisher)

    async def remove_with_password(self, viewer: Viewer, password: str) -> None:
        """The same for a page, where the password is asked for once more."""
        await self._require_password(viewer, password)
        await self.remove(viewer)

    async def _with_email(self, tx: Transaction, user: User, email: str) -> User:
        """The user with another address, which must be confirmed first where the pod wants that."""
        if email == user.email:
            return attrs.evolve(user, pending_email=None)
        if await users.has_email(tx, email):
            raise Conflict("User with this email already exists.")
        if self._settings.signup.requires_email_verification and self._outbox.enabled:
            user = attrs.evolve(user, pending_email=email)
            await self._verifications.send_to_user(tx, user, pending=True)
            return user
        variables = {"username": user.username, "email": email}
        await self._outbox.post(tx, Mail(MailKind.EMAIL_CHANGED, user.email, variables, _language(user)))
        return attrs.evolve(user, email=email, email_verified=False, pending_email=None)

    async def _update(self, tx: Transaction, viewer: Viewer, changes: MyChanges, password_hash: str | None) -> None:
        now_ms = self._clock.now_ms()
        user = await users.by_id(tx, viewer.user.id)
        account = await accounts.by_id(tx, viewer.user.account_id)
        if user is None or account is None or user.blocked:
            raise Forbidden("This user may not do that any more")
        user = attrs.evolve(user, preferences=attrs.evolve(user.preferences, **changes.preferences), updated_ms=now_ms)
        if changes.email is not None:
            user = await self._with_email(tx, user, changes.email.strip().lower())
        await users.update(tx, user)
        if changes.display_name is not None or changes.sets_description:
            await accounts.update(
                tx,
                account.id,
                display_name=account.display_name if changes.display_name is None else changes.display_name.strip(),
                description=changes.description if changes.sets_description else account.description,
                updated_ms=now_ms,
            )
        if password_hash is not None:
            told = Mail(MailKind.PASSWORD_CHANGED, user.email, {"username": user.username}, _language(user))
            await self._outbox.post(tx, told)
            await change_password(tx, user.id, password_hash, now_ms, self._publisher)
        tx.after_commit(lambda: self._publisher.publish(topics.USERS, {"changed": [user.id]}))


def _language(user: User) -> str:
    return user.preferences.language or ""


def _wrong_password(detail: str) -> Unauthorized:
    return Unauthorized(detail, code="current_password_is_invalid")


def _require_valid(changes: MyChanges) -> None:
    unknown = set(changes.preferences) - _PREFERENCES
    if unknown:
        raise ValueError(f"no such preferences: {unknown}")
    require_faultless(
        {
            "displayName": None if changes.display_name is None else names.display_name_fault(changes.display_name),
            "description": names.text_fault(changes.description),
            "email": None if changes.email is None else names.email_fault(changes.email.strip()),
            "password": None if changes.password is None else passwords.fault(changes.password),
        }
    )
