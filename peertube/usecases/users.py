"""Users: the people with a login, as the pod's staff and its operator see them. One's own: `my_account`."""

from collections.abc import Sequence
from typing import Protocol

import attrs
from attrs import frozen

from peertube.errors import Forbidden, Invalid, NotFound
from peertube.model import topics
from peertube.model.accounts import Account
from peertube.model.mails import Mail, MailKind
from peertube.model.pages import Listing, Window
from peertube.model.users import ROOT, Role, User, UserProfile, Viewer
from peertube.policy import names, passwords
from peertube.policy.authority import is_root, may_give_role, may_manage_user
from peertube.storage import accounts, channels, sessions, users, videos
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.storage.users import UserSearch
from peertube.usecases import codes
from peertube.usecases.codes import Purpose
from peertube.usecases.new_users import Made, NewUsers, UserRequest, taken
from peertube.usecases.outbox import Outbox
from peertube.usecases.ports import Clock, InForce, PasswordHasher, Publisher, Randomness
from peertube.usecases.removals import remove_account

DAY_MS = 24 * 3_600_000

NAMES_AT_MOST = 20
"""So many names are offered to complete one."""


@frozen
class UserChanges:
    """What is to change of a user; None leaves as it is."""

    email: str | None = None
    email_verified: bool | None = None
    password: str | None = None
    role: Role | None = None
    video_quota: int | None = None
    video_quota_daily: int | None = None
    may_upload: bool | None = None
    admin_flags: int | None = None


class Invitations(Protocol):
    """Lets new users choose their first password."""

    async def invite(self, tx: Transaction, user: User) -> None:
        """Send a link in the transaction that makes the user."""
        ...


