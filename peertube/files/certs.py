"""The key pair of the pod: ``peertube.key.pem`` and ``peertube.pub`` in `storage.certs`, made at first start.

After `rotate` the earlier keys lie beside it as ``peertube.key.<number>.pem``: friends that have not heard of the new
one yet are spoken to with theirs.
"""

import os
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from peertube.errors import Invalid
from peertube.signatures import keys

PRIVATE_NAME = "peertube.key.pem"
PUBLIC_NAME = "peertube.pub"
EARLIER_NAME = "peertube.key.{}.pem"
_LARGEST = 32 * 1024


class Certs:
    """`peertube.usecases.ports.PodKeys` on a folder; a part of the pod that starts before whatever signs.

    :param folder: `storage.certs`.
    """

    _log = Logger()

    def __init__(self, reactor: Any, folder: Path) -> None:
        self._reactor = reactor
        self._folder = folder
        self._private: keys.PrivateKey | None = None
        self._earlier: list[keys.PrivateKey] = []
        self._public_pem = ""

    @property
    def private(self) -> keys.PrivateKey:
        """What we sign with; once started."""
        if self._private is None:
            raise RuntimeError("the key was asked for before the start")
        return self._private

    @property
    def public_pem(self) -> str:
        """What others verify with; once started."""
        return self._public_pem

    @property
    def fingerprint(self) -> str:
        """Which key this is (SHA-256 of the public PEM)."""
        return keys.fingerprint(self._public_pem)

    def private_for(self, fingerprint: str | None) -> keys.PrivateKey:
        """The key with this fingerprint; the first one ever for None; the present one when there is no such key."""
        if fingerprint is None:
            return self._earlier[0] if self._earlier else self.private
        for key in self._earlier:
            if keys.fingerprint(keys.public_pem(key.public_key())) == fingerprint:
                return key
        return self.private

    @property
    def all_private(self) -> list[keys.PrivateKey]:
        """Every key that something may be encrypted for, the present one first."""
        return [self.private, *reversed(self._earlier)]

    async def start(self) -> None:
        """Read the key, or make it. `Invalid` when the file is there and is no key that we use."""
        pool = self._reactor.getThreadPool()
        key, made, self._earlier = await deferToThreadPool(self._reactor, pool, _load_or_make, self._folder)
        self._private = key
        self._public_pem = keys.public_pem(key.public_key())
        if made:
            self._log.info("made the key pair of this pod")

    async def stop(self) -> None:
        """Nothing runs here."""


def rotate(folder: Path) -> str:
    """Make a new key and keep the present one beside it; the fingerprint of the new one. Blocks for a second.

    :raises Invalid: there is no key yet, or it is damaged.
    """
    private = folder / PRIVATE_NAME
    if not private.exists():
        raise Invalid("There is no key yet: start the pod once", code="no_key")
    present = _read(private)
    new = keys.generate()
    write_private(folder / EARLIER_NAME.format(len(_earlier(folder)) + 1), keys.private_pem(present))
    write_private(private, keys.private_pem(new))
    public = keys.public_pem(new.public_key())
    write_private(folder / PUBLIC_NAME, public.encode("ascii"))
    return keys.fingerprint(public)


def _earlier(folder: Path) -> list[keys.PrivateKey]:
    found: list[keys.PrivateKey] = []
    while (path := folder / EARLIER_NAME.format(len(found) + 1)).exists():
        found.append(_read(path))
    return found


def _read(path: Path) -> keys.PrivateKey:
    with path.open("rb") as file:
        return keys.load_private(file.read(_LARGEST))


def _load_or_make(folder: Path) -> tuple[keys.PrivateKey, bool, list[keys.PrivateKey]]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / PRIVATE_NAME
    made = not private.exists()
    if made:
        write_private(private, keys.private_pem(keys.generate()))
    key = _read(private)
    public = keys.public_pem(key.public_key()).encode("ascii")
    shown = folder / PUBLIC_NAME
    if not shown.exists() or shown.read_bytes() != public:
        write_private(shown, public)
    own = keys.private_pem(key)  # an interrupted rotation leaves the present key among the earlier ones
    return key, made, [other for other in _earlier(folder) if keys.private_pem(other) != own]


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, for nobody's eyes but ours, and still there after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
