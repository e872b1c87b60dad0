"""``twistd peertube``: options, and the service that twistd runs."""

import gc
import os
from pathlib import Path
from typing import Any

from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.python import usage

from peertube.config.load import ConfigurationError, load
from peertube.config.schema import Settings
from peertube.shared.clock import keep_steady

EXIT_CANNOT_START = 78
"""The process's exit status when a part could not be started (EX_CONFIG of sysexits.h)."""


class Options(usage.Options):
    """Command line of ``twistd peertube``."""

    optFlags: list[Any] = []
    synopsis = "[--config FILE]..."
    longdesc = "Runs a pod. Later --config files override earlier ones; the environment overrides both."

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings | None = None
        self["config"] = []

    def opt_config(self, path: str) -> None:
        """A YAML file with the configuration; may be given more than once."""
        self["config"].append(Path(path))

    opt_c = opt_config

    def postOptions(self) -> None:
        """Load the configuration, so that every mistake in it is told before anything starts."""
        try:
            loaded = load(self["config"], os.environ)
        except ConfigurationError as error:
            raise usage.UsageError(
                "\n".join(["the configuration is wrong:", *error.problems, *error.warnings])
            ) from error
        log = Logger(namespace="peertube.config")
        for warning in loaded.warnings:
            log.warn("{warning}", warning=warning)
        self.settings = loaded.settings


class PodService(Service):
    """Starts the node when the reactor runs, and gives it the time that it needs to stop."""

    _log = Logger()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._node: Any = None
        self._starting: Deferred[None] | None = None

    def startService(self) -> None:
        """Called by twistd before the reactor runs."""
        from twisted.internet import reactor

        super().startService()
        reactor.callWhenRunning(self._begin, reactor)

    def _begin(self, reactor: Any) -> None:
        self._starting = ensureDeferred(self._start(reactor))

    async def _start(self, reactor: Any) -> None:
        try:
            # What is made now stays until the end: nothing of it is garbage, so it need not be looked through for any.
            gc.disable()
            from peertube.node import Node

            self._node = Node(self._settings, reactor)
            await self._node.start()
            gc.collect()
            gc.freeze()
        except Exception as error:
            self._node = None
            self._log.failure("the pod cannot start: {reason}", reason=str(error))
            reactor.addSystemEventTrigger("after", "shutdown", os._exit, EXIT_CANNOT_START)
            reactor.stop()
        finally:
            gc.enable()

    async def _stop(self) -> None:
        if self._starting is not None:
            await self._starting
        if self._node is not None:
            await self._node.stop()

    def stopService(self) -> Deferred[None]:
        """Called by twistd on TERM and INT; the process ends when the Deferred fires."""
        super().stopService()
        return ensureDeferred(self._stop())


def makeService(options: Options) -> IService:
    """What twistd runs."""
    from twisted.internet import reactor

    if options.settings is None:
        raise usage.UsageError("the options have not been parsed")
    keep_steady(reactor)
    return PodService(options.settings)