class Users:
    """Makes, changes, lists and removes users.

    A viewer of None is the operator at the console, who may do all that staff may.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        hasher: PasswordHasher,
        settings: InForce,
        newcomers: NewUsers,
        outbox: Outbox,
        invitations: Invitations,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._hasher = hasher
        self._settings = settings
        self._newcomers = newcomers
        self._outbox = outbox
        self._invitations = invitations

    async def ensure_root(self, password: str | None) -> str | None:
        """Make the administrator `root` at the first start.

        :param password: what the operator chose, of any length.
        :return: the password, when none was given and root was made just now; it is stored nowhere else.
        """
        if await self._database.read(users.by_username, ROOT) is not None:
            return None
        chosen = password or self._randomness.token()[:24]
        root = UserRequest(
            username=ROOT,
            email=self._settings.admin.email,
            password=chosen,
            role=Role.ADMINISTRATOR,
            video_quota=-1,
            video_quota_daily=-1,
        )
        await self._add(root)
        return None if password else chosen

    async def create(self, viewer: Viewer | None, request: UserRequest) -> tuple[int, int]:
        """Make a user with account and channel; their ids (user, account). Friends hear of account and channel.

        :raises Forbidden: a moderator may make plain users only.
        :raises Conflict: the name (of account or channel) or the e-mail address is taken.
        """
        if viewer is not None and not may_give_role(viewer.user, request.role):
            raise Forbidden("You can only create users (and not administrators or moderators)")
        if not request.password and self._outbox.enabled:
            return await self._invite(attrs.evolve(request, password=self._randomness.token()))
        require_valid_request(request)
        return await self._add(request)

    async def _invite(self, request: UserRequest) -> tuple[int, int]:
        """Make a user who chooses the password by a link in a mail."""
        require_valid_request(request)
        made = await self._newcomers.prepare(request.password)
        try:
            return await self._database.write(self._create_invited, request, made)
        except UniqueViolation as error:
            raise taken() from error

    async def _create_invited(self, tx: Transaction, request: UserRequest, made: Made) -> tuple[int, int]:
        user_id, account_id = await self._newcomers.create(tx, request, made)
        user = await users.by_id(tx, user_id)
        if user is not None:
            await self._invitations.invite(tx, user)
        return user_id, account_id

    async def listing(
        self, window: Window, *, text: str | None = None, blocked: bool | None = None
    ) -> Listing[UserProfile]:
        """A window of users; with `text`, those who have it in name or e-mail address."""
        if window.sort not in users.SORTS:
            raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
        return await self._database.read(self._listing, UserSearch(text=text, blocked=blocked), window)

    async def names_like(self, text: str) -> list[str]:
        """Names of users that have `text` in them, at most `NAMES_AT_MOST`."""
        return await self._database.read(users.names, text, NAMES_AT_MOST)

    async def profile(self, user_id: int) -> UserProfile:
        """A user with account, channels and use of the quota."""
        return await self._database.read(self._profile, user_id)

    async def update(self, viewer: Viewer | None, user_id: int, changes: UserChanges) -> None:
        """Change a user. A new password ends every session of the user."""
        _require_valid_changes(changes)
        await self._database.read(self._manageable, viewer, user_id)
        password_hash = None if changes.password is None else await self._hasher.hash(changes.password)
        try:
            await self._database.write(self._update, viewer, user_id, changes, password_hash)
        except UniqueViolation as error:
            raise taken() from error

    async def reset_password(self, username: str, password: str | None) -> str:
        """Give a user another password (made up when it is None), ending every session; the password."""
        chosen = password or self._randomness.token()[:24]
        user = await self._database.read(users.by_username, username.strip().lower())
        if user is None:
            raise NotFound("User not found")
        await self.update(None, user.id, UserChanges(password=chosen))
        return chosen

    async def block(self, viewer: Viewer | None, user_id: int, reason: str | None) -> None:
        """Let a user log in no more; every session ends."""
        await self._database.write(self._set_blocked, viewer, user_id, True, reason)

    async def unblock(self, viewer: Viewer | None, user_id: int) -> None:
        """Let a blocked user log in again."""
        await self._database.write(self._set_blocked, viewer, user_id, False, None)

    async def remove(self, viewer: Viewer | None, user_id: int) -> None:
        """Remove a user for good, with sessions, account, channels, videos and their files; friends are told."""
        await self._database.write(self._remove, viewer, user_id)

    async def _add(self, request: UserRequest) -> tuple[int, int]:
        made = await self._newcomers.prepare(request.password)
        try:
            return await self._database.write(self._newcomers.create, request, made)
        except UniqueViolation as error:
            raise taken() from error

    async def _listing(self, tx: Transaction, search: UserSearch, window: Window) -> Listing[UserProfile]:
        found = await users.listing(tx, search, window, self._clock.now_ms() - DAY_MS)
        account_ids = [user.account_id for user, _, _ in found]
        theirs = await accounts.by_ids(tx, account_ids)
        channels_of = await channels.of_accounts(tx, account_ids)
        items: Sequence[UserProfile] = [
            UserProfile(user, theirs[user.account_id], tuple(channels_of[user.account_id]), used, used_daily)
            for user, used, used_daily in found
        ]
        return Listing(total=None if window.skip_count else await users.total(tx, search), items=items)

    async def _profile(self, tx: Transaction, user_id: int) -> UserProfile:
        return await profile(tx, user_id, self._clock.now_ms())

    async def _manageable(self, tx: Transaction, viewer: Viewer | None, user_id: int) -> User:
        user = await users.by_id(tx, user_id)
        if user is None:
            raise NotFound("User not found")
        if viewer is not None:
            actor = await users.by_id(tx, viewer.user.id)
            if actor is None or not may_manage_user(actor, user):
                raise Forbidden("A moderator can only manage users.")
        return user

    async def _update(
        self, tx: Transaction, viewer: Viewer | None, user_id: int, changes: UserChanges, password_hash: str | None
    ) -> None:
        user = await self._manageable(tx, viewer, user_id)
        if changes.role is not None and changes.role is not user.role:
            if is_root(user):
                raise Invalid("Cannot change root role.", code="root_is_protected")
            if viewer is not None and not may_give_role(viewer.user, changes.role):
                raise Forbidden("You can only manage users (and not administrators or moderators)")
        given = attrs.asdict(changes, filter=lambda field, value: field.name != "password" and value is not None)
        if changes.email is not None:
            given["email"] = changes.email.strip().lower()
        if changes.email_verified:
            given["must_verify"] = False
        now_ms = self._clock.now_ms()
        await users.update(tx, attrs.evolve(user, **given, updated_ms=now_ms))
        if password_hash is not None:
            await change_password(tx, user_id, password_hash, now_ms, self._publisher)
        self._tell_changed(tx, user_id)

    async def _set_blocked(
        self, tx: Transaction, viewer: Viewer | None, user_id: int, blocked: bool, reason: str | None
    ) -> None:
        user = await self._manageable(tx, viewer, user_id)
        if is_root(user):
            raise Invalid("Cannot block the root user", code="root_is_protected")
        now_ms = self._clock.now_ms()
        await users.update(tx, attrs.evolve(user, blocked=blocked, blocked_reason=reason, updated_ms=now_ms))
        if blocked is not user.blocked:
            kind = MailKind.USER_BLOCKED if blocked else MailKind.USER_UNBLOCKED
            variables = {"username": user.username, "reason": reason or ""}
            await self._outbox.post(tx, Mail(kind, user.email, variables, user.preferences.language or ""))
        if blocked:
            await end_sessions(tx, user_id, self._publisher)
        self._tell_changed(tx, user_id)

    async def _remove(self, tx: Transaction, viewer: Viewer | None, user_id: int) -> None:
        await self._manageable(tx, viewer, user_id)
        await remove_user(tx, user_id, self._clock.now_ms(), self._publisher)

    def _tell_changed(self, tx: Transaction, user_id: int) -> None:
        tx.after_commit(lambda: self._publisher.publish(topics.USERS, {"changed": [user_id]}))


async def profile(tx: Transaction, user_id: int, now_ms: int) -> UserProfile:
    """A user with account, channels and use of the quota; `NotFound` when the user is gone."""
    user = await users.by_id(tx, user_id)
    if user is None:
        raise NotFound("User not found")
    return UserProfile(
        user=user,
        account=await _account_of(tx, user),
        channels=tuple(await channels.of_account(tx, user.account_id)),
        bytes_used=await videos.bytes_used(tx, user_id),
        bytes_used_daily=await videos.bytes_used(tx, user_id, now_ms - DAY_MS),
    )


async def change_password(tx: Transaction, user_id: int, password_hash: str, now_ms: int, publisher: Publisher) -> None:
    """Store another password and end every session of the user; links to choose one are good no more."""
    await users.set_password(tx, user_id, password_hash, now_ms)
    await codes.forget(tx, Purpose.RESET_PASSWORD, user_id)
    await codes.forget(tx, Purpose.TWO_FACTOR, user_id)
    await end_sessions(tx, user_id, publisher)


async def remove_user(tx: Transaction, user_id: int, now_ms: int, publisher: Publisher) -> None:
    """Remove a user with everything that is theirs, and note all that follows; `Invalid` for root."""
    user = await users.by_id(tx, user_id)
    if user is None:
        raise NotFound("User not found")
    if is_root(user):
        raise Invalid("Cannot remove the root user", code="root_is_protected")
    await remove_account(tx, await _account_of(tx, user), now_ms, publisher)
    await end_sessions(tx, user_id, publisher)
    await users.remove(tx, user_id)
    tx.after_commit(lambda: publisher.publish(topics.USERS, {"changed": [user_id]}))


async def end_sessions(tx: Transaction, user_id: int, publisher: Publisher) -> None:
    """End every session of a user."""
    ended = await sessions.remove_of_user(tx, user_id)
    if ended:
        tx.after_commit(lambda: publisher.publish(topics.SESSIONS, {"ended": ended}))


async def _account_of(tx: Transaction, user: User) -> Account:
    account = await accounts.by_id(tx, user.account_id)
    if account is None:
        raise NotFound("User not found")
    return account


def require_valid_request(request: UserRequest) -> None:
    """`Invalid` naming every wrong field of a request for a user."""
    faults = {
        "username": names.name_fault(request.username),
        "email": names.email_fault(request.email.strip()),
        "password": passwords.fault(request.password),
        "videoQuota": _quota_fault(request.video_quota),
        "videoQuotaDaily": _quota_fault(request.video_quota_daily),
        "displayName": None if request.display_name is None else names.display_name_fault(request.display_name),
        "channelName": None if request.channel_name is None else names.name_fault(request.channel_name),
    }
    if request.channel_name == request.username:
        faults["channelName"] = "Channel name cannot be the same as user username."
    require_faultless(faults)


def _require_valid_changes(changes: UserChanges) -> None:
    require_faultless(
        {
            "email": None if changes.email is None else names.email_fault(changes.email.strip()),
            "password": None if changes.password is None else passwords.fault(changes.password),
            "videoQuota": _quota_fault(changes.video_quota),
            "videoQuotaDaily": _quota_fault(changes.video_quota_daily),
        }
    )


def _quota_fault(quota: int | None) -> str | None:
    return None if quota is None or -1 <= quota <= 2**53 else "Should be a number of bytes, or -1 for no limit"


def require_faultless(faults: dict[str, str | None]) -> None:
    """`Invalid` naming every field that has a fault."""
    wrong = {field: fault for field, fault in faults.items() if fault is not None}
    if wrong:
        raise Invalid(f"Incorrect request parameters: {', '.join(wrong)}", fields=wrong)
