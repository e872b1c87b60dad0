"""What programs see of watching: histories, resume positions, statistics."""

from tests.api.video_api import VideoApiCase


class WatchingTests(VideoApiCase):
    """Bob watches a video of alice."""

    async def watch(self, uuid: str, *positions: int, token: str | None = "bob") -> None:
        for position in positions:
            told = {"currentTime": position, "sessionId": "s", "client": "Firefox", "device": "desktop"}
            answer = await self.ask("PUT", f"/videos/{uuid}/watching", token=token, json=told)
            self.assertEqual(answer.status, 204, answer.body)

    async def test_history(self) -> None:
        """Where one was is in every representation, and only one's own."""
        uuid, other = await self.publish(), await self.publish()
        await self.watch(uuid, 0, 4)
        (listed,) = (await self.get("/users/me/history/videos", "bob"))["data"]
        self.assertEqual((listed["uuid"], listed["userHistory"]), (uuid, {"currentTime": 4}))
        self.assertEqual((await self.get(f"/videos/{uuid}", "bob"))["userHistory"], {"currentTime": 4})
        self.assertNotIn("userHistory", await self.get(f"/videos/{uuid}", "alice"))
        for path in ("/videos", "/search/videos?search=video"):
            found = {one["uuid"]: one.get("userHistory") for one in (await self.get(path, "bob"))["data"]}
            self.assertEqual(found, {uuid: {"currentTime": 4}, other: None}, path)
        fresh = (await self.get("/videos?excludeAlreadyWatched=true", "bob"))["data"]
        self.assertEqual([one["uuid"] for one in fresh], [other])
        await self.get("/videos?excludeAlreadyWatched=true", status=400)
        answer = await self.ask("DELETE", f"/users/me/history/videos/{listed['id']}", token="bob")
        self.assertEqual(answer.status, 204)
        await self.watch(uuid, 5)
        answer = await self.ask("POST", "/users/me/history/videos/remove", token="bob", json={})
        self.assertEqual(answer.status, 204)
        self.assertEqual((await self.get("/users/me/history/videos", "bob"))["total"], 0)

    async def test_statistics(self) -> None:
        """For the owner and moderators."""
        uuid = await self.publish()
        await self.watch(uuid, 0, 5, 10, token=None)
        for token, status in ((None, 401), ("bob", 403)):
            await self.get(f"/videos/{uuid}/stats/overall", token, status)
        for token in ("alice", "maud"):
            overall = await self.get(f"/videos/{uuid}/stats/overall", token)
            self.assertEqual((overall["totalViewers"], overall["totalWatchTime"]), (1, 10))
            self.assertEqual((overall["averageWatchTime"], overall["viewersPeak"], overall["countries"]), (10, 1, []))
        series = await self.get(f"/videos/{uuid}/stats/timeseries/viewers", "alice")
        self.assertEqual((series["groupInterval"], [one["value"] for one in series["data"]]), ("1 hour", [1]))
        retention = (await self.get(f"/videos/{uuid}/stats/retention", "alice"))["data"]
        self.assertEqual(retention[0], {"second": 0, "retentionPercent": 100.0})
        agents = await self.get(f"/videos/{uuid}/stats/user-agent", "alice")
        self.assertEqual(agents["clients"], [{"name": "Firefox", "viewers": 1}])
        self.assertEqual(agents["devices"], [{"name": "desktop", "viewers": 1}])
        for path in ("timeseries/likes", "overall?startDate=2020-01-01", "overall?startDate=soon"):
            await self.get(f"/videos/{uuid}/stats/{path}", "alice", 400)

    async def test_chapters(self) -> None:
        """Set by the owner, read by all."""
        uuid = await self.publish()
        wanted = {"chapters": [{"timecode": 0, "title": "Start"}, {"timecode": 5, "title": "End"}]}
        self.assertEqual((await self.ask("PUT", f"/videos/{uuid}/chapters", token="bob", json=wanted)).status, 403)
        self.assertEqual((await self.ask("PUT", f"/videos/{uuid}/chapters", token="alice", json=wanted)).status, 204)
        self.assertEqual(await self.get(f"/videos/{uuid}/chapters"), wanted)
        wrong = {"chapters": [{"timecode": 999, "title": "Beyond"}]}
        answer = await self.ask("PUT", f"/videos/{uuid}/chapters", token="alice", json=wrong)
        self.assertEqual((answer.status, list(answer.json["invalid-params"])), (400, ["chapters"]))
