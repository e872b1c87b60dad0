"""The operator writes the configuration; mistakes are told in the operator's words, all at once."""

from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.config.keys import all_keys
from peertube.config.load import ConfigurationError, Loaded, load
from peertube.config.schema import Settings


class _LoadCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def _file(self, text: str, name: str = "a.yaml") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def _load(self, *texts: str, **environ: str) -> Loaded:
        return load([self._file(text, f"{number}.yaml") for number, text in enumerate(texts)], environ)

    def _problems(self, *texts: str, **environ: str) -> list[str]:
        with self.assertRaises(ConfigurationError) as caught:
            self._load(*texts, **environ)
        return [line.replace(f"{self.folder}/", "") for line in caught.exception.problems]


class SourcesTests(_LoadCase):
    """Files and environment, one over the other."""

    def test_nothing_at_all(self) -> None:
        """A pod runs on its defaults."""
        self.assertEqual(load([], {}), Loaded(Settings(), ()))
        self.assertEqual(self._load("").settings, Settings())
        self.assertEqual(self._load("listen:\ntracker: {}\n").settings, Settings())

    def test_later_files_win(self) -> None:
        """Key by key, not section by section."""
        settings = self._load("listen: {port: 1000, hostname: '::'}", "listen: {port: 2000}").settings
        self.assertEqual((settings.listen.hostname, settings.listen.port), ("::", 2000))

    def test_environment_wins(self) -> None:
        """Every key has a variable, made from its path."""
        settings = self._load(
            "listen: {port: 1000}",
            PEERTUBE_LISTEN_PORT="2000",
            PEERTUBE_TRACKER_PRIVATE="false",
            PEERTUBE_TRACKER_UDP_PORT="3000",
            PEERTUBE_FRIENDS_PRESET_HOSTS="a.example, b.example:9001",
            PEERTUBE_INSTANCE_NAME="007",
            PEERTUBE_STORAGE_WEB_VIDEOS="/srv/videos",
            HOME="/root",
        ).settings
        self.assertEqual(
            (settings.listen.port, settings.tracker.private, settings.tracker.udp.port), (2000, False, 3000)
        )
        self.assertEqual(settings.friends.preset_hosts, ("a.example", "b.example:9001"))
        self.assertEqual((settings.instance.name, settings.storage.web_videos), ("007", Path("/srv/videos")))
        self.assertEqual(len({key.variable for key in all_keys()}), len(list(all_keys())))

    def test_absent_by_environment(self) -> None:
        """What may be absent can be made so."""
        settings = self._load(
            "tracker: {udp: {port: 5}}", PEERTUBE_TRACKER_UDP_PORT="", PEERTUBE_TRUST_PROXY=""
        ).settings
        self.assertEqual((settings.tracker.udp.port, settings.trust_proxy), (None, ()))

    def test_aliases(self) -> None:
        """What hosting services set; our own names win over them."""
        settings = self._load(PORT="1", DATABASE_URL="sqlite:////srv/a.db", JWT_SECRET="s").settings
        self.assertEqual((settings.listen.port, settings.secrets.peertube), (1, "s"))
        self.assertEqual(settings.database.path, Path("/srv/a.db"))
        self.assertEqual(self._load(PORT="1", PEERTUBE_LISTEN_PORT="2").settings.listen.port, 2)
        self.assertEqual(
            self._problems(DATABASE_URL="mysql://x/y"),
            [
                "database: expected sqlite:///path or postgresql://user:password@host:port/name (in DATABASE_URL)",
            ],
        )

    def test_units(self) -> None:
        """As PeerTube's files write times and sizes."""
        settings = self._load(
            "rates_limit: {login: {window: 5 minutes, max: 3}}\n"
            "oauth2: {token_lifetime: {access_token: '1 day', refresh_token: 2 weeks}}\n"
            "user: {video_quota: 1.5 GB, video_quota_daily: -1}\nupload: {max_file_size: 10MB}\n"
        ).settings
        self.assertEqual(settings.rates_limit.login.window, 300)
        self.assertEqual(settings.oauth2.token_lifetime.access_token, 86_400)
        self.assertEqual(settings.oauth2.token_lifetime.refresh_token, 1_209_600)
        self.assertEqual((settings.user.video_quota, settings.user.video_quota_daily), (1_610_612_736, -1))
        self.assertEqual(settings.upload.max_file_size, 10_485_760)


