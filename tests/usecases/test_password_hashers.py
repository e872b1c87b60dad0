"""The hasher of the tests and the real one keep the same contract."""

import argon2
from twisted.trial.unittest import TestCase

from peertube.shared.passwords import Argon2Hasher
from tests.usecases.people import FastHasher


class Contract:
    """What every `PasswordHasher` does."""

    async def test_the_password_belongs_to_its_hash(self) -> None:
        """Who knows the password gets in."""
        self.assertTrue(await self.hasher.verify(await self.hasher.hash("sesame"), "sesame"))

    async def test_another_password_does_not(self) -> None:
        """Who does not know it stays out."""
        stored = await self.hasher.hash("sesame")
        for wrong in ("", "Sesame", "sesame ", "s"):
            self.assertFalse(await self.hasher.verify(stored, wrong))

    async def test_hashes_are_salted_and_tell_nothing(self) -> None:
        """Two people with one password must not be seen to have one."""
        first, second = await self.hasher.hash("sesame"), await self.hasher.hash("sesame")
        self.assertNotEqual(first, second)
        self.assertNotIn("sesame", first)

    async def test_nonsense_is_no_hash(self) -> None:
        """A broken row lets nobody in, and breaks nothing."""
        self.assertFalse(await self.hasher.verify("nonsense", "nonsense"))


class FastHasherTests(Contract, TestCase):
    """The hasher of the tests."""

    def setUp(self) -> None:
        self.hasher = FastHasher()


class Argon2HasherTests(Contract, TestCase):
    """The real hasher, with less work per hash."""

    async def setUp(self) -> None:
        from twisted.internet import reactor

        weak = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        self.hasher = Argon2Hasher(reactor=reactor, hasher=weak)
        await self.hasher.start()

    async def tearDown(self) -> None:
        await self.hasher.stop()
