"""What other pods ask of us: our key, friendship, its end. Every request is signed (`pods.envelope`)."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from attrs import frozen
from msgspec import Meta
from twisted.logger import Logger

from peertube.errors import Conflict, Forbidden, Invalid, Unreachable
from peertube.model import topics
from peertube.model.friend_proposals import Direction
from peertube.model.pods import Pod, PodState
from peertube.pods import encryption, envelope
from peertube.policy.hosts import normalise
from peertube.signatures import keys
from peertube.storage import friend_proposals, nonces, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases import friendships
from peertube.usecases.friend_health import note_clocks
from peertube.usecases.friend_limits import require_unmuted
from peertube.usecases.friend_proposals import Accept, admit
from peertube.usecases.ports import Clock, PodAnswer, PodClient, PodKey, PodKeys, Publisher

_MOST_KEYS_READ = 2000


class _Proposal(msgspec.Struct, rename={"public_key": "publicKey"}):
    host: Annotated[str, Meta(max_length=300)]
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
    public_key: Annotated[str, Meta(max_length=keys.LONGEST_PEM)]
    versions: Annotated[tuple[Annotated[int, Meta(ge=0, le=9999)], ...], Meta(max_length=32)] = (envelope.VERSION,)


@frozen
class Signed:
    """A request that a friend has signed: verified, fresh, meant for us, seen for the first time."""

    pod: Pod
    version: int
    members: Mapping[str, Any]


class FriendRequests:
    """Answers pods.

    :param host: our own host, normalised.
    :param email: the admin's address, for friends.
    :param https: whether pods must speak https (`friends.require_https`).
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        client: PodClient,
        own_keys: PodKeys,
        clock: Clock,
        publisher: Publisher,
        host: str,
        email: str,
        https: bool,
        accept: Accept = "all",
        versions: tuple[int, ...] = envelope.VERSIONS,
    ) -> None:
        self._database = database
        self._client = client
        self._keys = own_keys
        self._clock = clock
        self._publisher = publisher
        self._host = host
        self._email = email
        self._https = https
        self._versions = versions
        self._accept_whom = accept
        self._read_keys: dict[str, keys.PublicKey] = {}

    def our_key(self) -> PodKey:
        """What we show to whoever wants to know that a request is ours."""
        return PodKey(host=self._host, public_key=self._keys.public_pem, versions=self._versions)

    async def verify(self, method: str, path: str, body: bytes) -> Signed:
        """Check a request of a friend.

        :raises Invalid: not signed in the one form, or not JSON.
        :raises Forbidden: no friend, wrong key, another receiver, too old, or seen before.
        """
        sealed = envelope.parse(body)
        self._canonical(sealed.host)
        pod = await self._database.read(pods.by_host, sealed.host)
        if pod is None or pod.state is PodState.EJECTED:
            raise Forbidden("This pod is not a friend", code="unknown_pod")
        now_ms = self._clock.now_ms()
        require_unmuted(pod, now_ms)
        try:
            self._check(sealed, self._read(pod.public_key), method, path, now_ms)
        except Forbidden as error:
            if error.code == envelope.STALE:
                await self._database.write(note_clocks, pod.host, error.detail, now_ms)
            raise
        members = sealed.members()
        if encryption.is_encrypted(members):
            members = encryption.decrypt(
                self._keys.all_private, members, path=path, sender=sealed.host, receiver=self._host
            )  # fmt: skip
        await self._database.write(self._hear, pod, sealed, now_ms)
        return Signed(pod=pod, version=sealed.version, members=members)

    async def add(self, method: str, path: str, body: bytes) -> PodAnswer:
        """An offer of friendship. The claimed host itself must show the key that signed it.

        :raises Conflict: the host is known with another key.
        :raises UpgradeRequired: no version of the protocol in common.
        """
        sealed = envelope.parse(body)
        self._canonical(sealed.host)
        proposal = self._proposal(sealed)
        offered = keys.load_public(proposal.public_key)
        pem = keys.public_pem(offered)
        if sealed.host == self._host or pem == self._keys.public_pem:
            raise Forbidden("A pod cannot be its own friend", code="self_friendship")
        protocol = envelope.common_version(proposal.versions, self._versions)
        now_ms = self._clock.now_ms()
        self._check(sealed, offered, method, path, now_ms)
        candidate = friendships.Candidate(sealed.host, proposal.email, pem, protocol, self._keys.fingerprint)
        if await self._database.read(friendships.known, candidate) is None:
            shown = await self._shown(sealed.host)
            if shown.public_key != pem or shown.host != sealed.host:
                raise Forbidden(f"{sealed.host} does not show this key", code="key_mismatch")
        accepted = await self._database.write(self._accept, candidate, sealed, now_ms)
        said = "is a friend now, as it wished" if accepted else "asks for friendship"
        self._log.info("{host} {said}", host=sealed.host, said=said)
        return PodAnswer(self._keys.public_pem, self._email, self._versions, pending=not accepted)

    async def remove(self, pod: Pod) -> None:
        """The end of a friendship, as a verified friend wishes."""
        await self._database.write(self._end, pod)
        self._log.info("{host} ended the friendship", host=pod.host)

    async def _shown(self, host: str) -> PodKey:
        """The key that a host shows. Why it cannot be had is our business: a stranger would learn of our network."""
        try:
            return await self._client.fetch_key(host)
        except Unreachable as error:
            self._log.info("{host} does not show its key: {reason}", host=host, reason=error.detail)
            raise Unreachable("The claimed host does not show its key") from error

    def _canonical(self, host: str) -> None:
        if normalise(host, https=self._https) != host:
            raise Invalid("The host of the signature is not in its canonical spelling", code="invalid_host")

    def _proposal(self, sealed: envelope.Sealed) -> _Proposal:
        try:
            proposal = msgspec.convert(sealed.members(), _Proposal)
        except msgspec.ValidationError as error:
            raise Invalid(str(error)[:300], code="invalid_body") from error
        if normalise(proposal.host, https=self._https) != sealed.host:
            raise Forbidden("The offer is signed by another host", code="invalid_signature")
        return proposal

    def _check(
        self, sealed: envelope.Sealed, key: keys.PublicKey, method: str, path: str, now_ms: int
    ) -> None:  # fmt: skip
        envelope.check(
            sealed, key, method=method, path=path, receiver=self._host, now_ms=now_ms, versions=self._versions
        )  # fmt: skip

    def _read(self, pem: str) -> keys.PublicKey:
        key = self._read_keys.get(pem)
        if key is None:
            if len(self._read_keys) >= _MOST_KEYS_READ:
                self._read_keys.clear()
            key = self._read_keys[pem] = keys.load_public(pem)
        return key

    async def _use_nonce(self, tx: Transaction, sealed: envelope.Sealed, now_ms: int) -> None:
        await nonces.expire(tx, now_ms - envelope.NONCE_LIFE_MS)
        if not await nonces.use(tx, sealed.host, sealed.nonce, now_ms):
            raise Forbidden("This request was seen before", code="replayed_request")

    async def _hear(self, tx: Transaction, pod: Pod, sealed: envelope.Sealed, now_ms: int) -> None:
        """A friend that did not answer is there again: it is told what waits. It may also speak a newer version."""
        await self._use_nonce(tx, sealed, now_ms)
        if await pods.heard(tx, pod, now_ms):
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod.id]}))
        if sealed.version > pod.protocol:
            await pods.set_protocol(tx, pod.id, sealed.version)

    async def _accept(
        self, tx: Transaction, candidate: friendships.Candidate, sealed: envelope.Sealed, now_ms: int
    ) -> bool:
        """Whether it is a friend now; otherwise it waits for the admin."""
        await self._use_nonce(tx, sealed, now_ms)
        known = await friendships.known(tx, candidate)
        is_friend = known is not None and known.state is not PodState.EJECTED
        if not is_friend and not await admit(tx, candidate, self._accept_whom, now_ms):
            return False
        if known is not None:
            # It starts anew, so what it told us before may be out of date; it will tell us everything again.
            await friendships.clear(tx, candidate.host, now_ms)
        pod_id = await friendships.begin(tx, candidate, now_ms)
        for direction in Direction:
            await friend_proposals.remove(tx, direction, candidate.host)
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod_id]}))
        return True

    async def _end(self, tx: Transaction, pod: Pod) -> None:
        current = await pods.by_id(tx, pod.id)
        if current is None:
            raise Conflict("The friendship has ended already")
        await friendships.end(tx, current, self._clock.now_ms())
