"""Multipart forms that made it through the sink."""

from typing import Any

from peertube.errors import Invalid, TooLarge, Unprocessable, UnsupportedMedia
from peertube.http.routing import Call
from peertube.policy.short_uuid import shorten
from tests.api.video_api import VideoApiCase

CLIP = {"videofile": ("clip.mp4", b"video" * 1000)}


class UploadFormTests(VideoApiCase):
    """``POST /videos/upload``."""

    def call(self) -> Call:
        """A request of alice."""
        return Call(None, self.alice.viewer, "127.0.0.1")

    async def send(self, files: Any = None, **fields: Any) -> Any:
        """Send a form; the name and the channel are good unless given."""
        good = {"name": "A video", "channelId": str(self.alice.channel_id)}
        return await self.uploads_api.upload(self.call(), self.form(files=files or CLIP, **{**good, **fields}))

    async def test_ids_of_the_new_video(self) -> None:
        """As recorded."""
        answer = await self.send(
            **{
                "privacy": "2",
                "category": "3",
                "tags[]": ["one", "two"],
                "nsfw": "true",
                "commentsEnabled": "false",
                "waitTranscoding": "true",
                "language": "",
                "originallyPublishedAt": "2001-02-03T04:05:06.000Z",
            }
        )
        ids = answer["video"]
        self.assertEqual((set(ids), ids["shortUUID"]), ({"id", "uuid", "shortUUID"}, shorten(ids["uuid"])))
        shown = await self.get(f"/videos/{ids['uuid']}")
        self.assertEqual((shown["tags"], shown["nsfw"], shown["waitTranscoding"]), (["one", "two"], True, True))
        self.assertEqual((shown["category"]["id"], shown["privacy"]["id"], shown["language"]["id"]), (3, 2, None))

    async def test_what_is_wrong(self) -> None:
        """415 for the type, 422 for the content, 400 with every field."""
        with self.assertRaises(UnsupportedMedia):
            await self.send({"videofile": ("clip.txt", b"video")})
        with self.assertRaises(Unprocessable):
            await self.send({"videofile": ("clip.mp4", b"text")})
        with self.assertRaises(UnsupportedMedia):
            await self.send({**CLIP, "thumbnailfile": ("a.svg", b"image")})
        with self.assertRaises(TooLarge):
            await self.send({**CLIP, "previewfile": ("a.jpg", b"i" * (8 * 2**20 + 1))})
        for files, fields, wrong in (
            (CLIP, {"name": "x", "privacy": "99", "tags": ["a"]}, {"name", "privacy", "tags"}),
            (CLIP, {"channelId": "mine"}, {"channelId"}),
            (CLIP, {"scheduleUpdate[updateAt]": "some day"}, {"scheduleUpdate.updateAt"}),
            (CLIP, {"privacy": "5"}, {"videoPasswords"}),
            (CLIP, {"privacy": "5", "videoPasswords": ["x"]}, {"videoPasswords"}),
            ({"other": ("clip.mp4", b"video")}, {}, {"videofile"}),
        ):
            with self.assertRaises(Invalid) as caught:
                await self.send(files, **fields)
            self.assertEqual(set(caught.exception.fields), wrong)
        self.assertEqual(await self.waiting_jobs(), [])

    async def test_pictures_on_update(self) -> None:
        """``PUT /videos/<id>`` takes a form too."""
        uuid = await self.publish()
        before = (await self.get(f"/videos/{uuid}"))["thumbnailPath"]
        form = self.form(files={"thumbnailfile": ("a.png", b"image")}, name="New name")
        await self.uploads_api.update(self.call(), form, uuid)
        shown = await self.get(f"/videos/{uuid}")
        self.assertNotEqual(shown["thumbnailPath"], before)
        self.assertEqual(shown["name"], "New name")

    async def test_limits_before_the_body(self) -> None:
        """The sink asks first."""
        call = self.call()
        self.assertGreater(await self.uploads_api.check(call, 1000), 1000)
        with self.assertRaises(TooLarge):
            await self.uploads_api.check(call, 2**40)
        self.assertEqual(await self.uploads_api.check_update(call, None, "1"), 17 * 2**20)
        self.assertEqual({sink.method for sink in self.uploads_api.sinks()}, {"POST", "PUT"})
