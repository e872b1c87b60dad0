"""docs/pods-protocol.rst shows what the code does."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.pods.test_envelope import BODY
from tests.signatures.fixed import PUBLIC_PEM

PAGE = Path(__file__).parent.parent.parent / "docs" / "pods-protocol.rst"


class DocumentationTests(SynchronousTestCase):
    """The literal example."""

    def test_the_example_is_the_literal_envelope(self) -> None:
        """Whoever writes another pod can rely on it."""
        page = "".join(line.strip() for line in PAGE.read_text().splitlines())
        self.assertIn(BODY.decode(), page)
        self.assertIn(PUBLIC_PEM.replace("\n", ""), page)
