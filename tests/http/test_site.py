"""The server against clients that are slow, greedy or malformed."""

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource

from peertube.http.channel import BYTES_PER_SECOND, LINGER_BYTES, Pace
from peertube.http.routing import MAXIMUM_BODY, Access, Call, Reply, Route
from peertube.http.site import Folder
from tests.http.connections import Connection, site
from tests.http.serving import gate

POST = b"POST /api/v1/echo HTTP/1.1\r\nHost: pod\r\nContent-Type: text/plain\r\n"


class Plain(Resource):
    """A resource that is not behind klein."""

    isLeaf = True

    def render_GET(self, request) -> bytes:
        return b"plain"


class SiteCase(TestCase):
    """A site with one route that says the body back."""

    def setUp(self) -> None:
        self.clock = Clock()
        routes = [
            Route("POST", "/echo", Access.ANYONE, self.echo),
            Route("GET", "/broken/<name>", Access.ANYONE, self.broken),
            Route("GET", "/named/<name>", Access.ANYONE, self.named),
        ]
        self.site = site(
            gate(),
            self.clock,
            routes=routes,
            children={b"plain": Plain(), b"folder": Folder({b"plain": Plain()})},
            body_limits=[("POST", "/api/v1/big", MAXIMUM_BODY * 2)],
        )
        self.client = Connection(self.site)

    async def echo(self, call: Call) -> object:
        return Reply(call.content(), content_type="text/plain")

    async def broken(self, call: Call, name: str) -> object:
        raise RuntimeError("secret")

    async def named(self, call: Call, name: str) -> object:
        return {"name": name}


