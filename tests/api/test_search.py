"""``/api/v1/search`` as programs see it."""

from typing import Any

from peertube.model.videos import Privacy
from peertube.policy.short_uuid import shorten
from peertube.storage import pods
from tests.api.video_api import VideoApiCase
from tests.storage.publishers import NOW_MS, add_account, add_video, uuid_of


class SearchTests(VideoApiCase):
    """Videos of two channels here and of one of a friend."""

    async def more(self) -> None:
        await super().more()
        _, far = await self.database.write(add_account, "far", host="b.example")
        await self.database.write(
            pods.add, host="b.example", email="", public_key="", protocol=3, score=0, now_ms=NOW_MS
        )
        await self.database.write(add_video, 1, self.alice.channel_id, name="Amber", tags=("stone",))
        await self.database.write(add_video, 2, far, name="Amber far away", host="b.example")
        await self.database.write(add_video, 3, self.alice.channel_id, name="Amber for nobody", privacy=Privacy.PRIVATE)
        await self.database.write(add_video, 4, self.alice.channel_id, name="Link only", privacy=Privacy.UNLISTED)

    async def found(self, what: str, **more: Any) -> list[str]:
        """Names of what is found."""
        query = "&".join(f"{key}={value}" for key, value in more.items() if key != "token")
        answer = await self.get(f"/search/{what}?{query}", more.get("token"))
        self.assertEqual(answer["total"], len(answer["data"]))
        return [one["displayName" if what == "video-channels" else "name"] for one in answer["data"]]

    async def test_videos_by_words(self) -> None:
        """The usual case: public ones, best first, errors forgiven."""
        self.assertEqual(await self.found("videos", search="amber"), ["Amber", "Amber far away"])
        self.assertEqual(await self.found("videos", search="%C3%A2mbre"), ["Amber", "Amber far away"])
        self.assertEqual(await self.found("videos", search="stone", host="pod.example:9001"), ["Amber"])
        self.assertEqual(await self.found("videos", search="amber", host="b.example"), ["Amber far away"])
        self.assertEqual(await self.found("videos", search="nothing"), [])

    async def test_videos_by_address(self) -> None:
        """Of this pod and of friends; only for those who may see them."""
        here = "http://pod.example:9001"
        self.assertEqual(await self.found("videos", search=f"{here}/w/{shorten(uuid_of(1))}"), ["Amber"])
        self.assertEqual(await self.found("videos", search=f"{here}/w/{uuid_of(2)}"), ["Amber far away"])
        self.assertEqual(
            await self.found("videos", search=f"http://b.example/videos/watch/{uuid_of(2)}"), ["Amber far away"]
        )
        self.assertEqual(await self.found("videos", search=f"http://c.example/w/{uuid_of(1)}"), [])
        self.assertEqual(await self.found("videos", search=f"{here}/w/{uuid_of(4)}"), ["Link only"])
        private = f"{here}/w/{uuid_of(3)}"
        self.assertEqual(await self.found("videos", search=private), [])
        self.assertEqual(await self.found("videos", search=private, token="alice"), ["Amber for nobody"])
        self.assertEqual(await self.found("videos", search="http://unknown.example/watch"), [])

    async def test_channels_by_words(self) -> None:
        """By name and what they are called."""
        self.assertEqual(await self.found("video-channels", search="alice"), ["Main alice channel"])
        self.assertEqual(await self.found("video-channels", search="alcie"), ["Main alice channel"])
        self.assertEqual(await self.found("video-channels", search="far", host="b.example"), ["Main far channel"])
        self.assertEqual(await self.found("video-channels", search="far", host="pod.example:9001"), [])
        self.assertEqual(
            await self.found("video-channels", sort="displayName"),
            ["Main alice channel", "Main bob channel", "Main far channel", "Main maud channel"],
        )
        self.assertEqual((await self.found("video-channels"))[-1], "Main alice channel")

    async def test_channels_by_handle(self) -> None:
        """Several as a list, one as what somebody pasted."""
        handles = (
            "/search/video-channels?handles=alice_channel&handles=far_channel@b.example&handles=x@@&sort=createdAt"
        )
        answer = await self.get(handles)
        self.assertEqual([one["name"] for one in answer["data"]], ["alice_channel", "far_channel"])
        for search in ("far_channel@b.example", "@far_channel@b.example", "http://b.example/c/far_channel"):
            self.assertEqual(await self.found("video-channels", search=search), ["Main far channel"])
        self.assertEqual(await self.found("video-channels", search="/c/alice_channel"), ["Main alice channel"])
        self.assertEqual(await self.found("video-channels", search="nobody@b.example"), [])
        self.assertEqual(await self.found("video-channels", search="http://b.example/a/far"), [])

    async def test_playlists(self) -> None:
        """None yet, said as PeerTube says it."""
        self.assertEqual(await self.get("/search/video-playlists?search=x"), {"total": 0, "data": []})
        self.assertEqual(await self.get("/search/video-playlists?search=x&skipCount=true"), {"data": []})

    async def test_wrong_parameters(self) -> None:
        """Are named."""
        for path, field in (
            ("videos?sort=nothing", "sort"),
            ("video-channels?sort=views", "sort"),
            ("video-channels?count=101", "count"),
            ("video-playlists?uuids=x", "uuids"),
        ):
            answer = await self.get(f"/search/{path}", status=400)
            self.assertEqual(list(answer["invalid-params"]), [field])
