"""Passwords of videos and tokens for their files, over HTTP."""

from peertube.model.videos import Privacy
from tests.api.video_api import VideoApiCase

HEADER = "x-peertube-video-password"


class PasswordApiTests(VideoApiCase):
    """As PeerTube's programs do it."""

    async def protected(self) -> str:
        return await self.publish(privacy=Privacy.PASSWORD_PROTECTED, passwords=("open sesame",))

    async def test_codes(self) -> None:
        """403 either way; the code says whether a password is missing or wrong."""
        path = f"/videos/{await self.protected()}"
        for headers, code in (({}, "video_requires_password"), ({HEADER: "x"}, "incorrect_video_password")):
            for more in ("", "/description"):
                answer = await self.ask("GET", path + more, headers=headers)
                self.assertEqual((answer.status, answer.json["code"]), (403, code))
        shown = await self.ask("GET", path, headers={HEADER: "open sesame"})
        self.assertEqual((shown.status, shown.json["privacy"]["id"]), (200, 5))
        self.assertIn("/static/web-videos/private/", shown.json["files"][0]["fileUrl"])
        self.assertNotIn("ws=", shown.json["files"][0]["magnetUri"])
        watched = {"currentTime": 1}
        for headers, status in (({}, 403), ({HEADER: "open sesame"}, 204)):
            self.assertEqual((await self.ask("POST", f"{path}/views", headers=headers, json=watched)).status, status)
            rated = await self.ask("PUT", f"{path}/rate", headers=headers, token="bob", json={"rating": "like"})
            self.assertEqual(rated.status, status)

    async def test_the_list(self) -> None:
        """Its owner reads, replaces, adds and takes them."""
        path = f"/videos/{await self.protected()}/passwords"
        (one,) = (await self.get(path, "alice"))["data"]
        self.assertEqual(set(one), {"id", "password", "videoId", "createdAt", "updatedAt"})
        self.assertEqual(one["password"], "open sesame")
        replaced = await self.ask("PUT", path, token="alice", json={"passwords": ["first", "second"]})
        self.assertEqual(replaced.status, 204)
        self.assertEqual((await self.ask("POST", path, token="alice", json={"password": "third"})).status, 204)
        found = await self.get(f"{path}?sort=createdAt&count=2", "maud")
        self.assertEqual((found["total"], [item["password"] for item in found["data"]]), (3, ["first", "second"]))
        number = found["data"][0]["id"]
        for token, status in ((None, 401), ("bob", 403), ("alice", 204), ("alice", 404)):
            self.assertEqual((await self.ask("DELETE", f"{path}/{number}", token=token)).status, status)
        for token, status in ((None, 401), ("bob", 403)):
            await self.get(path, token, status)
        for wrong in ({"passwords": ["x"]}, {"passwords": []}, {}, {"passwords": "text"}):
            answer = await self.ask("PUT", path, token="alice", json=wrong)
            self.assertEqual((answer.status, set(answer.json["invalid-params"])), (400, {"passwords"}))
        self.assertEqual((await self.ask("DELETE", f"{path}/x", token="alice")).status, 400)
        await self.get(f"/videos/{await self.publish()}/passwords", "alice", 400)

    async def test_by_update(self) -> None:
        """``videoPasswords`` beside the privacy."""
        path = f"/videos/{await self.publish()}"
        answer = await self.ask("PUT", path, token="alice", json={"privacy": 5})
        self.assertEqual((answer.status, set(answer.json["invalid-params"])), (400, {"videoPasswords"}))
        changes = {"privacy": 5, "videoPasswords": ["one two"]}
        self.assertEqual((await self.ask("PUT", path, token="alice", json=changes)).status, 204)
        self.assertEqual((await self.get(f"{path}/passwords", "alice"))["data"][0]["password"], "one two")

    async def test_tokens(self) -> None:
        """For those who may see the video; not kept by anything on the way."""
        path = f"/videos/{await self.protected()}/token"
        for headers, token, status in (
            ({}, None, 403),
            ({HEADER: "x"}, None, 403),
            ({HEADER: "open sesame"}, None, 200),
            ({}, "alice", 200),
            ({}, "bob", 403),
        ):
            answer = await self.ask("POST", path, headers=headers, token=token)
            self.assertEqual(answer.status, status)
        answer = await self.ask("POST", path, headers={HEADER: "open sesame"})
        self.assertEqual(set(answer.json["files"]), {"token", "expires"})
        self.assertIn("no-store", answer.header("Cache-Control"))
        self.assertEqual((await self.ask("POST", f"/videos/{await self.publish()}/token")).status, 401)

    async def test_schedules_are_shown(self) -> None:
        """As they were given, to those who see the video."""
        uuid = await self.publish(privacy=Privacy.PRIVATE)
        schedule = {"updateAt": "2030-01-02T03:04:05.000Z", "privacy": 2}
        changes = {"scheduleUpdate": schedule, "nsfw": True, "nsfwFlags": 5, "nsfwSummary": "Some blood"}
        self.assertEqual((await self.ask("PUT", f"/videos/{uuid}", token="alice", json=changes)).status, 204)
        shown = await self.get(f"/videos/{uuid}", "alice")
        self.assertEqual(shown["scheduledUpdate"], schedule)
        self.assertEqual((shown["nsfwFlags"], shown["nsfwSummary"]), (5, "Some blood"))
        (mine,) = (await self.get("/users/me/videos", "alice"))["data"]
        self.assertEqual(mine["scheduledUpdate"], schedule)
        changes = {"scheduleUpdate": None, "nsfw": False}
        self.assertEqual((await self.ask("PUT", f"/videos/{uuid}", token="alice", json=changes)).status, 204)
        shown = await self.get(f"/videos/{uuid}", "alice")
        self.assertEqual((shown.get("scheduledUpdate"), shown["nsfwFlags"], shown["nsfwSummary"]), (None, 0, None))
