"""What friends may tell: their own things, whole, and nothing else."""

import msgspec

from peertube.errors import Forbidden
from peertube.model.videos import VideoFields
from peertube.usecases import friend_items, lane_batches
from tests.pods.network import JPEG
from tests.usecases.test_pods import NetworkTests


class ItemsTests(NetworkTests):
    """Pod 1 listens, pod 2 is the origin of a video, pod 3 is a friend with bad intentions."""

    async def setUp(self) -> None:
        await super().setUp()
        await self.all_friends()
        self.listener, self.origin, self.evil = self.pods
        self.uuid = await self.origin.upload(await self.origin.add_author())
        self.evil_uuid = await self.evil.upload(await self.evil.add_author())
        await self.network.settle()
        self.sent = self.last_video(self.evil.host)
        self.network.requests.clear()

    def last_video(self, sender: str) -> dict:
        """The data of the last add-video that a pod sent."""
        for _, _, _, body in reversed(self.network.requests):
            if body.startswith(b'{"data":') and f'"host":"{sender}"'.encode() in body:
                for item in msgspec.json.decode(body)["data"]:
                    if item["type"] == "add-video":
                        return item["data"]
        raise AssertionError("no video was sent")

    async def tell(self, *items: object) -> None:
        """The evil pod tells the listener."""
        (pod,) = [pod for pod in await self.listener.pods.friends() if pod.host == self.evil.host]
        await self.listener.items.receive(pod, items)

    async def test_the_video_of_another_pod_is_safe(self) -> None:
        """Neither removed, nor changed, nor taken over."""
        before = await self.listener.details(self.uuid)
        await self.tell(
            {"type": "remove-video", "data": {"uuid": self.uuid}},
            {"type": "update-video", "data": {**self.sent, "uuid": self.uuid, "name": "Mine"}},
            {"type": "add-video", "data": {**self.sent, "uuid": self.uuid, "name": "Mine"}},
            {"type": "remove-author", "data": {"uuid": before.video.account.uuid}},
            {"type": "remove-channel", "data": {"uuid": before.video.channel.uuid}},
        )
        self.assertEqual(await self.listener.details(self.uuid), before)
        self.assertEqual(self.listener.files.files["thumbnails", before.video.thumbnail_name], JPEG)

    async def test_our_own_video_is_safe(self) -> None:
        """Nobody changes what lives here."""
        ours = await self.listener.upload(await self.listener.add_author())
        await self.tell(
            {"type": "remove-video", "data": {"uuid": ours}},
            {"type": "update-video", "data": {**self.sent, "uuid": ours, "name": "Mine"}},
        )
        self.assertEqual((await self.listener.details(ours)).video.fields.name, "A video")

    async def test_one_bad_item_costs_only_itself(self) -> None:
        """Each kind of fault is dropped; the good item behind them is taken."""
        bad = [
            None,
            {"type": "add-video"},
            {"type": "explode", "data": {}},
            {"type": "add-video", "data": {**self.sent, "name": ""}},
            {"type": "add-video", "data": {**self.sent, "name": "a\x00b"}},
            {"type": "add-video", "data": {**self.sent, "uuid": "../../etc/passwd"}},
            {"type": "add-video", "data": {**self.sent, "privacy": 3}},
            {"type": "add-video", "data": {**self.sent, "views": -1}},
            {"type": "add-video", "data": {**self.sent, "createdAt": "yesterday"}},
            {"type": "add-video", "data": {**self.sent, "thumbnailData": "<svg>"}},
            {"type": "add-video", "data": {**self.sent, "thumbnailData": "\u1234"}},
            {"type": "add-video", "data": {**self.sent, "thumbnailData": "x" * 20_001}},
            {"type": "add-video", "data": {**self.sent, "previewUrl": "http://localhost:9002/x.jpg"}},
            {"type": "add-video", "data": {**self.sent, "previewUrl": "http://a@localhost:9003/x.jpg"}},
            {"type": "add-video", "data": {**self.sent, "trackerUrls": ["udp://elsewhere.example:1/announce"]}},
            {"type": "add-video", "data": {**self.sent, "files": []}},
            {"type": "add-video", "data": {**self.sent, "files": [{**self.sent["files"][0], "infoHash": "00"}]}},
            {"type": "add-video", "data": {**self.sent, "files": [{**self.sent["files"][0], "fileUrl": "file:///"}]}},
            {"type": "add-video", "data": {**self.sent, "channelUUID": self.uuid}},
        ]
        good = {"type": "update-video", "data": {**self.sent, "name": "Changed"}}
        await self.tell(*bad, good)
        self.assertEqual((await self.listener.details(self.evil_uuid)).video.fields.name, "Changed")

    async def test_everything_may_be_repeated(self) -> None:
        """A batch whose answer was lost comes again: nothing doubles, no picture is left over."""
        add = {"type": "add-video", "data": self.sent}
        before = dict(self.listener.files.files)
        await self.tell(add, add)
        self.assertEqual(self.listener.files.files, before)
        gone = {"type": "remove-video", "data": {"uuid": self.evil_uuid}}
        await self.tell(gone, gone)
        await self.network.settle()
        self.assertIsNone(await self.listener.details(self.evil_uuid))
        self.assertEqual(len(self.listener.files.files), 1)

    async def test_a_new_picture_replaces_the_old_one(self) -> None:
        """And the old file goes."""
        await self.tell({"type": "update-video", "data": {**self.sent, "thumbnailData": "\xff\xd8\xff another"}})
        await self.network.settle()
        name = (await self.listener.details(self.evil_uuid)).video.thumbnail_name
        self.assertEqual(self.listener.files.files["thumbnails", name], b"\xff\xd8\xff another")
        self.assertEqual(len(self.listener.files.files), 2)

    async def test_authors_and_channels_go_with_their_videos(self) -> None:
        """Pictures included."""
        author = (await self.listener.details(self.evil_uuid)).video.account.uuid
        await self.tell({"type": "remove-author", "data": {"uuid": author}})
        await self.network.settle()
        self.assertIsNone(await self.listener.details(self.evil_uuid))
        self.assertEqual(len(self.listener.files.files), 1)

    async def test_a_pod_of_2017(self) -> None:
        """Without any field of ours: addresses follow the old rules, names become handles."""
        channel, owner = "00000000-0000-4000-8000-00000000000c", "00000000-0000-4000-8000-00000000000a"
        uuid = "00000000-0000-4000-8000-000000000001"
        moment = "2017-10-24T10:00:00.000Z"
        await self.tell(
            {"type": "add-author", "data": {"uuid": owner, "name": "Old Author"}},
            {"type": "add-channel", "data": {"uuid": channel, "name": "Default old channel", "description": "",
             "createdAt": moment, "updatedAt": moment, "ownerUUID": owner}},
            {"type": "add-video", "data": {"uuid": uuid, "channelUUID": channel, "name": "Old", "category": 1,
             "licence": 2, "language": 3, "nsfw": False, "truncatedDescription": "words", "tags": [], "duration": 5,
             "createdAt": moment, "updatedAt": moment, "views": 1, "likes": 2, "dislikes": 3,
             "files": [{"infoHash": "AB" * 20, "extname": ".webm", "resolution": 720, "size": 9}]}},
        )  # fmt: skip
        details = await self.listener.details(uuid)
        video = details.video
        self.assertEqual((video.account.name, video.account.display_name), ("old_author", "Old Author"))
        self.assertEqual((video.fields.language, video.fields.description), (None, "words"))
        self.assertEqual((video.views, video.likes, video.dislikes), (1, 2, 3))
        self.assertEqual(video.preview_url, f"http://localhost:9003/static/previews/{uuid}.jpg")
        self.assertEqual(video.trackers[0], "ws://localhost:9003/tracker/socket")
        self.assertEqual(details.files[0].file_url, f"http://localhost:9003/static/webseed/{uuid}-720.webm")
        self.assertEqual(details.files[0].info_hash, "ab" * 20)

    async def test_after_the_end_nothing_is_taken(self) -> None:
        """A batch that was under way when the friendship ended leaves nothing."""
        (pod,) = [pod for pod in await self.listener.pods.friends() if pod.host == self.evil.host]
        await self.listener.pods.quit()
        with self.assertRaises(Forbidden):
            await self.listener.items.receive(pod, [{"type": "add-author", "data": {"uuid": self.uuid, "name": "x"}}])

    async def test_the_limit_of_a_batch_is_that_of_the_sender(self) -> None:
        """What we send, we would take."""
        self.assertLessEqual(lane_batches.MOST_ITEMS, friend_items.MOST_ITEMS)

    async def test_a_video_that_becomes_private_before_it_is_told(self) -> None:
        """Is not told: bodies are made of the newest state."""
        self.network.down.add(self.listener.host)
        secret = await self.origin.upload((await self.origin.details(self.uuid)).video.channel.id)
        await self.origin.change(secret, VideoFields(name="Mine alone", privacy=3))
        self.network.down.clear()
        await self.network.settle()
        self.assertIsNone(await self.listener.details(secret))
