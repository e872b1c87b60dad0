"""``/config/custom`` on a whole pod."""

from twisted.trial.unittest import TestCase

from tests.network import Network, request


class CustomConfigurationTests(TestCase):
    """What the admin changes is what everybody sees."""

    async def setUp(self) -> None:
        self.network = Network(1)
        await self.network.start()
        self.pod = self.network.pods[0]

    async def tearDown(self) -> None:
        await self.network.stop()

    async def page(self, path: str) -> str:
        return (await request(self.pod.node, "GET", path, {})).body.decode()

    async def test_texts_and_quotas_change_everywhere_without_a_restart(self) -> None:
        tree = (await self.pod.get("/config/custom")).json
        tree["instance"] |= {"name": "Cats & dogs", "terms": "No birds", "shortDescription": "Of pets"}
        tree["user"]["videoQuota"] = 1_000_000
        tree["upload"]["maxFileSize"] = 2_000
        tree["transcoding"] = {"enabled": True}
        answer = await self.pod.call("PUT", "/config/custom", tree)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["instance"]["name"], "Cats & dogs")
        config = (await self.pod.get("/config")).json
        self.assertEqual(config["instance"]["name"], "Cats & dogs")
        self.assertEqual(config["user"]["videoQuota"], 1_000_000)
        self.assertEqual((await self.pod.get("/config/about")).json["instance"]["terms"], "No birds")
        self.assertIn("Cats &amp; dogs", await self.page("/"))
        self.assertIn("No birds", await self.page("/about"))
        made = {"username": "bob", "password": "password", "email": "bob@pod.example"}
        number = (await self.pod.call("POST", "/users", made)).json["user"]["id"]
        self.assertEqual((await self.pod.get(f"/users/{number}")).json["videoQuota"], 1_000_000)
        with self.assertRaisesRegex(AssertionError, "413"):
            await self.pod.upload(b"x" * 3_000, "Too large")
        self.assertEqual((await self.pod.call("DELETE", "/config/custom")).json["instance"]["name"], "PeerTube")
        self.assertEqual((await self.pod.get("/config")).json["instance"]["name"], "PeerTube")
        log = (await self.pod.get("/server/audit-logs?startDate=2020-01-01T00:00:00Z")).json
        self.assertEqual([entry["action"] for entry in log], ["reset", "update"])

    async def test_changes_survive_a_restart(self) -> None:
        await self.pod.call("PUT", "/config/custom", {"instance": {"name": "Kept"}})
        await self.pod.restart()
        self.assertEqual((await self.pod.get("/config")).json["instance"]["name"], "Kept")

    async def test_wrong_values_are_named(self) -> None:
        sent = {"instance": {"name": "", "categories": [99]}, "user": {"videoQuota": "much"}, "admin": {"email": "me"}}
        answer = await self.pod.call("PUT", "/config/custom", sent)
        self.assertEqual(answer.status, 400)
        self.assertEqual(
            sorted(answer.json["invalid-params"]),
            ["admin.email", "instance.categories", "instance.name", "user.videoQuota"],
        )
