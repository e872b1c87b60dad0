"""New users: however somebody gets a login, account and channel come with it, in one transaction."""

from attrs import frozen

from peertube.errors import Conflict
from peertube.model import topics
from peertube.model.accounts import LOCAL
from peertube.model.deliveries import DeliveryKind
from peertube.model.users import Role
from peertube.policy import names
from peertube.storage import accounts, channels, deliveries, registrations, users
from peertube.storage.database import Transaction
from peertube.usecases.ports import Clock, InForce, PasswordHasher, Publisher, Randomness


@frozen
class UserRequest:
    """A user to be made. Quotas in bytes; those that are None are the pod's defaults (`user.*`).

    Without `channel_name` the channel is called after the user.

    :param must_verify: no login before the e-mail address is confirmed.
    :param language: what the user reads, for mails.
    """

    username: str
    email: str
    password: str
    role: Role = Role.USER
    video_quota: int | None = None
    video_quota_daily: int | None = None
    may_upload: bool = True
    channel_name: str | None = None
    admin_flags: int = 0
    display_name: str | None = None
    channel_display_name: str | None = None
    email_verified: bool = False
    must_verify: bool = False
    language: str | None = None


@frozen
class Made:
    """The parts of a new user that are not asked for."""

    account_uuid: str
    channel_uuid: str
    password_hash: str
    now_ms: int


class NewUsers:
    """Makes users with account and channel. Friends hear of both."""

    def __init__(
        self,
        *,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        hasher: PasswordHasher,
        settings: InForce,
    ) -> None:
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._hasher = hasher
        self._settings = settings

    async def prepare(self, password: str) -> Made:
        """What must be made before the transaction, for hashing takes time."""
        return self.prepare_hashed(await self._hasher.hash(password))

    def prepare_hashed(self, password_hash: str) -> Made:
        """The same for a password that was hashed before."""
        return Made(
            account_uuid=self._randomness.uuid(),
            channel_uuid=self._randomness.uuid(),
            password_hash=password_hash,
            now_ms=self._clock.now_ms(),
        )

    async def create(self, tx: Transaction, request: UserRequest, made: Made) -> tuple[int, int]:
        """Make the user; ids of user and account.

        :raises Conflict: the name (of account or channel) or the e-mail address is taken.
        """
        email = request.email.strip().lower()
        if await name_taken(tx, request.username) or await users.has_email(tx, email):
            raise taken()
        user_id = await users.add(tx, self._user(request, email, made))
        account_id = await accounts.add(
            tx,
            uuid=made.account_uuid,
            host=LOCAL,
            user_id=user_id,
            name=request.username,
            display_name=request.display_name or request.username,
            description=None,
            created_ms=made.now_ms,
            updated_ms=made.now_ms,
        )
        await channels.add(
            tx,
            uuid=made.channel_uuid,
            host=LOCAL,
            account_id=account_id,
            name=await self._channel_name(tx, request, made),
            display_name=request.channel_display_name or f"Main {request.username} channel",
            description=None,
            support=None,
            created_ms=made.now_ms,
            updated_ms=made.now_ms,
        )
        await deliveries.add(tx, DeliveryKind.ADD_AUTHOR, made.account_uuid, made.now_ms, made.now_ms)
        await deliveries.add(tx, DeliveryKind.ADD_CHANNEL, made.channel_uuid, made.now_ms, made.now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))
        return user_id, account_id

    def _user(self, request: UserRequest, email: str, made: Made) -> users.NewUser:
        quotas = self._settings.user
        daily = request.video_quota_daily
        return users.NewUser(
            username=request.username,
            email=email,
            email_verified=request.email_verified or request.role is Role.ADMINISTRATOR,
            password_hash=made.password_hash,
            role=request.role,
            may_upload=request.may_upload,
            video_quota=quotas.video_quota if request.video_quota is None else request.video_quota,
            video_quota_daily=quotas.video_quota_daily if daily is None else daily,
            created_ms=made.now_ms,
            must_verify=request.must_verify,
            admin_flags=request.admin_flags,
            language=request.language,
        )

    async def _channel_name(self, tx: Transaction, request: UserRequest, made: Made) -> str:
        if request.channel_name is not None:
            if await name_taken(tx, request.channel_name):
                raise Conflict(f"Channel with name {request.channel_name} already exists.")
            return request.channel_name
        usual = f"{request.username}_channel"
        if len(usual) > names.MAXIMUM_NAME or await name_taken(tx, usual):
            return made.channel_uuid
        return usual


async def name_taken(tx: Transaction, name: str) -> bool:
    """Whether an account or a channel of this pod has the name: they share one namespace."""
    return await accounts.local_by_name(tx, name) is not None or await channels.local_by_name(tx, name) is not None


async def asked_for(tx: Transaction, request: UserRequest) -> bool:
    """Whether somebody has the name or the address, or waits for them."""
    email = request.email.strip().lower()
    return (
        await name_taken(tx, request.username)
        or await users.has_email(tx, email)
        or (request.channel_name is not None and await name_taken(tx, request.channel_name))
        or await registrations.is_taken(tx, request.username, email, request.channel_name)
    )


def taken() -> Conflict:
    """The answer to a name or an address that somebody has."""
    return Conflict("User with this username or email already exists.")
