"""The key pair of the pod: ``peertube.key.pem`` and ``peertube.pub`` in `storage.certs`, made at first start."""

import os
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from peertube.signatures import keys

PRIVATE_NAME = "peertube.key.pem"
PUBLIC_NAME = "peertube.pub"
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

    async def start(self) -> None:
        """Read the key, or make it. `Invalid` when the file is there and is no key that we use."""
        pool = self._reactor.getThreadPool()
        key, made = await deferToThreadPool(self._reactor, pool, _load_or_make, self._folder)
        self._private = key
        self._public_pem = keys.public_pem(key.public_key())
        if made:
            self._log.info("made the key pair of this pod")

    async def stop(self) -> None:
        """Nothing runs here."""


def _load_or_make(folder: Path) -> tuple[keys.PrivateKey, bool]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / PRIVATE_NAME
    made = not private.exists()
    if made:
        _write(private, keys.private_pem(keys.generate()))
    with private.open("rb") as file:
        key = keys.load_private(file.read(_LARGEST))
    public = keys.public_pem(key.public_key()).encode("ascii")
    shown = folder / PUBLIC_NAME
    if not shown.exists() or shown.read_bytes() != public:
        _write(shown, public)
    return key, made


def _write(path: Path, content: bytes) -> None:
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
