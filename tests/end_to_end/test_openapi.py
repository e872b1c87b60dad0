"""Thousands of made-up requests, after our own description of the API, against a real pod."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from tests.end_to_end.pods import shared_network

SECONDS = 100
"""How long requests are made up; the process is ended after twice that."""

LEFT_OUT = (
    "/users/revoke-token",  # ends the session that the run lives on
    "/pods/make-friends",  # these two go out to whatever hosts are made up; asked in memory by tests.test_rules
    "/remote/pods/add",
)


class MadeUpRequestsTests(SynchronousTestCase):
    """schemathesis over ``/api/v1/openapi.json``."""

    timeout = 300

    def test_no_request_makes_the_pod_fail(self) -> None:
        """Whatever a client sends, an answer of 5xx is our mistake."""
        api = shared_network("openapi", 1).apis[0]
        api.log_in()
        with TemporaryDirectory() as folder:
            command = [str(Path(sys.executable).with_name("schemathesis")), "--no-color", "run"]
            command += [f"{api.pod.origin}/api/v1/openapi.json", "--header", f"Authorization: Bearer {api.token}"]
            command += ["--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing"]
            command += ["--max-examples", "25", "--max-time", str(SECONDS), "--seed", "1", "--no-shrink"]
            command += ["--generation-database", "none", "--continue-on-failure", "--warnings", "off"]
            for path in LEFT_OUT:
                command += ["--exclude-path", path]
            run = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=2 * SECONDS, check=False)
        self.assertEqual(run.returncode, 0, run.stdout[-8000:] + run.stderr[-2000:])
        made = re.search(r"(\d[\d,]*) generated", run.stdout)
        self.assertGreater(int(made[1].replace(",", "")) if made else 0, 500, run.stdout[-3000:])
        api.log_in()

    def test_unknown_methods_are_refused_as_such(self) -> None:
        """twisted.web answers 501 to methods it has not heard of; a path that is there does not take them."""
        origin = shared_network("openapi", 1).apis[0].pod.origin
        for method in ("TRACE", "QUERY", "PATCH"):
            request = urllib.request.Request(f"{origin}/api/v1/config", method=method)
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request, timeout=10)
            self.assertEqual(caught.exception.code, 405)
            self.assertEqual(json.load(caught.exception)["code"], "method_not_allowed")
