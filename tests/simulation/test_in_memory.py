"""Twenty pods, random actions, pods that die, networks that part, clocks that are wrong: in the end all are equal."""

from random import Random

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from peertube.delivery.health import HOUR_MS
from peertube.model.pages import Window
from peertube.model.pods import PodState
from tests.pods.network import Network
from tests.simulation.actors import Actors, listed

MINUTE_MS = 60_000
ALL = Window(count=100, sort="id")


class SimulationTests(TestCase):
    """The real-world simulation of 2017, with faults, on a clock that is set by hand."""

    timeout = 300

    async def network_of(self, count: int, seed: int) -> Network:
        """That many pods, all of them friends."""
        self.network = Network()
        self.addCleanup(self.stop_network)
        pods = await self.network.add_pods(count)
        self.actors = Actors(self.network, seed)
        for number in range(1, count):
            await pods[number].attempts.make_friends([pods[0].host] if number == 1 else [pods[0].host, pods[1].host])
            await self.network.settle()
        await self.actors.prepare()
        await self.network.settle()
        return self.network

    def stop_network(self) -> Deferred[None]:
        """End all."""
        return Deferred.fromCoroutine(self.network.stop())

    async def pass_time(self, milliseconds: int) -> None:
        self.network.time.ms += milliseconds
        await self.network.settle()

    async def assert_equal(self) -> None:
        """After everybody had time, every list is the same."""
        self.network.faults.heal()
        self.network.down.clear()
        for _ in range(8):
            await self.pass_time(HOUR_MS)
            lists = {host: await listed(pod) for host, pod in self.network.pods.items()}
            expected = next(iter(lists.values()))
            if all(found == expected for found in lists.values()):
                break
        for host, found in lists.items():
            self.assertEqual(found, expected, host)
        self.assertGreater(len(expected), 5)

    async def test_twenty_pods(self) -> None:
        """Everybody is everybody's friend; actions go on while pods are dead, parted and lose answers."""
        network = await self.network_of(20, seed=4)
        for pod in network.pods.values():
            self.assertEqual(len(await pod.friends()), 19)
        chance = Random(5)
        hosts = sorted(network.pods)
        for number, host in enumerate(hosts):
            network.pods[host].clock.shift_ms = (number - 10) * MINUTE_MS // 2
        for _ in range(6):
            network.down = set(chance.sample(hosts, 3))
            half = set(chance.sample(hosts, 10))
            network.faults.cut = {
                frozenset((one, other))
                for one in half
                for other in hosts
                if other not in half and chance.random() < 0.5
            }
            network.faults.lost = 0.05
            for _ in range(20):
                await self.actors.act()
            await self.pass_time(2 * MINUTE_MS)
        await self.assert_equal()
        self.assertTrue(all(self.actors.done.values()), self.actors.done)

    async def part_for(self, days: int) -> str:
        """Four pods act; the third is parted from the others for so long, in which it acts alone; its host."""
        network = await self.network_of(4, seed=6)
        for _ in range(30):
            await self.actors.act()
        await network.settle()
        away = sorted(network.pods)[2]
        network.faults.cut = {frozenset((away, other)) for other in network.pods if other != away}
        for number in range(days * 8):
            if number % 4 == 0:
                await self.actors.act()
            await self.pass_time(3 * HOUR_MS)
        return away

    async def states(self, away: str) -> set[PodState]:
        """What the parted pod and the others are to each other."""
        found = {pod.state for pod in (await self.network.pods[away].pods.listing(ALL)).items}
        for host, pod in self.network.pods.items():
            if host != away:
                found |= {one.state for one in (await pod.pods.listing(ALL)).items if one.host == away}
        return found

    async def test_fourteen_days_away(self) -> None:
        """A pod misses two weeks, in which it acts alone, and then has everything and all have what is its.

        Two weeks from the first try that failed: friends are ejected at the first one after that.
        """
        away = await self.part_for(14)
        self.assertEqual(await self.states(away), {PodState.DORMANT})
        await self.assert_equal()
        self.assertEqual(await self.states(away), {PodState.FRIEND})

    async def test_longer_than_fourteen_days_away(self) -> None:
        """Both sides eject each other; when one admin takes that back, all of that friendship is told anew."""
        away = await self.part_for(15)
        self.assertEqual(await self.states(away), {PodState.EJECTED})
        self.network.faults.heal()
        await self.pass_time(HOUR_MS)
        self.assertEqual(await self.states(away), {PodState.EJECTED})
        for host, pod in self.network.pods.items():
            if host != away:
                (ejected,) = [one for one in (await pod.pods.listing(ALL)).items if one.host == away]
                await pod.health.restore(ejected.id)
        await self.assert_equal()
        self.assertEqual(await self.states(away), {PodState.FRIEND})
