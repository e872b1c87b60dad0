"""Ranges and conditions, case by case."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.http.ranges import Representation, Selection, parse, select

FILE = Representation(size=1000, etag='"e"', modified=1_700_000_000)
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
LATER = "Tue, 14 Nov 2023 22:13:21 GMT"
EARLIER = "Tue, 14 Nov 2023 22:13:19 GMT"


class ParseTests(SynchronousTestCase):
    """The Range header."""

    def test_ranges(self) -> None:
        for header, expected in (
            ("bytes=0-0", [(0, 0)]),
            ("bytes=0-", [(0, 999)]),
            ("Bytes = 10-19", [(10, 19)]),
            ("bytes=990-5000", [(990, 999)]),
            ("bytes=-1", [(999, 999)]),
            ("bytes=-5000", [(0, 999)]),
            ("bytes=0-1, 5-6", [(0, 1), (5, 6)]),
            ("bytes=2000-,-1", [(999, 999)]),
            ("bytes=1000-", []),
            ("bytes=-0", []),
            ("bytes=5-4", None),
            ("bytes=-", None),
            ("bytes=", None),
            ("bytes=a-b", None),
            ("bytes=1", None),
            ("items=0-1", None),
            ("bytes=" + "9" * 19 + "-", None),
            ("bytes=" + ",".join(["0-1"] * 17), None),
        ):
            self.assertEqual(parse(header, 1000), expected, header)

    def test_an_empty_file_has_no_ranges(self) -> None:
        for header in ("bytes=0-0", "bytes=-1", "bytes=0-"):
            self.assertEqual(parse(header, 0), [])


class SelectTests(SynchronousTestCase):
    """Conditions before ranges."""

    def test_the_table_of_rfc_9110(self) -> None:
        part = {"range": "bytes=10-19"}
        for method, headers, expected in (
            ("GET", {}, (200, 0, 1000)),
            ("GET", part, (206, 10, 10)),
            ("HEAD", part, (200, 0, 1000)),
            ("GET", {"range": "bytes=1000-"}, (416, 0, 0)),
            ("GET", {"range": "bytes=0-1,5-6"}, (200, 0, 1000)),
            ("GET", part | {"if-range": '"e"'}, (206, 10, 10)),
            ("GET", part | {"if-range": 'W/"e"'}, (200, 0, 1000)),
            ("GET", part | {"if-range": '"other"'}, (200, 0, 1000)),
            ("GET", part | {"if-range": DATE}, (206, 10, 10)),
            ("GET", part | {"if-range": LATER}, (200, 0, 1000)),
            ("GET", {"if-none-match": '"e"'}, (304, 0, 0)),
            ("HEAD", {"if-none-match": '"x", W/"e"'}, (304, 0, 0)),
            ("GET", {"if-none-match": "*"}, (304, 0, 0)),
            ("GET", {"if-none-match": '"x"', "if-modified-since": LATER}, (200, 0, 1000)),
            ("GET", {"if-modified-since": DATE}, (304, 0, 0)),
            ("GET", {"if-modified-since": EARLIER}, (200, 0, 1000)),
            ("GET", {"if-modified-since": "yesterday"}, (200, 0, 1000)),
            ("GET", {"if-match": '"e"'}, (200, 0, 1000)),
            ("GET", {"if-match": '"x"'}, (412, 0, 0)),
            ("GET", {"if-match": "*"} | part, (206, 10, 10)),
            ("GET", {"if-unmodified-since": EARLIER}, (412, 0, 0)),
            ("GET", {"if-unmodified-since": DATE}, (200, 0, 1000)),
            ("GET", part | {"if-none-match": '"e"'}, (304, 0, 0)),
        ):
            self.assertEqual(select(method, headers, FILE), Selection(*expected), (method, headers))

    def test_the_date_is_said_as_http_wants_it(self) -> None:
        self.assertEqual(FILE.last_modified, DATE)
