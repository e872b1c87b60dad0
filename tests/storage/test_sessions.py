"""Rows of sessions."""

import attrs
from twisted.trial.unittest import TestCase

from peertube.model.users import Role
from peertube.storage import sessions, users
from peertube.storage.database import ForeignKeyViolation, UniqueViolation
from peertube.storage.sessions import NewSession
from tests.storage.databases import open_memory_database

_NEW = NewSession(
    user_id=1, kind="api", token_hash="t", family_hash="f", created_ms=1, access_expires_ms=2, expires_ms=3,
    address="192.0.2.1", user_agent="a program",
)  # fmt: skip


class SessionTests(TestCase):
    """What lives as long as a login."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.read, self.write = self.database.read, self.database.write
        user = users.NewUser(
            username="a", email="a@b", email_verified=True, password_hash="", role=Role.USER, may_upload=True,
            video_quota=-1, video_quota_daily=-1, created_ms=0,
        )  # fmt: skip
        self.user = await self.write(users.add, user)

    async def tearDown(self) -> None:
        await self.database.stop()

    async def add(self, token: str, **more) -> int:
        new = attrs.evolve(_NEW, user_id=self.user, token_hash=token, **more)
        return await self.write(sessions.add, new)

    async def test_a_token_finds_its_session_of_its_kind(self) -> None:
        """A cookie is no refresh token."""
        number = await self.add("t")
        found = await self.read(sessions.by_token_hash, "api", "t")
        self.assertEqual(found, await self.read(sessions.by_id, number))
        self.assertEqual(("f", 3, "192.0.2.1"), (found.family_hash, found.expires_ms, found.address))
        self.assertIsNone(await self.read(sessions.by_token_hash, "page", "t"))

    async def test_tokens_are_unique_and_need_a_user(self) -> None:
        """Nobody's session is nobody's."""
        await self.add("t")
        for wrong, kind in (({}, UniqueViolation), ({"user_id": 99, "token_hash": "u"}, ForeignKeyViolation)):
            new = attrs.evolve(_NEW, **{"user_id": self.user, **wrong})
            try:
                await self.write(sessions.add, new)
            except kind:
                continue
            self.fail(f"no {kind.__name__}")

    async def test_families_users_and_surplus_end(self) -> None:
        """Each tells which sessions it ended."""
        first, second, third = await self.add("1"), await self.add("2", family_hash="g"), await self.add("3")
        self.assertEqual({first, third}, set(await self.write(sessions.remove_family, "f")))
        fourth, fifth = await self.add("4"), await self.add("5")
        self.assertEqual([second], await self.write(sessions.remove_surplus, self.user, 2))
        self.assertEqual({fourth, fifth}, set(await self.write(sessions.remove_of_user, self.user)))
        self.assertGreater(await self.add("6"), fifth)  # an id is never given twice: old tokens name it

    async def test_expired_rows_go_a_few_at_a_time(self) -> None:
        """The oldest first; extended ones stay."""
        first, second = await self.add("1", expires_ms=10), await self.add("2", expires_ms=20)
        third = await self.add("3", expires_ms=5)
        self.assertTrue(await self.write(sessions.extend, first, 100))
        self.assertEqual([third], await self.write(sessions.remove_expired, 50, 1))
        self.assertEqual([second], await self.write(sessions.remove_expired, 50, 10))
        self.assertFalse(await self.write(sessions.remove, second))

    async def test_they_go_with_their_user(self) -> None:
        """By the database itself."""
        number = await self.add("1")
        await self.write(users.remove, self.user)
        self.assertIsNone(await self.read(sessions.by_id, number))
