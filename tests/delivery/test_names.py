"""Names are looked up in threads of their own."""

from threading import Event

from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.delivery.lanes import MOST_IN_FLIGHT
from peertube.delivery.names import Names, look_up
from tests.storage.deferred import deferred


class NamesTests(TestCase):
    """With name servers that do not answer."""

    timeout = 20

    async def test_loopback(self) -> None:
        """Each address once; a name without any is no error."""
        self.assertIn("127.0.0.1", look_up("localhost"))
        self.assertEqual([], look_up("a" * 300))

    async def test_dead_name_servers_hold_up_nothing(self) -> None:
        """Neither other lookups nor the reactor's own threads, as long as there is room for one more pod."""
        dead = Event()
        names = Names(reactor, lambda name: [name] if name == "living" or dead.wait() else [])
        await names.start()
        hanging = [deferred(names.resolve("dead")) for _ in range(MOST_IN_FLIGHT - 1)]
        self.assertEqual(["living"], list(await names.resolve("living")))
        self.assertEqual(1, await deferToThread(lambda: 1))
        dead.set()
        await gatherResults(hanging)
        await names.stop()
