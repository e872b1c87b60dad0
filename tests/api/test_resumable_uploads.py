"""``/videos/upload-resumable`` as PeerTube's programs speak it, over connections in memory and a real database."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from klein import Klein
from twisted.internet import reactor
from twisted.internet.task import Clock, deferLater

from peertube.api.representations.config import config
from peertube.api.resumable_uploads import PATH, ResumableUploadsApi
from peertube.api.sources import SourcesApi
from peertube.api.uploads import UploadsApi
from peertube.config.schema import (
    Client,
    ClientVideos,
    ResumableUpload,
    Settings,
    Storyboards,
    Upload,
    VideoFileSettings,
    VideoFileUpdate,
    WebServer,
)
from peertube.http.routing import answer_errors, mount
from peertube.http.sinks import Sinks
from peertube.http.site import PodSite, Root
from peertube.usecases.resumable_uploads import MOST_UNFINISHED
from tests.http.connections import Connection, at_once
from tests.http.serving import gate
from tests.usecases.video_world import VideoCase

CLIP = b"video" * 1000


class ResumableApiCase(VideoCase):
    """Tokens are the names of users: alice and bob. Chunks have 4,000 bytes at most."""

    settings = Settings(
        webserver=WebServer(https=False, hostname="pod.example", port=9001),
        upload=Upload(max_file_size=30 * 2**20),
        storyboards=Storyboards(enabled=False),
        video_file=VideoFileSettings(update=VideoFileUpdate(enabled=True)),
        client=Client(videos=ClientVideos(resumable_upload=ResumableUpload(max_chunk_size=4000))),
    )

    async def more(self) -> None:
        self.bob = await self.person("bob")
        resumable = self.resumable_uploads()
        api = ResumableUploadsApi(uploads=resumable, web=self.settings.webserver)
        sources = SourcesApi(replacements=self.replacements, resumable=api, origin=self.settings.webserver.origin)
        at, app = gate({"alice": self.alice.viewer, "bob": self.bob.viewer}), Klein()
        mount(app, "/api/v1", [*api.routes(), *sources.routes()], at)
        answer_errors(app, at)
        sinks = Sinks(
            [*UploadsApi(uploads=self.uploads, videos=self.videos).sinks(), *api.sinks(), *sources.sinks()],
            gate=at,
            new_temporary=self.storage.new_temporary,
            in_thread=at_once,
        )
        self.site = PodSite(Root({}, app.resource()), reactor=Clock(), gate=at, sinks=sinks)

    async def ask(
        self,
        method: str,
        path: str = PATH,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        token: str = "alice",
    ) -> Connection:
        """The connection on which the answer came."""
        client = Connection(self.site)
        given = {"Host": "localhost:9001", "Authorization": f"Bearer {token}", "Content-Length": str(len(body))}
        lines = [f"{name}: {value}" for name, value in {**given, **(headers or {})}.items()]
        client.send("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body)
        for _ in range(2000):
            if client.received:
                return client
            await deferLater(reactor, 0.001)
        raise AssertionError("no answer")

    async def begin(self, *, size: object = len(CLIP), token: str = "alice", **fields: Any) -> Connection:
        channel = self.alice.channel_id if token == "alice" else self.bob.channel_id
        sent = {"name": "A video", "channelId": channel, "privacy": 1, "filename": "clip.mp4", **fields}
        headers = {
            "Content-Type": "application/json",
            "X-Upload-Content-Length": str(size),
            "X-Upload-Content-Type": "video/mp4",
        }
        return await self.ask("POST", PATH, msgspec.json.encode(sent), headers, token)

    async def address(self, **more: Any) -> str:
        """The path of a new upload."""
        answer = await self.begin(**more)
        self.assertEqual(answer.status, 201, answer.received)
        location = header(answer, "Location")
        self.assertTrue(location.startswith(f"//localhost:9001{PATH}?upload_id="))
        return location.removeprefix("//localhost:9001")

    async def put(self, address: str, first: int, last: int, total: object = len(CLIP), **more: Any) -> Connection:
        headers = {"Content-Range": f"bytes {first}-{last}/{total}", **more.pop("headers", {})}
        return await self.ask("PUT", address, CLIP[first : last + 1], headers, **more)

    async def position(self, address: str) -> Connection:
        return await self.ask("PUT", address, headers={"Content-Range": f"bytes */{len(CLIP)}"})


def header(answer: Connection, name: str) -> str | None:
    """A header of the answer."""
    for line in answer.head.split("\r\n")[1:]:
        found, _, value = line.partition(":")
        if found.lower() == name.lower():
            return value.strip()
    return None


class ProtocolTests(ResumableApiCase):
    """The sample, step by step."""

    async def test_chunks_until_the_video(self) -> None:
        """201, 308, 200; and 200 again for one who did not hear it."""
        address = await self.address(tags=["one"], support="")
        self.assertEqual((await self.position(address)).status, 308)
        self.assertIsNone(header(await self.position(address), "Range"))
        first = await self.put(address, 0, 2999)
        self.assertEqual((first.status, header(first, "Range"), first.body), (308, "bytes=0-2999", b""))
        self.assertEqual(header(first, "Content-Length"), "0")
        self.assertIn("Range", header(first, "Access-Control-Expose-Headers") or "")
        self.assertEqual(header(await self.position(address), "Range"), "bytes=0-2999")
        last = await self.put(address, 3000, 4999)
        video = msgspec.json.decode(last.body)["video"]
        self.assertEqual((last.status, set(video)), (200, {"id", "uuid", "shortUUID"}))
        self.assertIsNone(header(last, "X-Resumable-Upload-Cached"))
        for again in (await self.put(address, 3000, 4999), await self.position(address)):
            self.assertEqual((again.status, msgspec.json.decode(again.body)["video"]), (200, video))
            self.assertEqual(header(again, "X-Resumable-Upload-Cached"), "true")
        await self.work()
        found = await self.details(video["uuid"])
        self.assertEqual(found.video.fields.tags, ("one",))
        self.assertEqual(self.storage.path("web_videos", found.files[0].file_name).read_bytes(), CLIP)

    async def test_the_same_file_again(self) -> None:
        """200 with the position, for the same user."""
        fields = {"lastModified": 1_700_000_000_000, "filename": "a.mp4"}
        address = await self.address(**fields)
        await self.put(address, 0, 999)
        again = await self.begin(**fields)
        self.assertEqual((again.status, header(again, "Range")), (200, "bytes=0-999"))
        self.assertTrue((header(again, "Location") or "").endswith(address))
        self.assertEqual((await self.begin(**fields, token="bob")).status, 201)

    async def test_pictures_come_as_a_form(self) -> None:
        """As PeerTube's own page sends them."""
        fields = {"name": "A video", "channelId": str(self.alice.channel_id), "filename": "a.mp4", "tags[]": "one"}
        parts = [f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
        parts.append('--B\r\nContent-Disposition: form-data; name="previewfile"; filename="p.jpg"\r\n\r\nimage\r\n')
        headers = {"Content-Type": "multipart/form-data; boundary=B", "X-Upload-Content-Length": "1000"}
        answer = await self.ask("POST", PATH, ("".join(parts) + "--B--\r\n").encode(), headers)
        self.assertEqual(answer.status, 201)
        address = (header(answer, "Location") or "").removeprefix("//localhost:9001")
        done = await self.put(address, 0, 999, 1000)
        self.assertEqual(done.status, 200, done.received)
        video = (await self.details(msgspec.json.decode(done.body)["video"]["uuid"])).video
        self.assertEqual(self.storage.path("previews", video.preview_name).read_bytes(), b"large image")

    async def test_programs_read_the_limit_of_chunks(self) -> None:
        """In /config."""
        videos = config(self.settings)["client"]["videos"]
        self.assertEqual(videos["resumableUpload"], {"maxChunkSize": 4000})

    async def test_given_up(self) -> None:
        """204, then 404."""
        address = await self.address()
        await self.put(address, 0, 999)
        self.assertEqual([(await self.ask("DELETE", address)).status for _ in range(2)], [204, 404])
        self.assertEqual((await self.put(address, 1000, 1999)).status, 404)
        await self.work()
        self.assertEqual(self.storage.everything(), [])


class RefusalTests(ResumableApiCase):
    """Each mistake its status."""

    async def test_before_anything_is_made(self) -> None:
        """400 names the field; 413, 415 and 401 as in uploads at one go."""
        for fields, status in (
            ({"size": ""}, 400),
            ({"size": "-1"}, 400),
            ({"size": 0}, 400),
            ({"name": "x"}, 400),
            ({"filename": ""}, 400),
            ({"channelId": 9999}, 400),
            ({"channelId": self.bob.channel_id}, 403),
            ({"size": 2**40}, 413),
            ({"filename": "clip.exe"}, 415),
            ({"description": "x" * 600_000}, 413),
        ):
            answer = await self.begin(**fields)
            self.assertEqual(answer.status, status, (fields, answer.received[-300:]))
        self.assertEqual((await self.ask("POST", token="nobody")).status, 401)
        self.storage.free = 10
        self.assertEqual((await self.begin()).status, 507)
        self.assertEqual(self.storage.everything(), [])

    async def test_too_many(self) -> None:
        """429 says when to come again."""
        for _ in range(MOST_UNFINISHED):
            await self.begin()
        answer = await self.begin()
        self.assertEqual((answer.status, header(answer, "Retry-After")), (429, "86400"))

    async def test_ranges(self) -> None:
        """409 for what does not fit, 400 for nonsense, 413 over the limit of chunks; the position stays."""
        address = await self.address()
        await self.put(address, 0, 999)
        for first, last, total, status in (
            (2000, 2999, 5000, 409),
            (1000, 1999, 6000, 409),
            (1000, 5000, 5000, 409),
            (999, 998, 5000, 400),
            (1000, 1999, "x", 400),
            (0, 4999, 5000, 413),
        ):
            self.assertEqual((await self.put(address, first, last, total)).status, status, (first, last, total))
        body = {"Content-Range": "bytes 1000-1999/5000"}
        self.assertEqual((await self.ask("PUT", address, b"x" * 999, body)).status, 409)
        self.assertEqual(header(await self.position(address), "Range"), "bytes=0-999")
        overlapping = await self.put(address, 500, 1999, "*")
        self.assertEqual(header(overlapping, "Range"), "bytes=0-1999")
        known = await self.put(address, 0, 99)
        self.assertEqual(header(known, "Range"), "bytes=0-1999")

    async def test_checksums(self) -> None:
        """460 takes nothing."""
        address = await self.address()
        wrong = await self.put(address, 0, 999, headers={"Digest": "sha1=" + "a" * 40})
        self.assertEqual(wrong.status, 460)
        self.assertIsNone(header(await self.position(address), "Range"))
        digest = msgspec.json.encode(hashlib.sha256(CLIP[:1000]).digest()).decode().strip('"')
        right = await self.put(address, 0, 999, headers={"Digest": f"sha-256={digest}"})
        self.assertEqual(header(right, "Range"), "bytes=0-999")

    async def test_whose(self) -> None:
        """403 for another's, 404 for none, 400 for what cannot be one; a stranger ends no chunk."""
        address = await self.address()
        for method in ("PUT", "DELETE"):
            headers = {"Content-Range": "bytes */5000"}
            for path, token, status in (
                (address, "bob", 403),
                (f"{PATH}?upload_id=aaaa", "alice", 404),
                (f"{PATH}?upload_id=a/../b", "alice", 400),
                (PATH, "alice", 400),
            ):
                answer = await self.ask(method, path, headers=headers, token=token)
                self.assertEqual(answer.status, status, (method, path))

    async def test_no_video(self) -> None:
        """422, and nothing is left."""
        address = await self.address(size=4)
        answer = await self.ask("PUT", address, b"text", {"Content-Range": "bytes 0-3/4"})
        self.assertEqual((answer.status, msgspec.json.decode(answer.body)["code"]), (422, "not_a_video"))
        await self.work()
        self.assertEqual(self.storage.everything(), [])


class ReplacementTests(ResumableApiCase):
    """Another file in the place of a video's."""

    async def begin_replacement(self, uuid: str, token: str = "alice", **more: object) -> Connection:
        path = f"/api/v1/videos/{uuid}/source/replace-resumable"
        headers = {"Content-Type": "application/json", "X-Upload-Content-Length": str(len(CLIP))}
        body = msgspec.json.encode({"filename": "better.mp4", **more})
        return await self.ask("POST", path, body, headers, token)

    async def test_chunks_until_204(self) -> None:
        """The steps of an upload, without a video at the end."""
        uuid = await self.publish()
        refused = await self.begin_replacement(uuid, "bob")
        self.assertEqual(refused.status, 403)
        answer = await self.begin_replacement(uuid, lastModified=5)
        self.assertEqual(answer.status, 201, answer.received)
        address = header(answer, "Location").removeprefix("//localhost:9001")
        self.assertIn(f"/videos/{uuid}/source/replace-resumable?upload_id=", address)
        self.assertEqual((await self.put(address, 0, 3999)).status, 308)
        self.assertEqual((await self.begin_replacement(uuid, lastModified=5)).status, 200)
        self.assertEqual((await self.put(address, 4000, len(CLIP) - 1)).status, 204)
        self.assertEqual((await self.position(address)).status, 204)
        self.assertIsNotNone((await self.details(uuid)).video.input_file_updated_ms)

    async def test_giving_up(self) -> None:
        """204, and there is no such upload any more."""
        answer = await self.begin_replacement(await self.publish())
        address = header(answer, "Location").removeprefix("//localhost:9001")
        self.assertEqual((await self.ask("DELETE", address)).status, 204)
        self.assertEqual((await self.position(address)).status, 404)

    async def test_the_source(self) -> None:
        """What a video was made of, for its owner."""
        uuid = await self.publish(filename="holiday.mp4")
        answer = await self.ask("GET", f"/api/v1/videos/{uuid}/source")
        self.assertEqual(answer.status, 200)
        shown = msgspec.json.decode(answer.body)
        self.assertEqual((shown["inputFilename"], shown["resolution"]["id"]), ("holiday.mp4", 360))
        self.assertIn("/download/original-video-files/", shown["fileDownloadUrl"])
        self.assertEqual((await self.ask("GET", f"/api/v1/videos/{uuid}/source", token="bob")).status, 403)
