"""Speaks to other pods (`usecases.ports.PodClient`): signed envelopes over the guarded way out."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

import msgspec
from msgspec import Meta

from peertube.errors import Invalid, Unreachable
from peertube.model.pods import Pod
from peertube.pods import election, encryption, envelope
from peertube.pods.urls import Origin
from peertube.policy.hosts import normalise
from peertube.signatures import keys
from peertube.usecases.ports import Clock, PodAnswer, PodKey, PodKeys, Randomness

BASE = "/api/v1/remote"
_LARGEST_LIST = 2**20
_LARGEST_ANSWER = 64 * 1024
_FAREWELL_SECONDS = 10

Versions = Annotated[tuple[Annotated[int, Meta(ge=0, le=9999)], ...], Meta(max_length=32)]
Pem = Annotated[str, Meta(max_length=keys.LONGEST_PEM)]
Host = Annotated[str, Meta(max_length=300)]


class Web(Protocol):
    """What is needed of `delivery.outbound.Outbound`."""

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        accept: Sequence[str] = ("application/json",),
        limit: int,
        timeout_seconds: float | None = None,
    ) -> bytes:
        """The body of a good answer; `Unreachable` otherwise."""
        ...


class _Listed(msgspec.Struct):
    host: Host


class _List(msgspec.Struct):
    data: list[_Listed]


class _Key(msgspec.Struct, rename="camel"):
    host: Host
    public_key: Pem
    versions: Versions = (envelope.VERSION,)


class _Answer(msgspec.Struct):
    cert: Pem
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
    versions: Versions = (envelope.VERSION,)
    pending: bool = False


class _RefusedItem(msgspec.Struct):
    index: Annotated[int, Meta(ge=0, le=1000)]
    reason: Annotated[str, Meta(max_length=1000)] = ""


class _Acknowledgement(msgspec.Struct):
    refused: Annotated[list[_RefusedItem], Meta(max_length=1000)] = []


Shape = TypeVar("Shape", bound=msgspec.Struct)


class HttpPodClient:
    """Asks and tells other pods.

    :param host: our own host, normalised.
    :param email: the admin's address, for friends.
    :param https: whether pods speak https (`friends.require_https`).
    :param versions: of the protocol, those that we speak (`friends.protocol_versions`).
    :param encrypt: whether bodies are encrypted for friends that can read that (`friends.encrypt`).
    """

    def __init__(
        self,
        *,
        web: Web,
        own_keys: PodKeys,
        clock: Clock,
        randomness: Randomness,
        host: str,
        email: str,
        https: bool,
        versions: tuple[int, ...] = envelope.VERSIONS,
        encrypt: bool = False,
    ) -> None:
        self._web = web
        self._keys = own_keys
        self._clock = clock
        self._randomness = randomness
        self._host = host
        self._email = email
        self._https = https
        self._versions = versions
        self._encrypt = encrypt

    async def list_pods(self, host: str) -> Sequence[str]:
        """As the port says."""
        answer = await self._web.fetch("POST", self._url(host, "/pods/list"), body=b"{}", limit=_LARGEST_LIST)
        return [pod.host for pod in _read(answer, _List).data[: election.MOST_PODS_OF_A_LIST]]

    async def fetch_key(self, host: str) -> PodKey:
        """As the port says; the key in its canonical spelling."""
        shown = _read(await self._web.fetch("GET", self._url(host, "/pods/key"), limit=_LARGEST_ANSWER), _Key)
        try:
            name = normalise(shown.host, https=self._https)
        except Invalid as error:
            raise Unreachable("It gives no sound name of itself", code="bad_answer") from error
        return PodKey(host=name, public_key=_canonical(shown.public_key), versions=shown.versions)

    async def add(self, host: str, protocol: int) -> PodAnswer:
        """As the port says; the key in its canonical spelling."""
        offer = {
            "host": self._host,
            "email": self._email,
            "publicKey": self._keys.public_pem,
            "versions": list(self._versions),
        }
        answer = _read(await self._post(host, "/pods/add", msgspec.json.encode(offer), protocol), _Answer)
        return PodAnswer(
            public_key=_canonical(answer.cert),
            email=answer.email,
            versions=answer.versions,
            pending=answer.pending,
        )

    async def remove(self, host: str, protocol: int, our_key: str | None = None) -> None:
        """As the port says."""
        key = self._keys.private_for(our_key)
        await self._post(host, "/pods/remove", b"{}", protocol, key=key, timeout_seconds=_FAREWELL_SECONDS)

    async def change_key(self, pod: Pod) -> None:
        """As the port says."""
        pem = self._keys.public_pem
        proof = keys.sign(self._keys.private, envelope.key_change_text(self._host, pod.host, pem))
        body = msgspec.json.encode({"publicKey": pem, "proof": proof})
        await self._post(
            pod.host, "/pods/change-key", body, pod.protocol, key=self._keys.private_for(pod.our_key)
        )  # fmt: skip

    async def move(self, pod: Pod, old_host: str) -> None:
        """As the port says."""
        body = msgspec.json.encode({"host": self._host})
        key = self._keys.private_for(pod.our_key)
        await self._post(pod.host, "/pods/move", body, pod.protocol, key=key, sender=old_host)

    async def deliver(self, pod: Pod, path: str, items: bytes) -> Sequence[tuple[int, str]]:
        """As the port says."""
        unsigned = b'{"data":' + items + b"}"
        if self._encrypt and pod.protocol >= envelope.ACKNOWLEDGING:
            unsigned = self._encrypted(pod, path, unsigned)
        answer = await self._post(pod.host, path, unsigned, pod.protocol, key=self._keys.private_for(pod.our_key))
        if pod.protocol < envelope.ACKNOWLEDGING:
            return ()
        return [(one.index, one.reason) for one in _read(answer, _Acknowledgement).refused]

    async def fetch_preview(self, url: str, limit: int) -> bytes:
        """As the port says."""
        content = await self._web.fetch("GET", url, accept=("image/jpeg",), limit=limit)
        if not content.startswith(b"\xff\xd8\xff"):
            raise Unreachable("The preview is not a JPEG", code="bad_answer")
        return content

    def _encrypted(self, pod: Pod, path: str, unsigned: bytes) -> bytes:
        return encryption.encrypt(
            keys.load_public(pod.public_key),
            unsigned,
            path=BASE + path,
            sender=self._host,
            receiver=pod.host,
            key=hashlib.sha256(self._randomness.token().encode()).digest(),
            iv=hashlib.sha256(self._randomness.token().encode()).digest()[: encryption.IV_BYTES],
        )

    async def _post(
        self,
        host: str,
        path: str,
        unsigned: bytes,
        protocol: int,
        *,
        key: keys.PrivateKey | None = None,
        sender: str | None = None,
        timeout_seconds: float | None = None,
    ) -> bytes:
        body = envelope.seal(
            key or self._keys.private,
            unsigned,
            method="POST",
            path=BASE + path,
            sender=sender or self._host,
            receiver=host,
            date_ms=self._clock.now_ms(),
            nonce=self._randomness.token()[:32],
            version=protocol,
        )
        url = self._url(host, path)
        return await self._web.fetch("POST", url, body=body, limit=_LARGEST_ANSWER, timeout_seconds=timeout_seconds)

    def _url(self, host: str, path: str) -> str:
        return f"{Origin(host, self._https).origin}{BASE}{path}"


def _read(content: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreachable("The answer is not what a pod says", code="bad_answer") from error


def _canonical(pem: str) -> str:
    try:
        return keys.public_pem(keys.load_public(pem))
    except Invalid as error:
        raise Unreachable("The answer holds no key that we accept", code="bad_answer") from error
