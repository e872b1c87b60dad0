"""Every attack on friendship against a pod that runs, by a scripted hostile pod (FS-26, FS-28, SR-08, FD-07, FD-10)."""

import json
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from twisted.trial.unittest import SynchronousTestCase

from peertube.signatures import keys
from tests.end_to_end.evil_pod import ELSEWHERE, EvilPod
from tests.end_to_end.pods import ApiError, eventually, make_clip, shared_network


class HostilePodTests(SynchronousTestCase):
    """Pods 1 and 2 are friends, each with a video; the hostile pod becomes a friend of pod 1 where it can."""

    uuids: ClassVar[list[str]] = []

    def setUp(self) -> None:
        self.network = shared_network("attacked", 2, friends=True)
        self.victim, self.friend = self.network.apis
        if not self.uuids:
            folder = Path(tempfile.mkdtemp(prefix="clips-"))
            self.addCleanup(shutil.rmtree, folder)
            clip = make_clip(folder / "clip.mp4", seconds=5)
            self.uuids.extend(api.upload(clip, f"Of {api.pod.name}")["uuid"] for api in self.network.apis)
            for api in self.network.apis:
                for uuid in self.uuids:
                    api.published(uuid)
        self.evil = EvilPod()
        self.addCleanup(self.evil.stop)

    def tearDown(self) -> None:
        """The hostile pod is no friend any more; the others still are, with all their videos."""
        for pod in self.victim.call("GET", "/pods")["data"]:
            if pod["host"] != self.host(1):
                self.victim.call("DELETE", f"/pods/{pod['id']}")
        self.assertEqual([pod["host"] for pod in self.victim.call("GET", "/pods")["data"]], [self.host(1)])
        self.assertEqual({video["uuid"] for video in self.victim.videos()}, set(self.uuids))

    def host(self, number: int = 0) -> str:
        return self.network.pods[number].origin.removeprefix("http://")

    def friends(self) -> set[str]:
        return {pod["host"] for pod in self.victim.call("GET", "/pods")["data"]}

    def send(self, path: str, body: object, **changes: object) -> tuple[int, str]:
        """Sign, send to the victim; the status and the code of the answer."""
        sealed = self.evil.sealed(path, body, **{"receiver": self.host(), **changes})
        return self.raw(path, sealed)

    def raw(self, path: str, body: bytes) -> tuple[int, str]:
        status, answer, _ = self.evil.post(self.network.pods[0].origin, path, body)
        return status, json.loads(answer).get("code", "") if answer else ""

    def become_friends(self) -> None:
        self.assertEqual(self.send("/pods/add", self.evil.offer())[0], 200)
        self.assertIn(self.evil.host, self.friends())

    def test_forged_hosts(self) -> None:
        """A host that shows another key, one that is not there, the victim itself; also with its real key."""
        for host, status in ((self.host(1), 409), ("localhost:9", 502), (self.host(), 403)):
            self.assertEqual(self.send("/pods/add", self.evil.offer(host=host), sender=host)[0], status, host)
        real = self.friend.call("GET", "/remote/pods/key")["publicKey"]
        offer = self.evil.offer(host=self.host(1), publicKey=real)
        self.assertEqual(self.send("/pods/add", offer, sender=self.host(1)), (403, "invalid_signature"))
        self.assertEqual(self.friends(), {self.host(1)})

    def test_the_key_of_a_friend_is_pinned(self) -> None:
        """Another key that its host shows now is not believed, unless the old one has signed it."""
        self.become_friends()
        old, self.evil.private = self.evil.private, keys.generate()
        self.evil.pem = keys.public_pem(self.evil.private.public_key())
        self.assertEqual(self.send("/pods/add", self.evil.offer()), (409, "known_host"))
        self.assertEqual(self.send("/videos", {"data": []}), (403, "invalid_signature"))
        self.assertEqual(self.send("/videos", {"data": []}, key=old)[0], 200)
        (known,) = [pod["id"] for pod in self.victim.call("GET", "/pods")["data"] if pod["host"] == self.evil.host]
        self.victim.call("DELETE", f"/pods/{known}")
        self.become_friends()
        self.assertEqual(self.send("/videos", {"data": []}, key=old), (403, "invalid_signature"))

    def test_weak_and_odd_keys(self) -> None:
        """Too short, of another kind, private, or no key at all."""
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        other = ec.generate_private_key(ec.SECP256R1()).public_key()
        private = self.evil.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        spelled = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        pems = [weak.public_key().public_bytes(*spelled), other.public_bytes(*spelled), private, b"x" * 100_000, b""]
        for pem in pems:
            offer = self.evil.offer(publicKey=pem.decode())
            self.assertIn(self.send("/pods/add", offer)[0], (400, 413), pem[:60])
        self.assertEqual(self.friends(), {self.host(1)})

    def test_replayed_offers_and_farewells(self) -> None:
        """Each works once: who listens can neither end a friendship again nor begin it again."""
        offer = self.evil.sealed("/pods/add", self.evil.offer(), receiver=self.host())
        farewell = self.evil.sealed("/pods/remove", {}, receiver=self.host())
        self.assertEqual(self.raw("/pods/add", offer)[0], 200)
        self.assertEqual(self.raw("/pods/add", offer), (403, "replayed_request"))
        self.assertEqual(self.raw("/pods/remove", farewell)[0], 204)
        self.assertEqual(self.raw("/pods/add", offer), (403, "replayed_request"))
        self.assertEqual(self.friends(), {self.host(1)})
        self.become_friends()
        self.assertEqual(self.raw("/pods/remove", farewell), (403, "replayed_request"))
        self.assertIn(self.evil.host, self.friends())

    def test_bodies_that_only_look_encrypted(self) -> None:
        """Of any size and kind: refused, and the pod goes on."""
        self.become_friends()
        for key, iv, data in (
            ("00" * 256, "0" * 24, "AAAA"),
            ("00" * 1024, "0" * 24, "AAAA"),
            ("00" * 10_000, "0" * 24, "AAAA"),
            ("zz", "0" * 24, "AAAA"),
            ("00" * 256, "0", "AAAA"),
            ("00" * 256, "0" * 24, "A" * 400_000),
        ):
            body = {"encrypted": {"key": key, "iv": iv, "data": data}}
            self.assertEqual(self.send("/videos", body)[0], 400, (len(key), iv, len(data)))
        self.assertEqual(self.send("/videos", {"data": []})[0], 200)

    def test_what_is_told_a_hundred_times_at_once(self) -> None:
        """Ten at the same time, ten times over: an event counts once, an author and a report are one."""
        self.become_friends()
        event = {"uuid": self.uuids[0], "eventType": "views", "count": 1, "id": str(uuid4())}
        report = {"uuid": str(uuid4()), "videoUUID": self.uuids[0], "reporterUsername": "eve"}
        items = [{"type": "add-author", "data": {"uuid": str(uuid4()), "name": "eve"}}]
        items.append({"type": "report-abuse", "data": {**report, "reportReason": "bad"}})
        views = self.victim.call("GET", f"/videos/{self.uuids[0]}")["views"]
        reports = self.victim.call("GET", "/abuses")["total"]
        told = [("/videos", {"data": items}), ("/videos/events", {"data": [{"data": event}]})] * 50
        sealed = [(path, self.evil.sealed(path, body, receiver=self.host())) for path, body in told]
        with ThreadPoolExecutor(10) as together:
            answers = list(together.map(lambda one: self.raw(*one)[0], sealed))
        self.assertEqual(set(answers), {200})
        self.assertEqual(self.victim.call("GET", f"/videos/{self.uuids[0]}")["views"], views + 1)
        self.assertEqual(self.victim.call("GET", "/abuses")["total"], reports + 1)

    def test_answers_that_are_none(self) -> None:
        """200 with a page, and the way to another server: what was to be told waits, and nobody follows."""
        self.become_friends()
        for manner, words in (("html", "of type"), ("elsewhere", "301")):
            self.evil.manner = manner
            self.rename()
            eventually(lambda words=words: words in self.error_of(self.evil.host))
        self.assertNotIn(f"/{ELSEWHERE}", self.evil.asked)

    def rename(self) -> str:
        """Something to tell: the new name of the victim's video."""
        name = f"Renamed {time.time_ns()}"
        self.victim.call("PUT", f"/videos/{self.uuids[0]}", json_body={"name": name})
        return name

    def error_of(self, host: str) -> str:
        """Why a friend could not be told the last time, if it could not."""
        (pod,) = [pod for pod in self.victim.call("GET", "/pods")["data"] if pod["host"] == host]
        return str(pod["lastError"]) if pod["failures"] else ""

    def test_replay_retarget_and_time(self) -> None:
        """The same bytes again; what was signed for another pod, path or time; what is not signed at all."""
        self.become_friends()
        sealed = self.evil.sealed("/videos", {"data": []}, receiver=self.host())
        self.assertEqual([self.raw("/videos", sealed)[0] for _ in range(3)], [200, 403, 403])
        self.assertEqual(self.send("/videos", {"data": []}, receiver=self.host(1))[1], "invalid_signature")
        removal = self.evil.sealed("/pods/remove", {"data": []}, receiver=self.host())
        self.assertEqual(self.raw("/videos", removal), (403, "invalid_signature"))
        for minutes in (-16, 16):
            moment = int((time.time() + minutes * 60) * 1000)
            self.assertEqual(self.send("/videos", {"data": []}, date_ms=moment)[1], "stale_request")
        self.assertEqual(self.raw("/videos", b'{"data":[]}'), (400, "unsigned"))
        self.assertEqual(self.raw("/videos", b'{"data":["' + b"x" * 600_000 + b'"]}')[0], 413)

    def test_strangers_are_not_heard(self) -> None:
        """Whatever they sign."""
        for path in ("/videos", "/videos/qadu", "/videos/events", "/pods/remove", "/pods/move", "/pods/change-key"):
            self.assertEqual(self.send(path, {"data": []}), (403, "unknown_pod"), path)

    def test_the_videos_of_others(self) -> None:
        """Neither removed nor changed nor counted nor kept away by a friend whose they are not."""
        self.become_friends()
        for uuid in self.uuids:
            items = [
                {"type": "remove-video", "data": {"uuid": uuid}},
                {"type": "keep", "data": {"kind": "video", "after": "", "uuids": []}},
                {"type": "keep", "data": {"kind": "author", "after": "", "uuids": []}},
                {"type": "explode", "data": {}},
            ]
            self.assertEqual(self.send("/videos", {"data": items})[0], 200)
            counters = {"data": {"uuid": uuid, "views": 10**6, "likes": 10**6}}
            self.assertEqual(self.send("/videos/qadu", {"data": [counters]})[0], 200)
            self.assertEqual(self.victim.call("GET", f"/videos/{uuid}")["views"], 0)
        event = {"data": {"uuid": self.uuids[1], "eventType": "views", "count": 1000}}
        self.assertEqual(self.send("/videos/events", {"data": [event]})[0], 200)
        self.assertEqual(self.victim.call("GET", f"/videos/{self.uuids[1]}")["views"], 0)

    def test_spellings(self) -> None:
        """A pod is not its own friend under another name, and a friend is not two under two."""
        port = self.host().partition(":")[2]
        for own in (f"LOCALHOST.:{port}", f"localhost:0{port}", f"root@localhost:{port}", f"http://localhost:{port}"):
            with self.assertRaises(ApiError) as raised:
                self.victim.call("POST", "/pods/make-friends", json_body={"hosts": [own]})
            self.assertEqual(raised.exception.status, 400, own)
        self.become_friends()
        evil_port = self.evil.host.partition(":")[2]
        for name in ("localhost.", "LOCALHOST", "xn--localhost-", "local_host."):
            sender = f"{name}:{evil_port}"
            self.assertEqual(self.send("/pods/add", self.evil.offer(host=sender), sender=sender)[0], 400, sender)
        for sender in (f"localhost:0{evil_port}",):
            self.assertEqual(self.send("/pods/add", self.evil.offer(host=sender), sender=sender)[0], 400, sender)
        self.assertEqual(self.friends(), {self.host(1), self.evil.host})

    def test_a_silent_friend_delays_nobody(self) -> None:
        """It takes the connection and never answers; the other friend hears all the same."""
        self.become_friends()
        self.evil.manner = "silent"
        name = self.rename()
        eventually(lambda: self.friend.call("GET", f"/videos/{self.uuids[0]}")["name"] == name)
        self.assertGreater(eventually(lambda: self.evil.waiting), 0)

    def test_a_flooding_friend_is_slowed(self) -> None:
        """429 with Retry-After; the pod goes on for others."""
        self.become_friends()
        refused = 0.0
        for _ in range(700):
            status, _, wait = self.evil.post(
                self.network.pods[0].origin,
                "/videos",
                self.evil.sealed("/videos", {"data": []}, receiver=self.host()),
            )
            if status == 429:
                refused = wait
                break
        self.assertTrue(0 < refused <= 60, refused)
        self.assertEqual(len(self.victim.videos()), 2)


class EndlessListTests(SynchronousTestCase):
    """A pod without friends asks a hostile one for its list."""

    def test_an_endless_list(self) -> None:
        """The attempt ends, with a reason, after a bounded number of bytes; the pod goes on."""
        network = shared_network("lonely", 1)
        (api,) = network.apis
        evil = EvilPod()
        self.addCleanup(evil.stop)
        evil.manner = "endless"
        api.call("POST", "/pods/make-friends", json_body={"hosts": [evil.host]})
        made = eventually(lambda: self._finished(api.call("GET", "/pods/make-friends")), seconds=60)
        self.assertEqual([one["result"] for one in made["results"]], ["unreachable"])
        self.assertIn("larger than it may be", made["results"][0]["detail"])
        self.assertLess(evil.sent, 64 * 2**20)
        self.assertEqual(api.call("GET", "/pods")["total"], 0)

    def _finished(self, attempt: dict[str, object]) -> dict[str, object] | None:
        return attempt if attempt["finishedAt"] else None
