"""What a pod says outside of its API, and the player that other sites show."""

import re
from xml.etree import ElementTree

from twisted.trial.unittest import TestCase

from peertube.policy.short_uuid import shorten
from tests.media.clips import video
from tests.network import Answer, Network, request

PRIVATE, UNLISTED = "3", "2"


class OutsideOfApiTests(TestCase):
    """A whole pod with a public, an unlisted and a private video."""

    timeout = 120

    async def setUp(self) -> None:
        self.network = Network(1)
        await self.network.start()
        self.pod = self.network.pods[0]
        clip = video(self.network.folder / "clip.mp4").read_bytes()
        self.public = await self.pod.upload(clip, 'A "public" <video>')
        self.unlisted = await self.pod.upload(clip, "Unlisted", privacy=UNLISTED)
        self.private = await self.pod.upload(clip, "Private", privacy=PRIVATE)
        await self.network.everywhere(lambda videos: self.public in videos, "publication")
        self.origin = f"http://{self.pod.host}"

    async def tearDown(self) -> None:
        await self.network.stop()

    async def get(self, path: str) -> Answer:
        return await request(self.pod.node, "GET", path, {})

    async def oembed(self, path: str, more: str = "") -> Answer:
        return await self.get(f"/services/oembed?url={self.origin}{path}{more}")

    async def test_nodeinfo_leads_to_a_description(self) -> None:
        (link,) = (await self.get("/.well-known/nodeinfo")).json["links"]
        told = (await self.get(link["href"].removeprefix(self.origin))).json
        self.assertEqual(told["software"]["name"], "peertube")
        self.assertEqual(told["metadata"]["nodeName"], "PeerTube")
        self.assertEqual(told["usage"]["users"]["total"], 1)
        self.assertIn("tracker", told["metadata"]["nodeConfig"])

    async def test_small_documents(self) -> None:
        for path, part in {
            "/.well-known/security.txt": b"Contact: mailto:admin@example.com\nExpires: ",
            "/robots.txt": f"Sitemap: {self.origin}/sitemap.xml".encode(),
            "/.well-known/dnt/": b'"tracking":"N"',
        }.items():
            answer = await self.get(path)
            self.assertEqual(answer.status, 200, path)
            self.assertIn(part, answer.body)
        self.assertEqual((await self.get("/.well-known/change-password")).status, 302)
        self.assertEqual((await self.get("/security.txt")).status, 301)

    async def test_the_sitemap_names_public_videos_only(self) -> None:
        answer = await self.get("/sitemap.xml")
        places = [one.text for one in ElementTree.fromstring(answer.body).iter() if one.tag.endswith("loc")]
        self.assertIn(f"{self.origin}/w/{shorten(self.public)}", places)
        self.assertEqual(len(places), 4)

    async def test_oembed_describes_a_frame(self) -> None:
        for page in (f"/w/{shorten(self.public)}", f"/videos/watch/{self.public}", f"/videos/embed/{self.public}"):
            told = (await self.oembed(page)).json
            self.assertEqual((told["type"], told["version"], told["width"], told["height"]), ("video", "1.0", 560, 315))
            self.assertEqual(told["title"], 'A "public" <video>')
            self.assertIn(f'src="{self.origin}/videos/embed/{self.public}"', told["html"])
            self.assertNotIn("<video>", told["html"])
            self.assertEqual((told["thumbnail_width"], told["thumbnail_height"]), (850, 480))

    async def test_oembed_keeps_sizes_and_parameters_of_the_player(self) -> None:
        told = (await self.oembed(f"/w/{shorten(self.public)}%3Fstart%3D5%26evil%3D1", "&maxwidth=200")).json
        self.assertEqual(told["width"], 200)
        self.assertIn('?start=5"', told["html"])
        self.assertNotIn("evil", told["html"])
        self.assertNotIn("thumbnail_url", told)

    async def test_oembed_says_what_is_wrong(self) -> None:
        public = f"/w/{shorten(self.public)}"
        self.assertEqual((await self.oembed(public, "&format=xml")).status, 501)
        self.assertEqual((await self.oembed("/about")).status, 400)
        self.assertEqual((await self.get("/services/oembed?url=http://elsewhere.example/w/x")).status, 400)
        self.assertEqual((await self.get("/services/oembed?url=http://[::/w/x")).status, 400)
        self.assertEqual((await self.get("/services/oembed")).status, 400)
        self.assertEqual((await self.oembed(public, "&maxwidth=-1")).status, 400)
        self.assertEqual((await self.oembed("/w/ffffffff-1111-4222-8333-444444444444")).status, 404)
        self.assertEqual((await self.oembed(f"/w/{self.private}")).status, 403)
        self.assertEqual((await self.oembed(f"/w/{self.unlisted}")).status, 200)

    async def test_other_sites_may_frame_the_player_and_nothing_else(self) -> None:
        for path, ancestors in {f"/videos/embed/{self.public}": "*", f"/w/{self.public}": "'none'"}.items():
            answer = await self.get(path)
            self.assertEqual(answer.status, 200)
            self.assertIn(f"frame-ancestors {ancestors}", answer.head)
            self.assertNotIn("X-Frame-Options", answer.head)
        self.assertIn(b"A &#34;public&#34; &lt;video&gt;", answer.body)

    async def test_the_player_shows_open_videos(self) -> None:
        answer = await self.get(f"/videos/embed/{self.public}?start=2&stop=5&loop=1&muted=1&controls=0")
        tag = re.search(rb"<video [^>]*>", answer.body)
        assert tag is not None
        self.assertRegex(tag[0].decode(), r'src="/static/web-videos/[^"#]+#t=2,5".* muted loop aria-label')
        self.assertNotIn(b" controls", tag[0])
        self.assertEqual((await self.get(f"/videos/embed/{shorten(self.unlisted)}")).status, 200)
        self.assertIn((await self.get(f"/videos/embed/{self.private}")).status, (401, 404))
        self.assertEqual((await self.get("/videos/embed/1")).status, 404)

    async def test_the_watch_page_tells_other_sites_how_to_show_it(self) -> None:
        body = (await self.get(f"/w/{shorten(self.public)}")).body.decode()
        self.assertIn(f'<meta property="og:video:url" content="{self.origin}/videos/embed/{self.public}">', body)
        self.assertIn('<meta name="twitter:card" content="player">', body)
        link = re.search(r'type="application/json\+oembed" href="([^"]+)"', body)
        assert link is not None
        found = await self.get(link[1].removeprefix(self.origin).replace("&amp;", "&"))
        self.assertEqual(found.json["provider_name"], "PeerTube")
        self.assertIn('content="noindex"', (await self.get(f"/w/{self.unlisted}")).body.decode())

    async def test_the_api_can_be_read_by_people(self) -> None:
        answer = await self.get("/api/docs")
        self.assertEqual(answer.status, 200)
        self.assertIn(b"/api/v1/videos/{identifier}", answer.body)
        self.assertIn("script-src 'self'", answer.head)
        self.assertNotIn(b"style=", answer.body)
