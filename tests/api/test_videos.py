"""Lists, details, changes, ratings, views and searches over HTTP."""

from peertube.model.videos import Privacy, SensitiveFlags
from peertube.policy.short_uuid import shorten
from tests.api.video_api import VideoApiCase
from tests.storage.publishers import add_video, uuid_of


class ListTests(VideoApiCase):
    """Parameters of lists."""

    async def test_every_wrong_parameter_is_named(self) -> None:
        """All at once, with 400."""
        query = (
            "start=-1&count=101&sort=nonsense&categoryOneOf=x&nsfw=maybe&isLocal=perhaps&include=9999&privacyOneOf=9"
            "&filter=local&search=" + "x" * 501
        )
        problem = await self.get(f"/videos?{query}", status=400)
        wrong = "start count sort categoryOneOf nsfw isLocal include privacyOneOf filter search"
        self.assertEqual(set(problem["invalid-params"]), set(wrong.split()))
        query = "sort=trending&startDate=yesterday&durationMin=-1&uuids=x&searchTarget=moon&host=" + "h" * 301
        problem = await self.get(f"/search/videos?{query}", status=400)
        wrong = "sort startDate durationMin uuids searchTarget host"
        self.assertEqual(set(problem["invalid-params"]), set(wrong.split()))
        problem = await self.get("/users/me/videos?count=x&channelId=0", "alice", status=400)
        self.assertEqual(set(problem["invalid-params"]), {"count", "channelId"})

    async def test_filters_reach_the_list(self) -> None:
        """By their names on the wire, repeated or with brackets."""
        channel = self.alice.channel_id
        fields = {"category": 1, "tags": ("one", "two"), "nsfw": True, "nsfw_flags": SensitiveFlags.EXPLICIT_SEX}
        await self.database.write(add_video, 1, channel, language="fr", **fields)
        await self.database.write(add_video, 2, channel, category=2, licence=2, tags=("two",))
        for query, expected in (
            ("categoryOneOf=1&categoryOneOf=2", [2, 1]),
            ("categoryOneOf[]=1", [1]),
            ("licenceOneOf=2", [2]),
            ("languageOneOf=_unknown", [2]),
            ("tagsAllOf=one&tagsAllOf=two", [1]),
            ("tagsOneOf=one", [1]),
            ("nsfw=true", [1]),
            ("nsfw=false", [2]),
            ("nsfw=both", [2, 1]),
            ("nsfw=false&nsfwFlagsIncluded=2", [2, 1]),
            ("nsfw=false&nsfwFlagsIncluded=4", [2]),
            ("nsfw=true&nsfwFlagsIncluded=4", []),
            ("nsfw=both&nsfwFlagsExcluded=6", [2]),
            ("sort=localVideoFilesSize", [1, 2]),
            ("includeScheduledLive=true", [2, 1]),
            ("isLive=true", []),
            ("hasHLSFiles=true", []),
            ("hasWebVideoFiles=true", [2, 1]),
            ("isLocal=false", []),
            ("host=POD.example:9001", [2, 1]),
            ("sort=publishedAt", [1, 2]),
            ("start=1&count=1", [1]),
            ("search=VID%C3%89O", [2, 1]),
            ("unknown=parameter", [2, 1]),
        ):
            data = (await self.get(f"/videos?{query}"))["data"]
            self.assertEqual([int(item["uuid"][-3:]) for item in data], expected, query)
        for query, expected in (
            ("search=video&durationMin=12", [2]),
            ("startDate=2023-11-14T22:13:22Z", [2]),
            ("endDate=2023-11-14T22:13:21.500Z&sort=-createdAt", [1]),
            (f"uuids={uuid_of(1)}", [1]),
            (f"uuids={shorten(uuid_of(2))}", [2]),
            ("originallyPublishedStartDate=2000-01-01", []),
        ):
            data = (await self.get(f"/search/videos?{query}"))["data"]
            self.assertEqual([int(item["uuid"][-3:]) for item in data], expected, query)

    async def test_total_is_left_out_when_nobody_wants_it(self) -> None:
        """It costs a question."""
        self.assertEqual(await self.get("/videos?skipCount=true"), {"data": []})

    async def test_more_for_those_who_may(self) -> None:
        """401 for the others; state and files on request."""
        await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.PRIVATE)
        for query in ("privacyOneOf=3", "include=1", "autoTagOneOf=x"):
            for token in (None, "alice"):
                await self.get(f"/videos?{query}", token, status=401)
        listed = await self.get("/videos?privacyOneOf=3&include=8", "maud")
        self.assertEqual(listed["data"][0]["state"], {"id": 1, "label": "Published"})
        self.assertEqual(len(listed["data"][0]["files"]), 1)
        self.assertEqual((await self.get("/videos?privacyOneOf=3&autoTagOneOf=external-link", "maud"))["data"], [])
        listed = await self.get("/videos?privacyOneOf=3&include=32", "maud")
        self.assertIsNone(listed["data"][0]["videoSource"])

    async def test_internal_videos_are_listed_to_users(self) -> None:
        """And what a video was made of to moderators."""
        await self.publish(privacy=Privacy.INTERNAL, filename="my holiday.mp4")
        for path in ("/videos", "/search/videos?search=video", "/accounts/alice/videos"):
            self.assertEqual((await self.get(path))["total"], 0, path)
            self.assertEqual((await self.get(path, "bob"))["total"], 1, path)
        (listed,) = (await self.get("/videos?privacyOneOf=4&include=32", "maud"))["data"]
        self.assertEqual(listed["videoSource"]["inputFilename"], "my holiday.mp4")
        await self.get("/videos?excludeAlreadyWatched=true", status=400)
        await self.get("/videos?excludeAlreadyWatched=true", "bob")

    async def test_of_accounts_channels_and_mine(self) -> None:
        """Mine hold the private ones; each has its state."""
        await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.PRIVATE)
        await self.database.write(add_video, 2, self.alice.channel_id)
        self.assertEqual((await self.get("/accounts/alice/videos"))["total"], 1)
        self.assertEqual((await self.get("/video-channels/alice_channel@pod.example:9001/videos"))["total"], 1)
        await self.get("/accounts/nobody/videos", status=404)
        await self.get("/video-channels/nobody@b.example/videos", status=404)
        mine = await self.get("/users/me/videos", "alice")
        self.assertEqual((mine["total"], mine["data"][0]["waitTranscoding"]), (2, False))
        self.assertEqual((await self.get(f"/users/me/videos?channelId={self.bob.channel_id}", "alice"))["total"], 0)
        await self.get("/users/me/videos", status=401)

    async def test_constants(self) -> None:
        """Numbers are texts in JSON."""
        self.assertEqual((await self.get("/videos/categories"))["11"], "News & Politics")
        self.assertEqual((await self.get("/videos/licences"))["7"], "Public Domain Dedication")
        self.assertEqual((await self.get("/videos/languages"))["zxx"], "No linguistic content")
        self.assertEqual((await self.get("/videos/privacies"))["1"], "Public")


