"""Multipart bodies: checked before they are read, streamed, and nothing left behind."""

import errno
from pathlib import Path

from pydantic import BaseModel
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from peertube.errors import Conflict, Forbidden, TooLarge
from peertube.http.routing import Access, Call, Route
from peertube.http.sinks import MAXIMUM_TEXT, ReceivedForm, SinkRoute
from peertube.http.spool import HIGH_WATER
from tests.http.connections import Connection, at_once, site
from tests.http.serving import gate, viewer


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part with the boundary before it."""
    file = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: video/mp4'
    return b"--B\r\n" + f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


END = b"--B--\r\n"


class Named(BaseModel):
    """What the form says."""

    name: str
    tags: list[str] = []


class SinkCase(TestCase):
    """A pod that takes one video file and one picture."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.checks: list[object] = []
        self.forms: list[tuple[ReceivedForm, dict[str, bytes]]] = []
        self.limit: object = 10 * 2**20
        self.failure: Exception | None = None
        self.waiting_threads: list[tuple[Deferred, object, tuple]] | None = None
        self.connect()

    def connect(self) -> None:
        route = SinkRoute(
            method="POST",
            path=r"/api/v1/videos/(?P<kind>\w+)",
            access=Access.USER,
            check=self.check,
            handler=self.take,
            file_fields=frozenset({"videofile", "previewfile"}),
            max_files=2,
        )
        other = SinkRoute("PUT", "/api/v1/things", Access.ANYONE, self.check, self.take, frozenset(), 0, False)
        self.site = site(
            gate({"t": viewer()}),
            self.clock,
            routes=[Route("PUT", "/things", Access.ANYONE, self.ordinary)],
            sink_routes=[route, other],
            folder=self.folder,
            in_thread=self.in_thread,
        )
        self.client = Connection(self.site)

    def in_thread(self, work, /, *arguments) -> Deferred:
        if self.waiting_threads is None:
            return at_once(work, *arguments)
        done: Deferred = Deferred()
        self.waiting_threads.append((done, work, arguments))
        return done

    async def check(self, call: Call, length: int | None, **groups: str) -> int:
        self.checks.append((call.viewer and call.viewer.user.username, length, groups))
        limit = self.limit
        if isinstance(limit, Exception):
            raise limit
        return await limit if isinstance(limit, Deferred) else limit

    async def take(self, call: Call, form: ReceivedForm, **groups: str) -> object:
        if self.failure is not None:
            raise self.failure
        self.forms.append((form, {name: file.path.read_bytes() for name, file in form.files.items()}))
        return {"taken": sorted(form.files)}

    async def ordinary(self, call: Call) -> object:
        return {"ordinary": len(call.content())}

    def head(self, length: int | None, *more: str, token: str | None = "t", path: str = "upload") -> bytes:
        lines = [f"POST /api/v1/videos/{path} HTTP/1.1", "Host: pod", "Content-Type: multipart/form-data; boundary=B"]
        lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
        lines.extend(more)
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def left_behind(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class ReceiveTests(SinkCase):
    """Bodies that are wanted."""

    body = (
        part("name", "Ein Vidéo".encode())
        + part("tags[]", b"a")
        + part("videofile", b"\r\n--x" * 5000, "../../etc/clip\x01.mp4")
        + part("tags[]", b"b")
        + part("previewfile", b"", "")
        + END
    )

    def taken(self) -> ReceivedForm:
        ((form, contents),) = self.forms
        self.assertEqual(contents, {"videofile": b"\r\n--x" * 5000})
        self.assertEqual(form.files["videofile"].filename, "clip.mp4")
        self.assertEqual((form.files["videofile"].size, form.files["videofile"].content_type), (25000, "video/mp4"))
        self.assertEqual(form.parameters(Named), Named(name="Ein Vidéo", tags=["a", "b"]))
        self.assertEqual(self.left_behind(), [])
        return form

    def test_fields_and_files_arrive_however_the_bytes_are_cut(self) -> None:
        """Boundaries may lie across any two packets."""
        whole = self.head(len(self.body)) + self.body
        for size in (1, 7, 1000, len(whole)):
            self.forms.clear()
            client = Connection(self.site)
            for start in range(0, len(whole), size):
                client.send(whole[start : start + size])
            self.assertEqual((client.status, client.body), (200, b'{"taken":["videofile"]}'))
            self.taken()

    def test_a_chunked_body(self) -> None:
        self.client.send(self.head(None))
        for start in range(0, len(self.body), 1000):
            chunk = self.body[start : start + 1000]
            self.client.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.client.send(b"0\r\n\r\n")
        self.assertEqual(self.client.status, 200)
        self.taken()
        self.assertEqual(self.checks, [("someone", None, {"kind": "upload"})])

    def test_the_connection_serves_the_next_request(self) -> None:
        whole = self.head(len(self.body)) + self.body
        self.client.send(whole + whole)
        self.assertEqual(self.client.received.count(b"HTTP/1.1 200 OK"), 2)
        self.assertTrue(self.client.reading)

    def test_nothing_is_read_while_the_check_runs(self) -> None:
        """A quota may need the database; until it is known, the client's bytes stay with the client."""
        self.limit = answer = Deferred()
        self.client.send(self.head(len(self.body), "Expect: 100-continue"))
        self.assertFalse(self.client.reading)
        self.assertEqual(self.client.received, b"")
        self.clock.advance(1000)
        answer.callback(10**6)
        self.assertTrue(self.client.reading)
        self.assertEqual(self.client.received, b"HTTP/1.1 100 Continue\r\n\r\n")
        self.client.send(self.body)
        self.assertIn(b"HTTP/1.1 200 OK", self.client.received)
        self.taken()

    def test_a_body_that_is_there_before_the_check_ends(self) -> None:
        self.limit = answer = Deferred()
        self.client.send(self.head(len(self.body)) + self.body)
        answer.callback(10**6)
        self.assertEqual(self.client.status, 200)
        self.taken()

    def test_other_bodies_go_to_the_ordinary_route_where_the_sink_allows_it(self) -> None:
        self.client.send(b"PUT /api/v1/things HTTP/1.1\r\nHost: pod\r\nContent-Length: 2\r\n\r\n{}")
        self.assertEqual(self.client.body, b'{"ordinary":2}')

    def test_private_names_of_twisted_that_sinks_rest_on(self) -> None:
        """`gotLength` knows method and path only from attributes that Twisted may rename."""
        self.client.send(b"POST /api/v1/x?y=1 HTTP/1.1\r\nContent-Len")
        self.assertEqual(
            (self.client.channel._command, self.client.channel._path, self.client.channel._version),
            (b"POST", b"/api/v1/x?y=1", b"HTTP/1.1"),
        )
        self.client.hang_up()


class RefuseTests(SinkCase):
    """Bodies that are not wanted, and what goes wrong on the way."""

    def refused(self, status: int) -> None:
        self.assertEqual((self.client.status, self.client.received.count(b"HTTP/1.1")), (status, 1))
        self.assertIn("Connection: close", self.client.head)
        self.assertTrue(self.client.closed)
        self.assertEqual((self.left_behind(), self.forms), ([], []))
        self.clock.advance(100)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_errors_known_before_the_body_are_answered_without_it(self) -> None:
        for limit, token, length, status in (
            (10**6, None, 10**12, 401),
            (10**6, "wrong", 10**12, 401),
            (Forbidden("No uploads"), "t", 10**12, 403),
            (TooLarge("Quota", code="quota_reached"), "t", 10**12, 413),
            (10**6, "t", 10**6 + 1, 413),
        ):
            self.limit = limit
            self.client = Connection(self.site)
            self.client.send(self.head(length, "Expect: 100-continue", token=token))
            self.refused(status)

    def test_another_type_is_415_before_its_body(self) -> None:
        self.client.send(self.head(10**12).replace(b"multipart/form-data", b"application/json"))
        self.refused(415)
        self.assertEqual(self.checks, [])

    def test_a_boundary_must_be_one(self) -> None:
        self.client.send(self.head(10**12).replace(b"boundary=B", b"b=B"))
        self.refused(400)

    def test_a_chunked_body_over_the_limit(self) -> None:
        self.limit = 100_000
        self.client.send(self.head(None))
        opening = part("videofile", b"", "a.mp4")[:-2]
        self.client.send(b"%x\r\n%s\r\n" % (len(opening), opening))
        for _ in range(11):
            self.client.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        self.refused(413)

    def test_broken_forms(self) -> None:
        for body, status in (
            (b"--Bxx\r\n", 400),
            (part("name", b"\xff") + END, 400),
            (part("otherfile", b"x", "x.mp4") + END, 400),
            (part("videofile", b"x", "x.mp4") * 2 + END, 400),
            (part("name", b"x" * (MAXIMUM_TEXT + 1)) + END, 413),
            (part("name", b"x") * 300 + END, 413),
            (b"--B\r\nH: " + b"x" * 10_000 + b"\r\n", 413),
        ):
            self.client = Connection(self.site)
            self.client.send(self.head(len(body) + 10) + body + b"\r\n--B--\r\n\r\n")
            self.refused_or_answered(status)

    def refused_or_answered(self, status: int) -> None:
        self.assertEqual((self.client.status, self.left_behind(), self.forms), (status, [], []))
        self.client.hang_up()

    def test_a_form_that_stops_in_the_middle(self) -> None:
        body = part("videofile", b"abc", "x.mp4")
        self.client.send(self.head(len(body)) + body)
        self.refused(400)

    def test_the_client_goes_away(self) -> None:
        opening = part("videofile", b"abc" * 1000, "x.mp4")
        self.client.send(self.head(10**6) + opening)
        self.assertEqual(self.left_behind(), ["part0"])
        self.client.hang_up()
        self.assertEqual((self.left_behind(), self.clock.getDelayedCalls()), ([], []))

    def test_the_client_goes_away_during_the_check(self) -> None:
        self.limit = answer = Deferred()
        self.client.send(self.head(10**6) + part("videofile", b"abc" * 1000, "x.mp4"))
        self.client.hang_up()
        answer.callback(10**6)
        self.assertEqual(self.left_behind(), [])

    def test_a_body_that_stalls(self) -> None:
        self.client.send(self.head(10**6) + part("videofile", b"abc", "x.mp4"))
        self.clock.advance(10)
        self.refused(408)

    def test_a_function_that_fails(self) -> None:
        self.failure = Conflict("Taken")
        body = part("videofile", b"abc", "x.mp4") + END
        self.client.send(self.head(len(body)) + body)
        self.assertEqual((self.client.status, self.left_behind()), (409, []))

    def test_a_full_disk(self) -> None:
        real = self.in_thread

        def full(work, /, *arguments) -> Deferred:
            if work.__name__ == "_write" and sum(map(len, arguments[0])) > 100:
                work([b"a part fits"])

                def fail() -> None:
                    raise OSError(errno.ENOSPC, "No space left on device")

                return at_once(fail)
            return real(work, *arguments)

        self.site.sinks.in_thread = full
        self.client.send(self.head(10**6) + part("videofile", b"abc" * 1000, "x.mp4"))
        self.refused(507)


class BackPressureTests(SinkCase):
    """A disk that is slower than the network."""

    def test_the_client_is_held_while_much_waits_for_the_disk(self) -> None:
        self.waiting_threads = []
        content = b"x" * (HIGH_WATER + 1000)
        body = part("videofile", content, "x.mp4") + END
        self.client.send(self.head(len(body)) + body[:1000])
        self.assertTrue(self.client.reading)
        self.client.send(body[1000:-500])
        self.assertFalse(self.client.reading)
        self.clock.advance(1000)
        while not self.client.reading:
            self.write_one()
        self.client.send(body[-500:])
        while self.waiting_threads:
            self.write_one()
        self.assertEqual(self.client.status, 200)
        self.assertEqual(self.forms[0][1], {"videofile": content})

    def write_one(self) -> None:
        assert self.waiting_threads
        done, work, arguments = self.waiting_threads.pop(0)
        done.callback(work(*arguments))
