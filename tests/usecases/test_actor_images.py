"""Avatars and banners: kept, shown, replaced, removed; nothing of them is left behind."""

import io

from PIL import Image
from twisted.trial.unittest import TestCase

from peertube.model.actor_images import FOLDER
from tests.network import Answer, Network, eventually, request


def picture(width: int = 64, height: int = 48, form: str = "PNG") -> bytes:
    """An image as a user might send it."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(made, form)
    return made.getvalue()


class PicturesTests(TestCase):
    """A pod, asked by root."""

    async def setUp(self) -> None:
        self.network = Network(1)
        self.pod = self.network.pods[0]
        await self.network.start()
        self.storage = self.pod.node._ground.storage

    async def tearDown(self) -> None:
        await self.network.stop()

    async def pick(self, path: str, field: str, content: bytes, name: str = "me.png") -> Answer:
        body = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
        kind = {"Content-Type": "multipart/form-data; boundary=b", "Authorization": f"Bearer {self.pod.token}"}
        whole = body + content + b"\r\n--b--\r\n"
        return await request(self.pod.node, "POST", f"/api/v1{path}", kind, whole)

    async def test_an_avatar_from_sending_to_removal(self) -> None:
        """Every size is served and shown with the account; the files of the picture before are gone in the end."""
        answer = await self.pick("/users/me/avatar/pick", "avatarfile", picture())
        self.assertEqual(200, answer.status, answer.body)
        shown = answer.json["avatars"]
        self.assertEqual([1500, 600, 120, 48], [one["width"] for one in shown])
        for path in ("/accounts/root", "/users/me"):
            found = (await self.pod.get(path)).json
            self.assertEqual(shown, found.get("account", found)["avatars"])
        for one in shown:
            file = await request(self.pod.node, "GET", one["path"], {})
            with Image.open(io.BytesIO(file.body)) as image:
                self.assertEqual(("JPEG", (one["width"], one["height"])), (image.format, image.size))
        self.assertEqual(200, (await self.pick("/users/me/avatar/pick", "avatarfile", picture(600, 20))).status)
        await self.holds(4)
        self.assertEqual(204, (await self.pod.call("DELETE", "/users/me/avatar")).status)
        self.assertEqual([], (await self.pod.get("/accounts/root")).json["avatars"])
        await self.holds(0)

    async def test_pictures_of_a_channel(self) -> None:
        """Both are shown wherever the channel is, and go with it."""
        await self.pod.call("POST", "/video-channels", {"name": "painter", "displayName": "Painter"})
        self.assertEqual(
            200, (await self.pick("/video-channels/painter%40pod1.example/avatar/pick", "avatarfile", picture())).status
        )
        answer = await self.pick("/video-channels/painter/banner/pick", "bannerfile", picture(form="WEBP"), "b.webp")
        self.assertEqual([[1920, 317], [600, 100]], [[one["width"], one["height"]] for one in answer.json["banners"]])
        shown = (await self.pod.get("/video-channels/painter")).json
        self.assertEqual((4, 2, answer.json["banner"]), (len(shown["avatars"]), len(shown["banners"]), shown["banner"]))
        await self.holds(6)
        await self.pod.call("DELETE", "/video-channels/painter")
        await self.holds(0)

    async def test_pictures_of_the_pod(self) -> None:
        """Programs find them in the configuration at once."""
        for kind in ("avatar", "banner"):
            answer = await self.pick(f"/config/instance-{kind}/pick", f"{kind}file", picture())
            self.assertEqual(204, answer.status, answer.body)
        for path in ("/config", "/config/about"):
            instance = (await self.pod.get(path)).json["instance"]
            self.assertEqual((4, 2), (len(instance["avatars"]), len(instance["banners"])))
        await self.pod.call("DELETE", "/config/instance-avatar")
        instance = (await self.pod.get("/config")).json["instance"]
        self.assertEqual((0, 2), (len(instance["avatars"]), len(instance["banners"])))
        await self.holds(2)

    async def test_what_is_no_picture(self) -> None:
        """It is refused and leaves nothing behind."""
        for content, name, status in (
            (b"hello", "me.png", 422), (b"", "me.png", 400), (picture(), "me.svg", 415),
        ):  # fmt: skip
            answer = await self.pick("/users/me/avatar/pick", "avatarfile", content, name)
            self.assertEqual(status, answer.status, answer.body)
        self.assertEqual(404, (await self.pick("/video-channels/none/avatar/pick", "avatarfile", picture())).status)
        for name in ("x.jpg", "..%2f..%2fetc", "aaaaaaaa-0000-4000-8000-000000000001-48.jpg"):
            answer = await request(self.pod.node, "GET", f"/lazy-static/avatars/{name}", {})
            self.assertEqual(404, answer.status, name)
        await self.holds(0)

    async def holds(self, count: int) -> None:
        """Wait until the folder holds so many files."""

        async def settled() -> bool:
            return len(await self.storage.names(FOLDER)) == count

        await eventually(settled, f"{count} files")