class OneVideoTests(VideoApiCase):
    """A video, from seeing to removing it."""

    async def status(self, method: str, path: str, **more: object) -> int:
        return (await self.ask(method, path, **more)).status

    async def test_unknown_and_hidden(self) -> None:
        """400 for what is no id, 404, 401, 403."""
        await self.database.write(add_video, 1, self.alice.channel_id, privacy=Privacy.PRIVATE)
        self.assertEqual((await self.get("/videos/12345", status=404))["detail"], "Video not found")
        await self.get(f"/videos/{uuid_of(9)}", status=404)
        await self.get("/videos/nonsense", status=400)
        await self.get(f"/videos/{uuid_of(1)}", status=401)
        await self.get(f"/videos/{uuid_of(1)}", "bob", status=403)
        await self.get(f"/videos/{uuid_of(1)}/description", status=401)
        await self.get(f"/videos/{uuid_of(1)}", "alice")

    async def test_update_by_json_and_form(self) -> None:
        """204; what is left out stays."""
        uuid = await self.publish(tags=("one",), category=3)
        path = f"/videos/{uuid}"
        changes = {"name": "Another", "category": None, "commentsEnabled": False, "originallyPublishedAt": "2001-02-03"}
        self.assertEqual(await self.status("PUT", path, token="alice", json=changes), 204)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = b"tags[]=two&tags[]=three&privacy=2&description=&downloadEnabled=false&licence=null"
        self.assertEqual(await self.status("PUT", path, token="alice", headers=form, body=body), 204)
        shown = await self.get(path)
        self.assertEqual((shown["name"], shown["tags"], shown["privacy"]["id"]), ("Another", ["two", "three"], 2))
        self.assertEqual((shown["category"]["id"], shown["commentsPolicy"]["id"]), (None, 2))
        self.assertEqual((shown["commentsEnabled"], shown["downloadEnabled"]), (False, False))
        self.assertEqual(shown["originallyPublishedAt"], "2001-02-03T00:00:00.000Z")

    async def test_update_names_every_wrong_field(self) -> None:
        """400 with all of them; nothing changes."""
        uuid = await self.publish()
        wrong = {
            "name": "x",
            "category": 99,
            "licence": "many",
            "language": "klingon!",
            "privacy": 6,
            "tags": ["a"],
            "description": "x",
            "support": 5,
            "nsfw": "perhaps",
            "commentsPolicy": 9,
            "channelId": 0,
            "originallyPublishedAt": "once",
            "scheduleUpdate": {"updateAt": "some day"},
            "nsfwFlags": 99,
            "nsfwSummary": "x",
            "videoPasswords": ["same", "same"],
        }
        answer = await self.ask("PUT", f"/videos/{uuid}", token="alice", json=wrong)
        self.assertEqual(
            (answer.status, set(answer.json["invalid-params"])),
            (400, {*wrong, "scheduleUpdate.updateAt"} - {"scheduleUpdate"}),
        )
        self.assertIn("between 3 and 120", answer.json["invalid-params"]["name"]["msg"])
        self.assertEqual((await self.get(f"/videos/{uuid}"))["name"], "A video")

    async def test_who_may_change_and_remove(self) -> None:
        """401 without a token, 403 for others, moderators may."""
        uuid = await self.publish()
        for method in ("PUT", "DELETE"):
            self.assertEqual(await self.status(method, f"/videos/{uuid}"), 401)
            self.assertEqual(await self.status(method, f"/videos/{uuid}", token="bob"), 403)
            self.assertEqual(await self.status(method, f"/videos/{uuid_of(9)}", token="bob"), 404)
        self.assertEqual(await self.status("DELETE", f"/videos/{uuid}", token="maud"), 204)
        await self.get(f"/videos/{uuid}", status=404)

    async def test_rate(self) -> None:
        """Like, read, take back."""
        uuid = await self.publish()
        self.assertEqual(await self.status("PUT", f"/videos/{uuid}/rate", token="bob", json={"rating": "like"}), 204)
        mine = await self.get(f"/users/me/videos/{uuid}/rating", "bob")
        shown = await self.get(f"/videos/{uuid}")
        self.assertEqual(mine, {"videoId": shown["id"], "rating": "like"})
        self.assertEqual(shown["likes"], 1)
        self.assertEqual(await self.status("PUT", f"/videos/{uuid}/rate", token="bob", json={"rating": "none"}), 204)
        self.assertEqual(await self.status("PUT", f"/videos/{uuid}/rate", token="bob", json={"rating": "love"}), 400)
        self.assertEqual(await self.status("PUT", f"/videos/{uuid}/rate", json={"rating": "like"}), 401)

    async def test_watch(self) -> None:
        """Both names, both methods; viewers show at once."""
        uuid = await self.publish()
        for method, name, position in (("POST", "views", 0), ("PUT", "views", 4), ("PUT", "watching", 8)):
            body = {"currentTime": position, "sessionId": "s"}
            self.assertEqual(await self.status(method, f"/videos/{uuid}/{name}", json=body), 204)
        shown = await self.get(f"/videos/{uuid}")
        self.assertEqual((shown["views"], shown["viewers"]), (1, 1))
        for body in ({}, {"currentTime": -1}, {"currentTime": "x"}, {"currentTime": 1, "viewEvent": "dance"}):
            self.assertEqual(await self.status("POST", f"/videos/{uuid}/views", json=body), 400)
        self.assertEqual(await self.status("POST", f"/videos/{uuid_of(9)}/views", json={"currentTime": 1}), 404)
