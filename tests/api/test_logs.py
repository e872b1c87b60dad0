"""``/server/logs`` and the page, on a whole pod."""

from urllib.parse import quote

from twisted.trial.unittest import TestCase

from tests.network import Network, request
from tests.storage.deferred import deferred

SINCE = "2020-01-01T00:00:00Z"


class LogsTests(TestCase):
    """Browsers report, the admin reads."""

    async def setUp(self) -> None:
        self.network = Network(1)
        await self.network.start()
        self.pod = self.network.pods[0]

    async def tearDown(self) -> None:
        await self.network.stop()

    async def report(self, **more: object) -> int:
        body = {"level": "warn", "message": "It <broke>", "url": "http://pod1.example/w/1", **more}
        return (await self.pod.call("POST", "/server/logs/client", body)).status

    async def test_a_report_is_read(self) -> None:
        self.assertEqual(204, await self.report(stackTrace="at x", userAgent="Browser"))
        self.assertEqual(204, await self.report(level="error", message="Worse"))
        lines = (await self.pod.get(f"/server/logs?startDate={SINCE}&level=warn&tagsOneOf=client")).json
        self.assertEqual([("warn", "peertube.client"), ("error", "peertube.client")], [
            (line["level"], line["label"]) for line in lines
        ])  # fmt: skip
        self.assertIn("It <broke> at http://pod1.example/w/1 (Browser)", lines[0]["message"])
        self.assertEqual(["client"], lines[0]["tags"])
        self.assertRegex(lines[0]["timestamp"], r"^20\d\d-\d\d-\d\dT[0-9:.]+Z$")
        worse = (await self.pod.get(f"/server/logs?startDate={SINCE}&level=error&tagsOneOf=client")).json
        self.assertEqual(1, len(worse))
        past = quote("2020-02-01T00:00:00+02:00")
        self.assertEqual([], (await self.pod.get(f"/server/logs?startDate={SINCE}&endDate={past}")).json)

    async def test_refusals(self) -> None:
        for path in ("/server/logs", "/server/logs?startDate=x", f"/server/logs?startDate={SINCE}&level=loud"):
            self.assertEqual(400, (await self.pod.get(path)).status, path)
        for wrong in ({"level": "info"}, {"message": ""}, {"url": None}, {"message": "x" * 5_000}):
            self.assertEqual(400, await self.report(**wrong), wrong)
        answer = await request(self.pod.node, "GET", f"/api/v1/server/logs?startDate={SINCE}", {})
        self.assertEqual(401, answer.status)

    async def test_reports_are_limited(self) -> None:
        """Strangers do not fill the log."""
        self.assertEqual([204] * 10 + [429], [await self.report() for _ in range(11)])


class NoReportsTests(TestCase):
    """A pod that takes none."""

    async def test_refused(self) -> None:
        network = Network(1, lambda: {"log": {"accept_client_log": False}})
        await network.start()
        self.addCleanup(lambda: deferred(network.stop()))
        body = {"level": "warn", "message": "It broke", "url": "http://pod1.example/w/1"}
        self.assertEqual(403, (await network.pods[0].call("POST", "/server/logs/client", body)).status)
