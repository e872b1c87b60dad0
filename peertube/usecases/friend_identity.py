"""Friends that change what we know them by: their key, and their host. Both are proved, and the admin is told."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from twisted.logger import Logger

from peertube.errors import Conflict, Forbidden, Invalid, Unreachable
from peertube.model.admin_events import AdminEventKind
from peertube.model.pods import Pod
from peertube.pods import envelope
from peertube.policy.hosts import normalise
from peertube.signatures import keys
from peertube.storage import admin_events, friend_objects, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.friend_requests import Signed
from peertube.usecases.ports import Clock, PodClient, PodKeys

Shape = TypeVar("Shape", bound=msgspec.Struct)


class _KeyChange(msgspec.Struct, rename={"public_key": "publicKey"}):
    public_key: Annotated[str, Meta(max_length=keys.LONGEST_PEM)]
    proof: Annotated[str, Meta(pattern=r"^[0-9a-f]{2,2048}\Z")]


class _Move(msgspec.Struct):
    host: Annotated[str, Meta(max_length=300)]


class FriendIdentity:
    """Takes changes that a friend has signed with the key that we know.

    :param host: our own host, normalised.
    :param https: whether pods must speak https (`friends.require_https`).
    """

    _log = Logger()

    def __init__(
        self, *, database: Database, client: PodClient, own_keys: PodKeys, clock: Clock, host: str, https: bool
    ) -> None:
        self._database = database
        self._client = client
        self._keys = own_keys
        self._clock = clock
        self._host = host
        self._https = https

    async def change_key(self, signed: Signed) -> None:
        """A friend has a new key; the new key has signed that it is there, too.

        :raises Forbidden: the new key has not signed.
        """
        sent = _read(signed, _KeyChange)
        new = keys.load_public(sent.public_key)
        pem = keys.public_pem(new)
        if not keys.verify(new, envelope.key_change_text(signed.pod.host, self._host, pem), sent.proof):
            raise Forbidden("The new key has not signed this", code="invalid_signature")
        if pem == self._keys.public_pem:
            raise Forbidden("A pod cannot have the key of another", code="self_friendship")
        await self._database.write(self._set_key, signed.pod, pem)

    async def move(self, signed: Signed) -> None:
        """A friend has another host. The new host itself must show the key that we know.

        :raises Forbidden: it does not.
        :raises Conflict: there is a friend of that name.
        """
        host = normalise(_read(signed, _Move).host, https=self._https)
        if host == signed.pod.host:
            return
        if host == self._host:
            raise Forbidden("This is our own host", code="self_friendship")
        try:
            shown = await self._client.fetch_key(host)
        except Unreachable as error:
            self._log.info("{host} does not show its key: {reason}", host=host, reason=error.detail)
            raise Unreachable("The new host does not show its key") from error
        if shown.public_key != signed.pod.public_key or shown.host != host:
            raise Forbidden(f"{host} does not show the key of {signed.pod.host}", code="key_mismatch")
        await self._database.write(self._rename, signed.pod, host)

    async def _set_key(self, tx: Transaction, pod: Pod, pem: str) -> None:
        await pods.set_key(tx, pod.id, pem)
        detail = f"The fingerprint of the new key is {keys.fingerprint(pem)}"
        await admin_events.add(tx, AdminEventKind.POD_KEY_CHANGED, pod.host, detail, self._clock.now_ms())

    async def _rename(self, tx: Transaction, pod: Pod, host: str) -> None:
        if await pods.by_host(tx, host) is not None:
            raise Conflict("There is a friend of that name", code="known_host")
        await pods.move(tx, pod.id, host)
        await friend_objects.move(tx, pod.host, host)
        await admin_events.add(tx, AdminEventKind.POD_MOVED, host, f"It was {pod.host} before", self._clock.now_ms())


def _read(signed: Signed, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(signed.members, shape)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)[:300], code="invalid_body") from error
