"""What the documentation says of the REST API is so."""

from twisted.trial.unittest import SynchronousTestCase

from tests.rest_api_table import offered, rows


class TableTests(SynchronousTestCase):
    """``docs/rest-api.rst``."""

    def test_what_is_said_to_be_done_is_there_and_what_is_there_is_said_to_be_done(self) -> None:
        """Run ``python -m tests.rest_api_table`` after adding a route."""
        have, table = offered(), rows()
        self.assertGreater(len(table), 230)
        self.assertEqual([row for row in table if row.state == "done" and row.endpoint not in have], [], "missing")
        self.assertEqual([row for row in table if row.state != "done" and row.endpoint in have], [], "done since")

    def test_every_row_says_what_becomes_of_it(self) -> None:
        wrong = [row for row in rows() if row.state != "done" and not row.state.startswith(("later: ", "never: "))]
        self.assertEqual(wrong, [])

    def test_every_endpoint_is_listed_once(self) -> None:
        endpoints = [row.endpoint for row in rows()]
        self.assertEqual(len(endpoints), len(set(endpoints)))
