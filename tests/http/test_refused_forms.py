"""Multipart forms that are refused and answer with a page of their own."""

from peertube.errors import Forbidden, PodError, UnsupportedMedia
from peertube.http.replies import Reply
from peertube.http.routing import Access, Call
from peertube.http.sinks import HEARD_OUT, SinkRoute
from tests.http.connections import Connection, site
from tests.http.serving import gate, viewer
from tests.http.test_sinks import END, SinkCase, part


class RefusedFormTests(SinkCase):
    """A route that shows its refusal."""

    def connect(self) -> None:
        route = SinkRoute(
            method="POST",
            path=r"/api/v1/videos/(?P<kind>\w+)",
            access=Access.ANYONE,
            check=self.check,
            handler=self.take,
            file_fields=frozenset({"videofile"}),
            max_files=1,
            check_file=self.check_file,
            refused=self.refused,
        )
        self.refusal: Exception | None = None
        self.site = site(gate({"t": viewer()}), self.clock, sink_routes=[route], folder=self.folder)
        self.client = Connection(self.site)

    def check_file(self, field: str, filename: str) -> None:
        if not filename.endswith(".mp4"):
            raise UnsupportedMedia(f"{field} {filename}")

    async def refused(self, call: Call, error: PodError, fields: dict[str, list[str]], kind: str) -> Reply:
        if self.refusal is not None:
            raise self.refusal
        return Reply(f"{kind}: {error.detail} {sorted(fields.items())}", 422, content_type="text/html")

    body = part("name", b"A name") + part("videofile", b"x" * 20_000, "clip.mp4") + part("tags[]", b"a") + END
    words = b"[('name', ['A name']), ('tags[]', ['a'])]"

    def test_the_text_fields_are_heard_out(self) -> None:
        """Also those behind the file, which is dropped; the connection goes on."""
        self.limit = Forbidden("not you")
        for size in (1, 1000, 100_000):
            client = Connection(self.site)
            whole = self.head(len(self.body)) + self.body
            for start in range(0, len(whole), size):
                client.send(whole[start : start + size])
            self.assertEqual((client.status, client.body), (422, b"upload: not you " + self.words))
            self.assertFalse(client.closed)
        self.assertEqual((self.forms, self.left_behind()), ([], []))

    def test_a_form_over_its_limit(self) -> None:
        """Said by its length, before it is read."""
        self.limit = 10_000
        self.client.send(self.head(len(self.body)) + self.body)
        self.assertEqual(self.client.status, 422)
        self.assertIn(b"10000 bytes at most " + self.words, self.client.body)

    def test_a_file_is_refused_by_its_name(self) -> None:
        """Before its first byte."""
        body = self.body.replace(b"clip.mp4", b"clip.exe")
        self.client.send(self.head(len(body)) + body)
        self.assertEqual((self.client.status, self.left_behind()), (422, []))
        self.assertIn(b"upload: videofile clip.exe " + self.words, self.client.body)

    def test_too_much_to_be_heard_out(self) -> None:
        """Answered at once, with what came so far, and closed."""
        self.limit = Forbidden("not you")
        for length in (HEARD_OUT + 1, None):
            client = Connection(self.site)
            client.send(self.head(length))
            self.assertEqual((client.status, client.body), (422, b"upload: not you []"))
            self.assertTrue(client.closed)

    def test_something_malformed_further_on(self) -> None:
        """Answered at once; what was received is removed."""
        body = part("videofile", b"x", "clip.mp4") + part("other", b"x", "other.mp4") + END
        self.client.send(self.head(len(body)) + body)
        self.assertEqual((self.client.status, self.left_behind()), (422, []))
        self.assertTrue(self.client.closed)

    def test_a_page_that_fails(self) -> None:
        """Then it is a problem, and the refusal is not lost."""
        self.limit, self.refusal = Forbidden("not you"), RuntimeError("no page")
        self.client.send(self.head(len(self.body)) + self.body)
        self.assertEqual(self.client.status, 500)
        late = Connection(self.site)
        late.send(self.head(None))
        self.assertEqual(late.status, 500)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
