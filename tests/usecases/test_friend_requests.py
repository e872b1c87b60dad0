"""A hostile pod: every attack on friendship (FS-26, FS-28) is refused and leaves nothing behind."""

import msgspec

from peertube.errors import Refused
from peertube.pods import envelope
from peertube.signatures import keys
from tests.pods.surroundings import OwnKeys
from tests.usecases.test_pods import NetworkTests

ADD = "/api/v1/remote/pods/add"
REMOVE = "/api/v1/remote/pods/remove"
VIDEOS = "/api/v1/remote/videos"


class HostilePodTests(NetworkTests):
    """Pod 1 is attacked; pods 1 and 2 are friends, pod 3 is not what it seems."""

    async def setUp(self) -> None:
        await super().setUp()
        self.victim, self.friend, self.evil = self.pods
        await self.network.befriend(self.victim, self.friend)
        self.nonces = 0

    def sealed(self, path: str, unsigned: object, *, key: keys.PrivateKey, sender: str, **changes: object) -> bytes:
        """A body as a pod would sign it."""
        self.nonces += 1
        given = {
            "method": "POST",
            "path": path,
            "sender": sender,
            "receiver": self.victim.host,
            "date_ms": self.network.time.ms,
            "nonce": f"{self.nonces:032x}",
            **changes,
        }
        return envelope.seal(key, msgspec.json.encode(unsigned), **given)

    async def refused(self, path: str, body: bytes) -> int:
        """The status with which the victim refuses."""
        with self.assertRaises(Refused) as raised:
            await self.network.answer("POST", self.victim.host, path, body)
        self.last_words = str(raised.exception)
        return raised.exception.status

    def offer(self, host: str, pem: str, **more: object) -> dict[str, object]:
        return {"host": host, "email": "a@b.example", "publicKey": pem, **more}

    async def test_forged_host(self) -> None:
        """Evil signs with its own key in the name of pod 3 (or of a host that is not there)."""
        forger = OwnKeys(99)
        for host, status in (("localhost:9003", 403), ("localhost:9999", 502)):
            body = self.sealed(ADD, self.offer(host, forger.public_pem), key=forger.private, sender=host)
            self.assertEqual(await self.refused(ADD, body), status)
        self.assertEqual(self.last_words, "The claimed host does not show its key")
        self.assertEqual(await self.victim.friends(), [self.friend.host])

    async def test_another_pods_real_key_is_not_enough(self) -> None:
        """Without its private half nobody makes it our friend against its will."""
        body = self.sealed(ADD, self.offer(self.evil.host, self.evil.keys.public_pem),
                           key=OwnKeys(99).private, sender=self.evil.host)  # fmt: skip
        self.assertEqual(await self.refused(ADD, body), 403)

    async def test_key_swap_of_a_friend(self) -> None:
        """The key of a friend is pinned, whatever its host shows now."""
        forger = OwnKeys(99)
        body = self.sealed(
            ADD, self.offer(self.friend.host, forger.public_pem), key=forger.private, sender=self.friend.host
        )
        self.assertEqual(await self.refused(ADD, body), 409)
        (known,) = await self.victim.pods.friends()
        self.assertEqual(known.public_key, self.friend.keys.public_pem)

    async def test_replay(self) -> None:
        """The same bytes again, for each kind of request; the nonce outlives the friendship."""
        add = self.network.requests[-1]
        recorded = [r for r in self.network.requests if r[1] == self.friend.host and r[2] == ADD]
        self.assertEqual(len(recorded), 1, add)
        with self.assertRaises(Refused) as raised:
            await self.network.answer(*recorded[0])
        self.assertEqual(raised.exception.status, 403)
        remove = self.sealed(REMOVE, {}, key=self.friend.keys.private, sender=self.friend.host)
        await self.network.answer("POST", self.victim.host, REMOVE, remove)
        self.assertEqual(await self.victim.friends(), [])
        await self.friend.pods.quit()
        await self.network.befriend(self.victim, self.friend)
        self.assertEqual(await self.refused(REMOVE, remove), 403)
        self.assertEqual(await self.victim.friends(), [self.friend.host])

    async def test_retarget(self) -> None:
        """What the friend signed for pod 3 does not work on pod 1."""
        body = self.sealed(REMOVE, {}, key=self.friend.keys.private, sender=self.friend.host, receiver=self.evil.host)
        self.assertEqual(await self.refused(REMOVE, body), 403)
        body = self.sealed(REMOVE, {"data": []}, key=self.friend.keys.private, sender=self.friend.host)
        self.assertEqual(await self.refused(VIDEOS, body), 403)
        self.assertEqual(await self.victim.friends(), [self.friend.host])

    async def test_unsigned_and_strangers(self) -> None:
        """400 without a signature, 403 for those we do not know."""
        self.assertEqual(await self.refused(VIDEOS, b'{"data":[]}'), 400)
        body = self.sealed(VIDEOS, {"data": []}, key=self.evil.keys.private, sender=self.evil.host)
        self.assertEqual(await self.refused(VIDEOS, body), 403)
        body = self.sealed(VIDEOS, {"data": {}}, key=self.friend.keys.private, sender=self.friend.host)
        self.assertEqual(await self.refused(VIDEOS, body), 400)
        body = self.sealed(VIDEOS, {"data": [1] * 51}, key=self.friend.keys.private, sender=self.friend.host)
        self.assertEqual(await self.refused(VIDEOS, body), 400)

    async def test_self_friendship_under_any_spelling(self) -> None:
        """By its name, by another name, by its key; asked and asking."""
        own = self.victim.keys
        for host in (self.victim.host, "localhost:9099"):
            body = self.sealed(ADD, self.offer(host, own.public_pem), key=own.private, sender=host)
            self.assertEqual(await self.refused(ADD, body), 403)
        self.network.pods["pod-one.localhost:9001"] = self.victim
        await self.victim.pods.quit()
        await self.network.settle()
        await self.victim.attempts.make_friends(["pod-one.localhost:9001"])
        await self.network.settle()
        del self.network.pods["pod-one.localhost:9001"]
        self.assertEqual(await self.victim.friends(), [])
        made = await self.attempt(self.victim)
        self.assertEqual([one.result for one in made.results], ["myself"])

    async def test_one_pod_under_two_spellings(self) -> None:
        """Only the canonical spelling signs; an offer in another one is the same pod."""
        for sender in ("localhost.:9003", "localhost:09003", "127.0.0.1.:9003"):
            body = self.sealed(
                ADD, self.offer(sender, self.evil.keys.public_pem), key=self.evil.keys.private, sender=sender
            )
            self.assertEqual(await self.refused(ADD, body), 400, sender)
        offer = self.offer("LOCALHOST.:9003", self.evil.keys.public_pem)
        body = self.sealed(ADD, offer, key=self.evil.keys.private, sender=self.evil.host)
        await self.network.answer("POST", self.victim.host, ADD, body)
        self.assertEqual(await self.victim.friends(), [self.friend.host, self.evil.host])

    async def test_no_version_in_common(self) -> None:
        """426, and nobody's friend."""
        offer = self.offer(self.evil.host, self.evil.keys.public_pem, versions=[1, 2, 5])
        body = self.sealed(ADD, offer, key=self.evil.keys.private, sender=self.evil.host)
        self.assertEqual(await self.refused(ADD, body), 426)

    async def test_an_offer_may_be_repeated(self) -> None:
        """The answer was lost, or we were forgotten: the same pod with the same key is simply a friend."""
        for _ in range(2):
            body = self.sealed(ADD, self.offer(self.friend.host, self.friend.keys.public_pem),
                               key=self.friend.keys.private, sender=self.friend.host)  # fmt: skip
            answer = msgspec.json.decode(await self.network.answer("POST", self.victim.host, ADD, body))
            self.assertEqual(answer["cert"], self.victim.keys.public_pem)
        self.assertEqual(await self.victim.friends(), [self.friend.host])

    async def test_anything_else_is_400(self) -> None:
        """As it always was in /remote."""
        route = next(r for r in self.victim.resource.routes() if r.template == "/remote/<path:rest>")
        with self.assertRaises(Exception) as raised:
            await route.handler(None, rest="users")
        self.assertEqual(raised.exception.code, "unknown_request")
