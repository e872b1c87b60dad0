"""The file that explains the configuration says the truth about it."""

from itertools import pairwise
from pathlib import Path

import yaml
from twisted.trial.unittest import SynchronousTestCase

from peertube.config.current import Current
from peertube.config.keys import all_keys, flatten
from peertube.config.load import load
from peertube.config.schema import Listen, Settings

_ETC = Path(__file__).resolve().parent.parent.parent / "etc"


class ExplainedTests(SynchronousTestCase):
    """`etc/peertube.yaml` and the schema are the same."""

    def test_every_key_with_its_default(self) -> None:
        """In both, with one value, in one order."""
        written = dict(flatten(yaml.safe_load((_ETC / "peertube.yaml").read_text())))
        defaults = Settings().model_dump(mode="json")
        expected = {}
        for key in all_keys():
            value = defaults
            for name in key.path:
                value = value[name]
            expected[key.path] = value
        self.assertEqual(written, expected)
        self.assertEqual(list(written), list(expected))

    def test_every_key_is_explained(self) -> None:
        """A comment stands above each."""
        lines = (_ETC / "peertube.yaml").read_text().splitlines()
        names = {key.path[-1] for key in all_keys()}
        for above, line in pairwise(lines):
            name = line.strip().partition(":")[0]
            if name in names and not line.strip().startswith("#") and not line.endswith(":"):
                self.assertTrue(above.strip().startswith("#"), f"nothing is said of {line!r}")

    def test_variants_load(self) -> None:
        """Without problems and without warnings, alone and over the explained file."""
        for variant in ("production.yaml", "test.yaml"):
            for paths in ([_ETC / variant], [_ETC / "peertube.yaml", _ETC / variant]):
                self.assertEqual(load(paths, {}).warnings, ())


class CurrentTests(SynchronousTestCase):
    """Settings can change while the pod runs."""

    def test_replace(self) -> None:
        """Whoever asks later gets the new ones."""
        current = Current(Settings())
        current.replace(Settings(listen=Listen(port=1)))
        self.assertEqual(current.settings.listen.port, 1)
