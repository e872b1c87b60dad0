"""URLs that stand for several keys."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.config.load import ConfigurationError, load


class UrlTests(SynchronousTestCase):
    """``DATABASE_URL`` and ``REDIS_URL``."""

    def test_postgresql(self) -> None:
        """Every part has its key; characters may be escaped."""
        url = "postgresql://pod:p%40ss@db.example:5433/videos?sslmode=require"
        database = load([], {"DATABASE_URL": url}).settings.database
        self.assertEqual(("postgresql", "db.example", 5433), (database.engine, database.hostname, database.port))
        self.assertEqual(("pod", "p@ss", "videos"), (database.username, database.password, database.name))
        self.assertTrue(database.ssl)

    def test_postgresql_socket(self) -> None:
        """A socket's folder is given as libpq takes it; what is not said keeps its default."""
        database = load([], {"DATABASE_URL": "postgres:///videos?host=/run/postgresql"}).settings.database
        self.assertEqual(("/run/postgresql", 5432, "peertube"), (database.hostname, database.port, database.username))

    def test_long_names_win(self) -> None:
        """The name of a key is more exact than a URL."""
        environ = {"DATABASE_URL": "postgresql://a:b@c/d", "PEERTUBE_DATABASE_NAME": "e"}
        self.assertEqual("e", load([], environ).settings.database.name)

    def test_redis(self) -> None:
        """Naming a Redis turns it on."""
        redis = load([], {"REDIS_URL": "redis://:secret@cache:6380/3"}).settings.redis
        self.assertEqual((True, "cache", 6380, "secret", 3), tuple(dict(redis).values()))
        self.assertEqual(0, load([], {"REDIS_URL": "redis://cache"}).settings.redis.db)

    def test_wrong(self) -> None:
        """One line that says what is expected, without the password."""
        wrong = {
            "DATABASE_URL": ("postgresql://a:hidden@b/", "postgresql://a:hidden@b:99999/c", "postgresql://a/b?x=y"),
            "REDIS_URL": ("rediss://:hidden@a", "redis://a/b", "redis:///1"),
        }
        for name, values in wrong.items():
            for value in values:
                with self.assertRaises(ConfigurationError) as caught:
                    load([], {name: value})
                (problem,) = caught.exception.problems
                self.assertIn(name, problem)
                self.assertNotIn("hidden", problem)
