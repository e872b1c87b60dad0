"""What the tests of 2017 asserted of six pods (friends-advanced), with our rule of ejection: after two weeks."""

from peertube.model.pods import PodState
from peertube.storage import pods as stored_pods
from tests.pods.network import PodOnTest
from tests.simulation.actors import listed
from tests.usecases.test_pods import NetworkTests

HOUR_MS = 3_600_000


class SixPodsTests(NetworkTests):
    """The graph of 2017: 1→[2], 2→[3], 3→[1], 4→[2], 5→[1,4], 6→[1,2,3]."""

    size = 6

    async def setUp(self) -> None:
        await super().setUp()
        self.channels: dict[str, int] = {}
        for pod in self.pods:
            self.channels[pod.host] = await pod.add_author()

    async def make(self, number: int, *others: int) -> None:
        """Pod `number` makes friends."""
        await self.network.befriend(self.pods[number - 1], *(self.pods[other - 1] for other in others))

    async def friends(self, number: int) -> list[int]:
        """The numbers of a pod's friends."""
        hosts = [pod.host for pod in await self.pods[number - 1].pods.friends()]
        return sorted(int(host[-1]) for host in hosts)

    async def upload(self, number: int) -> str:
        pod = self.pods[number - 1]
        uuid = await pod.upload(self.channels[pod.host])
        await self.network.settle()
        return uuid

    async def quit(self, *numbers: int) -> None:
        for number in numbers:
            await self.pods[number - 1].pods.quit()
            await self.network.settle()

    async def has(self, number: int, uuid: str) -> bool:
        return uuid in await listed(self.pods[number - 1])

    async def test_separate_groups_then_one(self) -> None:
        """Two groups give pod 5 no friend; after all have quit, the whole graph becomes one group."""
        await self.make(3, 1)
        await self.make(4, 2)
        await self.make(5, 1, 4)
        self.assertEqual([await self.friends(number) for number in (1, 2, 3, 4, 5)], [[3], [4], [1], [2], []])
        await self.quit(1, 2, 3, 4)
        self.assertEqual([await self.friends(number) for number in range(1, 7)], [[]] * 6)
        await self.make(1, 2)
        await self.make(3, 1)
        await self.make(4, 2)
        await self.make(5, 1, 4)
        await self.make(6, 1, 2, 3)
        for number in range(1, 7):
            self.assertEqual(await self.friends(number), [other for other in range(1, 7) if other != number])
        uuids = [await self.upload(number) for number in range(1, 7)]
        for number in range(1, 7):
            self.assertEqual(sorted(await listed(self.pods[number - 1])), sorted(uuids))

    async def test_a_dead_pod_is_ejected_and_found_again(self) -> None:
        """Everybody ejects it by itself; pod 6, which comes then, does not befriend it; when it is back it can."""
        await self.make(1, 2)
        await self.make(3, 1)
        await self.make(4, 2)
        of_four = await self.upload(4)
        self.network.down.add(self.pods[3].host)
        for day in range(16):
            await self.upload(day % 3 + 1)
            for _ in range(8):
                self.network.time.ms += 3 * HOUR_MS
                await self.network.settle()
        for number in (1, 2, 3):
            pod = await self.pods[number - 1].database.read(stored_pods.by_host, self.pods[3].host)
            self.assertIs(pod.state, PodState.EJECTED)
            self.assertFalse(await self.has(number, of_four))
            self.assertEqual(await self.friends(number), [other for other in (1, 2, 3) if other != number])
        await self.make(6, 1, 2, 3)
        self.assertEqual(await self.friends(6), [1, 2, 3])
        self.network.down.clear()
        await self.quit(4)
        await self.make(4, 1, 2, 3)
        self.assertEqual(await self.friends(4), [1, 2, 3, 6])
        lists = [await listed(pod) for pod in self._all_but(5)]
        self.assertTrue(all(found == lists[0] for found in lists))
        self.assertIn(of_four, lists[0])

    async def test_quit_remake_and_remove_one(self) -> None:
        """Videos of friends go with the friendship and come back with it; a removal concerns two pods only."""
        await self.make(1, 2)
        await self.make(3, 1)
        uuids = [await self.upload(number) for number in (1, 2, 3)]
        await self.quit(2)
        self.assertEqual(sorted(await listed(self.pods[1])), [uuids[1]])
        self.assertEqual(sorted(await listed(self.pods[0])), sorted([uuids[0], uuids[2]]))
        self.assertEqual([await self.friends(number) for number in (1, 2, 3)], [[3], [], [1]])
        await self.make(2, 1, 3)
        for number in (1, 2, 3):
            self.assertEqual(sorted(await listed(self.pods[number - 1])), sorted(uuids))
        (pod_id,) = [pod.id for pod in await self.pods[0].pods.friends() if pod.host == self.pods[2].host]
        await self.pods[0].pods.remove(pod_id)
        await self.network.settle()
        self.assertEqual([await self.friends(number) for number in (1, 2, 3)], [[2], [1, 3], [2]])
        self.assertFalse(await self.has(1, uuids[2]))
        self.assertTrue(await self.has(2, uuids[2]))

    def _all_but(self, number: int) -> list[PodOnTest]:
        return [pod for pod in self.pods if pod.number != number]
