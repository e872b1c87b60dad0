"""A pod with a new key, a new host, or something to hide: friends stay friends, and nobody else can say so."""

import msgspec

from peertube.errors import Conflict, NotFound, Refused, Unreachable
from peertube.model.admin_events import AdminEventKind
from peertube.model.pages import Window
from peertube.pods import envelope
from peertube.pods.items import Here
from peertube.signatures import keys
from peertube.storage import pods as stored_pods
from peertube.storage import settings
from peertube.usecases.own_identity import HOST, HostChange
from tests.pods.network import PodOnTest
from tests.pods.surroundings import OwnKeys
from tests.usecases.test_pods import NetworkTests

CHANGE = "/api/v1/remote/pods/change-key"
MOVE = "/api/v1/remote/pods/move"
ALL = Window(count=100, sort="id")


class IdentityTests(NetworkTests):
    """Pods 1 and 2 are friends; pod 1 changes; pod 3 is hostile."""

    async def setUp(self) -> None:
        await super().setUp()
        self.pod, self.friend, self.evil = self.pods
        await self.network.befriend(self.pod, self.friend)
        self.channel = await self.pod.add_author()
        self.old = await self.pod.upload(self.channel, "Old")
        self.theirs = await self.friend.upload(await self.friend.add_author(), "Theirs")
        await self.network.settle()
        self.nonces = 0

    async def pinned(self, of: PodOnTest, host: str) -> str:
        pod = await of.database.read(stored_pods.by_host, host)
        assert pod is not None
        return pod.public_key

    async def events(self) -> list[tuple[AdminEventKind, str]]:
        return [(one.kind, one.subject) for one in (await self.friend.health.events(ALL)).items]

    async def refused(self, path: str, body: object, key: keys.PrivateKey, sender: str) -> int:
        """The status with which the friend refuses what somebody signs in the name of `sender`."""
        self.nonces += 1
        sealed = envelope.seal(
            key,
            msgspec.json.encode(body),
            method="POST",
            path=path,
            sender=sender,
            receiver=self.friend.host,
            date_ms=self.network.time.ms,
            nonce=f"{self.nonces:032x}",
            version=4,
        )
        with self.assertRaises(Refused) as raised:
            await self.network.answer("POST", self.friend.host, path, sealed)
        return raised.exception.status

    async def assert_both_ways(self) -> None:
        """What one tells the other hears."""
        ours = await self.pod.upload(self.channel, "New")
        theirs = await self.friend.upload((await self.friend.details(self.theirs)).video.channel.id, "New")
        self.network.time.ms += 60_000
        await self.network.settle()
        self.assertIsNotNone(await self.friend.details(ours))
        self.assertIsNotNone(await self.pod.details(theirs))

    async def test_a_new_key_signed_by_the_old_one(self) -> None:
        """The friend pins it; the old one is worth nothing any more."""
        old = self.pod.keys.private
        self.pod.keys.rotate(21)
        await self.assert_both_ways()
        self.assertEqual(await self.pinned(self.friend, self.pod.host), self.pod.keys.public_pem)
        self.assertEqual(await self.events(), [(AdminEventKind.POD_KEY_CHANGED, self.pod.host)])
        self.assertEqual(await self.refused("/api/v1/remote/videos", {"data": []}, old, self.pod.host), 403)
        self.pod.keys.rotate(22)
        self.pod.keys.rotate(23)
        await self.assert_both_ways()

    async def test_an_answer_that_was_lost(self) -> None:
        """The friend has the new key already, and we do not know: we find out."""
        self.pod.keys.rotate(21)
        original = self.pod.client.change_key

        async def losing(pod: object) -> None:
            await original(pod)
            raise Unreachable("The answer broke off")

        self.pod.client.change_key = losing
        await self.pod.upload(self.channel)
        await self.network.settle()
        self.pod.client.change_key = original
        await self.assert_both_ways()

    async def test_a_friend_of_version_3_goes_on_with_the_old_key(self) -> None:
        """It could not be told."""
        self.friend.speak(3)
        await self.assert_both_ways()
        before = await self.pinned(self.friend, self.pod.host)
        self.pod.keys.rotate(21)
        await self.assert_both_ways()
        self.assertEqual(await self.pinned(self.friend, self.pod.host), before)

    async def test_a_friend_of_version_3_learns_the_new_key_by_renewal(self) -> None:
        """The admin is told who knows the old key, and has that friendship made anew; nothing is lost by it."""
        self.friend.speak(3)
        await self.assert_both_ways()
        self.pod.keys.rotate(21)
        self.pod.deliveries._greeted.clear()
        await self.assert_both_ways()
        noted = [(one.kind, one.subject) for one in (await self.pod.health.events(ALL)).items]
        self.assertEqual(noted, [(AdminEventKind.KEY_OUTDATED, self.friend.host)])
        with self.assertRaises(NotFound):
            await self.pod.health.renew("localhost:9999")
        await self.pod.health.renew(self.friend.host)
        await self.network.settle()
        self.assertEqual(await self.pinned(self.friend, self.pod.host), self.pod.keys.public_pem)
        for pod in (self.pod, self.friend):
            self.assertIsNotNone(await pod.details(self.old))
            self.assertIsNotNone(await pod.details(self.theirs))
        await self.assert_both_ways()

    async def test_a_renewal_that_was_interrupted(self) -> None:
        """The friend has forgotten us, and the offer did not arrive: it is repeated."""
        self.friend.speak(3)
        await self.assert_both_ways()
        self.pod.keys.rotate(21)
        await self.pod.client.remove(self.friend.host, 3, (await self.pod.pods.friends())[0].our_key)
        self.assertEqual(await self.friend.friends(), [])
        await self.pod.health.renew(self.friend.host)
        await self.network.settle()
        await self.assert_both_ways()

    async def test_nobody_else_changes_a_key(self) -> None:
        """Not a stranger, not with a foreign proof, not to a weak key, not to the victim's own."""
        evil, host = OwnKeys(99), self.pod.host

        def change(new: keys.PrivateKey, prover: keys.PrivateKey) -> dict[str, str]:
            pem = keys.public_pem(new.public_key())
            proof = keys.sign(prover, envelope.key_change_text(host, self.friend.host, pem))
            return {"publicKey": pem, "proof": proof}

        ours = self.pod.keys.private
        self.assertEqual(await self.refused(CHANGE, change(evil.private, evil.private), evil.private, host), 403)
        self.assertEqual(await self.refused(CHANGE, change(evil.private, ours), ours, host), 403)
        self.assertEqual(
            await self.refused(CHANGE, change(self.friend.keys.private, self.friend.keys.private), ours, host), 403
        )
        self.assertEqual(await self.refused(CHANGE, {"publicKey": "x", "proof": "00"}, ours, host), 400)
        self.assertEqual(await self.pinned(self.friend, host), self.pod.keys.public_pem)

    async def move(self) -> None:
        """Pod 1 is at another host from now on."""
        change = HostChange(
            database=self.pod.database, clock=self.network.time, publisher=self.pod, host="localhost:9101"
        )
        await self.pod.database.write(settings.put, HOST, self.pod.host)
        del self.network.pods[self.pod.host]
        self.pod.host = "localhost:9101"
        for part in (self.pod.client, self.pod.requests, self.pod.attempts, self.pod.identity):
            part._host = self.pod.host
        self.pod.deliveries._batches._here = Here(f"http://{self.pod.host}", (f"ws://{self.pod.host}/tracker/socket",))
        self.network.pods[self.pod.host] = self.pod
        self.assertEqual(await change.update(), ("localhost:9001", 1, 1))
        with self.assertRaises(Conflict):
            await change.update()

    async def test_a_new_host(self) -> None:
        """Its videos go with it, and both go on telling each other."""
        await self.move()
        await self.network.settle()
        self.assertEqual(await self.friend.friends(), ["localhost:9101"])
        self.assertEqual((await self.friend.details(self.old)).video.host, "localhost:9101")
        self.assertEqual(await self.events(), [(AdminEventKind.POD_MOVED, "localhost:9101")])
        self.friend_of_old = await self.friend.database.read(stored_pods.by_host, "localhost:9001")
        self.assertIsNone(self.friend_of_old)
        await self.assert_both_ways()

    async def test_a_friend_that_was_told_of_the_new_host_and_could_not_say_so(self) -> None:
        """We find out."""
        original = self.pod.client.move

        async def losing(*told: object) -> None:
            await original(*told)
            raise Unreachable("The answer broke off")

        self.pod.client.move = losing
        await self.move()
        await self.network.settle()
        self.pod.client.move = original
        await self.assert_both_ways()

    async def test_nobody_moves_to_where_somebody_else_is(self) -> None:
        """A friend cannot become another pod, nor us, nor a host that is not there."""
        ours, host = self.pod.keys.private, self.pod.host
        for target, status in ((self.evil.host, 403), (self.friend.host, 403), ("localhost:9999", 502), ("x/y", 400)):
            self.assertEqual(await self.refused(MOVE, {"host": target}, ours, host), status, target)
        self.assertEqual(await self.friend.friends(), [host])

    async def test_encrypted_bodies(self) -> None:
        """Nothing of what is told can be read on the way, and everything arrives; version 3 goes on in the open."""
        self.pod.client._encrypt = True
        self.network.requests.clear()
        uuid = await self.pod.upload(self.channel, "A secret title")
        await self.network.settle()
        self.assertEqual((await self.friend.details(uuid)).video.fields.name, "A secret title")
        self.assertFalse(any(b"secret" in body for _, _, _, body in self.network.requests))
        self.assertTrue(any(b'{"encrypted":' in body for _, _, _, body in self.network.requests))
        self.friend.speak(3)
        await self.assert_both_ways()
