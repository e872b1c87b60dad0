"""The JSON of videos against answers that a real PeerTube 6.3 gave: same names, same types."""

from typing import Any

from attrs import evolve

from peertube.model.videos import NewVideoFile
from peertube.storage import videos
from tests.api.video_api import VideoApiCase
from tests.storage.publishers import add_account, new_video, uuid_of

CONSTANT = {"id": int, "label": str}
LANGUAGE = {"id": str, "label": str}
PICTURE = {"fileUrl": str, "width": int, "height": int, "aspectRatio": str}
NEWER = {"nsfwFlags": int, "nsfwSummary": None, "thumbnails": [PICTURE]}
"""Names that 7.2 and 8.1 gave."""

COMMON: dict[str, Any] = {
    "id": int,
    "uuid": str,
    "shortUUID": str,
    "url": str,
    "name": str,
    "category": CONSTANT,
    "licence": CONSTANT,
    "language": LANGUAGE,
    "privacy": CONSTANT,
    "nsfw": bool,
    "truncatedDescription": str,
    "description": str,
    "isLocal": bool,
    "duration": int,
    "aspectRatio": float,
    "views": int,
    "viewers": int,
    "likes": int,
    "dislikes": int,
    "thumbnailPath": str,
    "previewPath": str,
    "embedPath": str,
    "createdAt": str,
    "updatedAt": str,
    "publishedAt": str,
    "originallyPublishedAt": None,
    "isLive": bool,
    **NEWER,
}
OWNER_SUMMARY = {"id": int, "displayName": str, "name": str, "url": str, "host": str, "avatars": []}
SUMMARY = {**COMMON, "account": OWNER_SUMMARY, "channel": OWNER_SUMMARY}
REMOTE_ACCOUNT = {
    "url": str,
    "name": str,
    "host": str,
    "avatars": [],
    "id": int,
    "followingCount": int,
    "followersCount": int,
    "createdAt": str,
    "displayName": str,
    "description": None,
    "updatedAt": str,
}
ACCOUNT = {**REMOTE_ACCOUNT, "hostRedundancyAllowed": bool, "userId": int}
REMOTE_CHANNEL = {
    **REMOTE_ACCOUNT,
    "banners": [],
    "support": None,
    "isLocal": bool,
    "streamDirectory": None,
    "ownerAccount": REMOTE_ACCOUNT,
}
CHANNEL = {**REMOTE_CHANNEL, "hostRedundancyAllowed": bool, "ownerAccount": ACCOUNT}
FILE = {
    "id": int,
    "resolution": CONSTANT,
    "width": int,
    "height": int,
    "magnetUri": str,
    "size": int,
    "fps": int,
    "torrentUrl": str,
    "torrentDownloadUrl": str,
    "fileUrl": str,
    "fileDownloadUrl": str,
    "metadataUrl": str,
    "hasAudio": bool,
    "hasVideo": bool,
    "storage": int,
}
DETAILS = {
    **COMMON,
    "account": ACCOUNT,
    "channel": CHANNEL,
    "blacklisted": bool,
    "blacklistedReason": None,
    "streamingPlaylists": [],
    "files": [FILE],
    "support": None,
    "descriptionPath": str,
    "tags": [str],
    "commentsEnabled": bool,
    "commentsPolicy": CONSTANT,
    "downloadEnabled": bool,
    "waitTranscoding": bool,
    "inputFileUpdatedAt": None,
    "state": CONSTANT,
    "trackerUrls": [str],
}
UNSET = {"id": None, "label": str}


def shape(value: Any) -> Any:
    """The names and types of a JSON value; of a list, the shape of its first item."""
    match value:
        case None:
            return None
        case dict():
            return {name: shape(one) for name, one in value.items()}
        case list():
            return [shape(value[0])] if value else []
    return type(value)