class WarningsTests(_LoadCase):
    """What has no effect is said, and does not stop the pod."""

    def test_unknown_keys(self) -> None:
        """With what was probably meant; also a right word in a wrong place."""
        warnings = self._load(
            "listen: {prot: 1}\ntracker: {udp_port: 5}\nwebserver: {preset_hosts: []}\nnonsense: {hostname: x}\n",
            PEERTUBE_LISTEN_HOSTNAM="x",
        ).warnings
        self.assertEqual(
            [line.partition(" (in ")[0].replace("there is no such key, it has no effect", "…") for line in warnings],
            [
                "listen.prot: …; did you mean listen.port?",
                "tracker.udp_port: …; did you mean tracker.udp.port?",
                "webserver.preset_hosts: …; did you mean friends.preset_hosts?",
                "nonsense.hostname: …",
                "PEERTUBE_LISTEN_HOSTNAM: …; did you mean PEERTUBE_LISTEN_HOSTNAME?",
            ],
        )


class ProblemsTests(_LoadCase):
    """Every mistake in one go, one line each, its key first."""

    def test_all_at_once(self) -> None:
        """Wrong types, values out of range, from file and environment."""
        self.assertEqual(
            self._problems(
                "listen: {port: 70000}\nwebserver: {https: perhaps}\ninstance: {default_nsfw_policy: never}\n"
                "rates_limit: {login: {window: soon, max: 3}}\nstorage: [a]\nfriends: {preset_hosts: localhost}\n"
                "admin: {email: me}\n",
                PEERTUBE_JOBS_CONCURRENCY="many",
            ),
            [
                "storage: expected a section with keys (in 0.yaml)",
                "listen.port: expected less than or equal to 65535, found 70000 (in 0.yaml)",
                "webserver.https: expected a valid boolean, unable to interpret input, found 'perhaps' (in 0.yaml)",
                "admin.email: Should be an e-mail address, found 'me' (in 0.yaml)",
                "rates_limit.login.window: expected a valid number, unable to parse string as a number, found 'soon'"
                " (in 0.yaml)",
                "friends.preset_hosts: expected a valid tuple, found 'localhost' (in 0.yaml)",
                "jobs.concurrency: expected a valid integer, unable to parse string as an integer, found 'many'"
                " (in PEERTUBE_JOBS_CONCURRENCY)",
                "instance.default_nsfw_policy: expected 'do_not_list', 'blur', 'warn' or 'display', found 'never'"
                " (in 0.yaml)",
            ],
        )

    def test_values_in_the_wrong_shape(self) -> None:
        """A section where a value belongs, and nothing where a value must be."""
        problems = self._problems("listen: {port: {number: 5}, hostname: }\n")
        self.assertEqual([line.partition(":")[0] for line in problems], ["listen.hostname", "listen.port"])

    def test_secrets_are_not_shown(self) -> None:
        """Not even wrong ones."""
        problems = self._problems("secrets: {peertube: [hush]}\n")
        self.assertEqual(problems, ["secrets.peertube: expected a valid string (in 0.yaml)"])

    def test_unreadable_files(self) -> None:
        """Missing, broken, or something else altogether."""
        path = self._file("a: [1\n")
        for where, expected in [
            (self.folder / "none.yaml", "cannot be read: No such file or directory"),
            (self.folder, "cannot be read: Is a directory"),
            (path, "is not YAML at line 2, column 1"),
            (self._file("- a\n", "list.yaml"), "expected sections with keys"),
            (self._file("a: !!python/object:os.system {}\n", "object.yaml"), "is not YAML at line 1"),
        ]:
            with self.assertRaises(ConfigurationError) as caught:
                load([where], {})
            self.assertIn(f"{where}: {expected}", caught.exception.problems[0])

    def test_what_contradicts_itself(self) -> None:
        """Each key alone looks fine."""
        problems = self._problems(
            "webserver: {hostname: 'a b'}\nfriends: {preset_hosts: ['http://x/']}\n"
            "trust_proxy: [loopback, '10.0.0/8']\n"
            "storage: {tmp: /srv/a, cache: /srv/a/cache, previews: /srv/p, thumbnails: /srv/p}\n"
            "database: {path: /srv/a/db/x.sqlite3}\n"
            "oauth2: {token_lifetime: {access_token: 1 day, refresh_token: 1 hour}}\n"
        )
        self.assertEqual(
            [line.partition(":")[0] for line in problems],
            [
                "webserver.hostname",
                "friends.preset_hosts",
                "trust_proxy",
                "storage.previews",
                "storage.cache",
                "database.path",
                "oauth2.token_lifetime.refresh_token",
            ],
        )

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["listen", "port", "tracker", "udp", "storage", "tmp", "trust_proxy", "secrets", "x"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
        )
    )
    def test_any_content(self, content: object) -> None:
        """Whatever a file holds, the answer is settings or problems."""
        path = self.folder / "any.yaml"
        path.write_text(repr(content).replace("None", "null").replace("True", "true").replace("False", "false"))
        environ: Mapping[str, str] = {}
        try:
            loaded = load([path], environ)
        except ConfigurationError as error:
            self.assertTrue(error.problems)
        else:
            self.assertIsInstance(loaded.settings, Settings)