class AnswerTests(SiteCase):
    """Headers and errors that every answer shares."""

    def test_every_answer_has_a_request_id_and_security_headers(self) -> None:
        self.client.send(b"GET /plain HTTP/1.1\r\nHost: pod\r\n\r\n")
        for header in (
            "X-Request-Id: ",
            "X-Content-Type-Options: nosniff",
            "X-Frame-Options: DENY",
            "Server: PeerTube",
        ):
            self.assertIn(header.lower(), self.client.head.lower())
        self.assertEqual(self.client.body, b"plain")

    def test_the_log_of_an_unexpected_error_has_the_request_id(self) -> None:
        """An operator finds the reason by what the user was shown."""
        self.client.send(b"GET /api/v1/broken/x HTTP/1.1\r\nHost: pod\r\n\r\n")
        self.assertEqual(self.client.status, 500)
        self.assertNotIn(b"secret", self.client.received)
        (failure,) = self.flushLoggedErrors(RuntimeError)
        self.assertEqual(str(failure.value), "secret")

    def test_unknown_methods_are_405(self) -> None:
        for path in (b"/plain", b"/api/v1/echo"):
            client = Connection(self.site)
            client.send(b"BREW " + path + b" HTTP/1.1\r\nHost: pod\r\n\r\n")
            self.assertEqual(client.status, 405)
            self.assertIn("Allow: ", client.head)

    def test_malformed_paths_and_hosts_are_400(self) -> None:
        for line, host in (
            (b"/api/v1/named/%ff%fe", b"pod"),
            (b"/api/v1/named/a%00b", b"pod"),
            (b"/plain/%c3%28", b"pod"),
            (b"/api/v1/named/x", b"a" * 70 + b"\xc3\xa4.example"),
        ):
            client = Connection(self.site)
            client.send(b"GET " + line + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
            self.assertIn(client.status, (200, 400) if line.endswith(b"x") else (400,), line)

    def test_a_folder_has_children_only(self) -> None:
        for path, status in ((b"/folder/plain", 200), (b"/folder", 404), (b"/folder/", 404), (b"/folder/x/y", 404)):
            client = Connection(self.site)
            client.send(b"GET " + path + b" HTTP/1.1\r\nHost: pod\r\n\r\n")
            self.assertEqual(client.status, status)
            self.assertEqual(b'"code":"not_found"' in client.body, status == 404)

    def test_pipelined_requests_are_answered_in_order(self) -> None:
        self.client.send(POST + b"Content-Length: 3\r\n\r\none" + POST + b"Content-Length: 3\r\n\r\ntwo")
        self.assertEqual(self.client.received.count(b"HTTP/1.1 200"), 2)
        self.assertLess(self.client.received.index(b"one"), self.client.received.index(b"two"))


class LimitTests(SiteCase):
    """What is too large is refused before it is read."""

    def test_a_body_over_the_cap_is_refused_at_once(self) -> None:
        self.client.send(POST + b"Content-Length: 10000000000\r\n\r\n")
        self.assertEqual(self.client.status, 413)
        self.assertIn("Connection: close", self.client.head)
        self.assertTrue(self.client.transport.half_closed)

    def test_the_client_may_read_the_answer_before_the_connection_ends(self) -> None:
        """A reset would throw away the answer; so what still comes is read and dropped for a moment."""
        self.client.send(POST + b"Content-Length: 10000000000\r\n\r\nmore")
        self.client.send(b"x" * 1000)
        self.assertTrue(self.client.reading)
        self.assertFalse(self.client.transport.aborted)
        self.clock.advance(5)
        self.assertTrue(self.client.transport.aborted)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_dropping_has_a_bound(self) -> None:
        self.client.send(POST + b"Content-Length: 10000000000\r\n\r\n")
        block = b"x" * 2**20
        for _ in range(LINGER_BYTES // 2**20):
            self.client.send(block)
        self.assertFalse(self.client.transport.aborted)
        self.client.send(b"x")
        self.assertTrue(self.client.transport.aborted)

    def test_a_chunked_body_is_counted(self) -> None:
        self.client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(6):
            self.client.send(b"186A0\r\n" + b"x" * 100_000 + b"\r\n")
        self.assertEqual(self.client.status, 413)
        self.assertEqual(self.client.received.count(b"HTTP/1.1"), 1)

    def test_a_route_may_have_its_own_limit(self) -> None:
        self.client.send(POST.replace(b"echo", b"big") + b"Content-Length: %d\r\n\r\n" % (MAXIMUM_BODY + 1))
        self.assertEqual(self.client.status, 0)
        self.client.hang_up()

    def test_heads_have_bounds(self) -> None:
        many = b"".join(b"H%d: x\r\n" % number for number in range(101))
        for head in (many, b"H: " + b"x" * 17_000 + b"\r\n", (b"H: " + b"x" * 2000 + b"\r\n") * 9):
            client = Connection(self.site)
            client.send(b"GET /plain HTTP/1.1\r\nHost: pod\r\n" + head + b"\r\n")
            self.assertEqual((client.status, client.received.count(b"HTTP/1.1")), (400, 1))
            client.hang_up()

    def test_a_long_url_is_refused(self) -> None:
        self.client.send(b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: pod\r\n\r\n")
        self.assertEqual((self.client.status, self.client.received.count(b"HTTP/1.1")), (400, 1))
        self.client.hang_up()


class SlowClientTests(SiteCase):
    """Slow loris in head and body."""

    def test_a_head_has_an_absolute_deadline(self) -> None:
        """Each byte starts Twisted's idle timeout anew; this deadline does not move."""
        self.client.send(b"GET /plain HTTP/1.1\r\n")
        for _ in range(9):
            self.clock.advance(1)
            self.client.send(b"H: x\r\n")
        self.assertEqual(self.client.status, 0)
        self.clock.advance(1)
        self.assertEqual(self.client.status, 408)
        self.assertTrue(self.client.closed)

    def test_the_second_head_of_a_connection_has_its_own_deadline(self) -> None:
        self.client.send(b"GET /plain HTTP/1.1\r\nHost: pod\r\n\r\n")
        self.clock.advance(30)
        self.assertFalse(self.client.closed)
        self.client.send(b"GET")
        self.clock.advance(9)
        self.assertFalse(self.client.closed)
        self.clock.advance(1)
        self.assertTrue(self.client.closed)

    def test_a_head_that_follows_in_the_same_packet_has_a_deadline(self) -> None:
        self.client.send(b"GET /plain HTTP/1.1\r\nHost: pod\r\n\r\nGET /pl")
        self.clock.advance(10)
        self.assertTrue(self.client.closed)

    def test_a_connection_on_which_nothing_is_asked_ends(self) -> None:
        self.clock.pump([30, 31])
        self.assertTrue(self.client.transport.disconnecting)

    def test_a_body_has_a_minimum_rate(self) -> None:
        self.client.send(POST + b"Content-Length: 100000\r\n\r\n")
        for _ in range(10):
            self.client.send(b"x" * 100)
            self.clock.advance(1)
        self.assertEqual(self.client.status, 408)
        self.assertTrue(self.client.closed)

    def test_a_body_may_come_at_the_minimum_rate(self) -> None:
        self.client.send(POST + b"Content-Length: 102400\r\n\r\n")
        for _ in range(100):
            self.client.send(b"x" * BYTES_PER_SECOND)
            self.clock.advance(1)
        self.assertEqual(self.client.status, 200)

    def test_a_fast_start_does_not_pay_for_a_stall(self) -> None:
        self.client.send(POST + b"Content-Length: 400000\r\n\r\n" + b"x" * 300_000)
        self.clock.pump([10, 31])
        self.assertEqual(self.client.status, 408)

    def test_nothing_is_left_when_the_client_goes_away(self) -> None:
        self.client.send(POST + b"Content-Length: 400000\r\n\r\nx")
        self.client.hang_up()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class PaceTests(TestCase):
    """The measure of a body's rate."""

    def test_time_in_which_we_did_not_read_does_not_count(self) -> None:
        pace = Pace(100)
        pace.hold(101)
        self.assertEqual(pace.seconds_to_check(500), 9)
        pace.release(501)
        self.assertEqual(pace.seconds_to_check(505), 5)
        pace.received(10 * BYTES_PER_SECOND)
        self.assertFalse(pace.is_too_slow(510))
        self.assertTrue(pace.is_too_slow(540))