class ShapeTests(VideoApiCase):
    """Programs written for PeerTube read these."""

    async def test_lists_and_details(self) -> None:
        """A video with everything set."""
        uuid = await self.publish(
            category=2, licence=1, language="en", description="A description with **markdown**", tags=("tag1", "tag2")
        )
        listed = await self.get("/videos")
        self.assertEqual(shape(listed), {"total": int, "data": [SUMMARY]})
        self.assertEqual(shape(await self.get("/search/videos?search=video")), {"total": int, "data": [SUMMARY]})
        details = await self.get(f"/videos/{uuid}")
        self.assertEqual(shape(details), DETAILS)
        self.assertEqual(details["category"], {"id": 2, "label": "Films"})
        self.assertEqual(details["language"], {"id": "en", "label": "English"})
        self.assertEqual(details["commentsPolicy"], {"id": 1, "label": "Enabled"})
        self.assertEqual(details["createdAt"], "2023-11-14T22:13:20.000Z")
        self.assertEqual(details["account"]["host"], "pod.example:9001")
        self.assertEqual(details["url"], f"http://pod.example:9001/videos/watch/{uuid}")
        self.assertEqual(
            await self.get(details["descriptionPath"].removeprefix("/api/v1")), {"description": details["description"]}
        )
        (file,) = details["files"]
        metadata = await self.get(file["metadataUrl"].removeprefix("http://pod.example:9001/api/v1"))
        self.assertEqual(metadata["streams"][0]["width"], 640)
        await self.get(f"/videos/{uuid}/metadata/999", status=404)
        await self.get(f"/videos/{uuid}/metadata/x", status=400)

    async def test_magnet(self) -> None:
        """As recorded, with our trackers."""
        uuid = await self.publish()
        (file,) = (await self.get(f"/videos/{uuid}"))["files"]
        magnet = file["magnetUri"]
        self.assertTrue(magnet.startswith("magnet:?xs=http%3A%2F%2Fpod.example%3A9001%2Flazy-static%2Ftorrents%2F"))
        for part in (
            "&xt=urn:btih:",
            "&dn=A+video&",
            "&tr=ws%3A%2F%2Fpod.example%3A9001%2Ftracker%2Fsocket",
            "&tr=http%3A%2F%2Fpod.example%3A9001%2Ftracker%2Fannounce",
            "&ws=http%3A%2F%2Fpod.example%3A9001%2Fstatic%2Fweb-videos%2F",
        ):
            self.assertIn(part, magnet)

    async def test_video_that_is_not_ready(self) -> None:
        """No torrent, no pictures yet: null, not nonsense."""
        uuid = await self.upload()
        details = await self.get(f"/videos/{uuid}")
        (file,) = details["files"]
        self.assertEqual((file["magnetUri"], file["torrentUrl"], details["thumbnailPath"]), (None, None, None))
        self.assertEqual(details["thumbnails"], [])
        self.assertEqual(details["state"], {"id": 2, "label": "To transcode"})
        self.assertEqual((await self.get("/videos"))["total"], 0)

    async def test_video_of_a_friend(self) -> None:
        """URLs and trackers are those that its origin named; our own numbers and rights are left out."""
        await self.database.write(self._add_remote)
        details = await self.get(f"/videos/{uuid_of(7)}")
        file = {**FILE, "storage": None}
        common = {"category": UNSET, "licence": UNSET, "language": UNSET, "description": None, "tags": []}
        common |= {"truncatedDescription": None}
        expected = {**DETAILS, **common, "account": REMOTE_ACCOUNT, "channel": REMOTE_CHANNEL, "files": [file]}
        self.assertEqual(shape(details), expected)
        self.assertEqual(details["url"], f"http://b.example/videos/watch/{uuid_of(7)}")
        self.assertEqual(details["previewPath"], f"/lazy-static/previews/{uuid_of(7)}.jpg")
        self.assertEqual(details["trackerUrls"], ["ws://b.example/tracker/socket"])
        (shown,) = details["files"]
        self.assertEqual(shown["fileUrl"], "http://b.example/static/web-videos/f.mp4")
        self.assertIn("tr=ws%3A%2F%2Fb.example%2Ftracker%2Fsocket&ws=http%3A%2F%2Fb.example", shown["magnetUri"])
        self.assertEqual(details["account"]["host"], "b.example")

    async def _add_remote(self, tx: Any) -> None:
        _, channel = await add_account(tx, "friend", host="b.example")
        video = evolve(
            new_video(7, channel, host="b.example"),
            preview_name=None,
            preview_url="http://b.example/static/previews/x.jpg",
            trackers=("ws://b.example/tracker/socket",),
        )
        file = NewVideoFile(
            resolution=360,
            width=640,
            height=360,
            fps=25,
            extname=".mp4",
            size=10,
            has_audio=True,
            has_video=True,
            info_hash="b" * 40,
            file_url="http://b.example/static/web-videos/f.mp4",
            torrent_url="http://b.example/lazy-static/torrents/t.torrent",
        )
        await videos.add(tx, video, [file])

    async def test_long_descriptions_are_cut_in_lists(self) -> None:
        """250 characters there, all of it in the details."""
        text = "word " * 100
        uuid = await self.publish(description=text)
        (item,) = (await self.get("/videos"))["data"]
        self.assertLessEqual(len(item["description"]), 250)
        self.assertTrue(item["description"].endswith("word..."))
        self.assertEqual(item["description"], item["truncatedDescription"])
        self.assertEqual((await self.get(f"/videos/{uuid}"))["description"], text)
