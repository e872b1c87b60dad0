"""Rows of accounts and channels."""

from twisted.trial.unittest import TestCase

from peertube.model.accounts import LOCAL
from peertube.model.pages import Window
from peertube.storage import accounts, channels
from peertube.storage.database import ForeignKeyViolation, UniqueViolation
from tests.storage.databases import open_memory_database


async def add_account(tx, uuid: str = "a1", host: str = LOCAL, name: str = "anna") -> int:
    """An account without a user."""
    return await accounts.add(
        tx, uuid=uuid, host=host, user_id=None, name=name, display_name=name.title(), description="about",
        created_ms=1, updated_ms=2,
    )  # fmt: skip


async def add_channel(tx, account_id: int, uuid: str = "c1", host: str = LOCAL, name: str = "news") -> int:
    """A channel of an account."""
    return await channels.add(
        tx, uuid=uuid, host=host, account_id=account_id, name=name, display_name=name.title(), description=None,
        support="money", created_ms=1, updated_ms=2,
    )  # fmt: skip


class Case(TestCase):
    """With a database."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.read, self.write = self.database.read, self.database.write

    async def tearDown(self) -> None:
        await self.database.stop()

    async def fails(self, kind: type[Exception], function, *arguments, **named) -> None:
        try:
            await self.write(function, *arguments, **named)
        except kind:
            return
        self.fail(f"no {kind.__name__}")


class AccountTests(Case):
    """Here and elsewhere."""

    async def test_what_is_stored_is_read(self) -> None:
        """By every key."""
        number = await self.write(add_account)
        found = await self.read(accounts.by_id, number)
        self.assertEqual(("a1", LOCAL, "anna", "Anna", "about", 1, 2), (
            found.uuid, found.host, found.name, found.display_name, found.description, found.created_ms,
            found.updated_ms,
        ))  # fmt: skip
        self.assertEqual(found, await self.read(accounts.by_uuid, LOCAL, "a1"))
        self.assertEqual(found, await self.read(accounts.local_by_name, "anna"))
        self.assertEqual({number: found}, await self.read(accounts.by_ids, [number, 99]))
        self.assertIsNone(await self.read(accounts.by_uuid, "b.example", "a1"))

    async def test_names_are_unique_here_and_not_elsewhere(self) -> None:
        """Another pod's rows must never keep ours from being made."""
        await self.write(add_account)
        await self.fails(UniqueViolation, add_account, "a2")
        await self.write(add_account, "a1", "b.example")
        await self.fails(UniqueViolation, add_account, "a1", "b.example", "other")
        first = await self.read(accounts.by_uuid, "b.example", "a1")
        await self.write(add_account, "a2", "b.example")
        self.assertEqual(first, await self.read(accounts.by_name, "b.example", "anna"))

    async def test_remote_updates_do_not_touch_local_accounts(self) -> None:
        """Whatever id they name."""
        ours, theirs = await self.write(add_account), await self.write(add_account, "a1", "b.example")
        new = {"name": "eve", "display_name": "Eve", "description": None, "updated_ms": 9}
        self.assertFalse(await self.write(accounts.update_remote, ours, **new))
        self.assertTrue(await self.write(accounts.update_remote, theirs, **new))
        self.assertEqual("eve", (await self.read(accounts.by_id, theirs)).name)

    async def test_a_pod_goes_with_everything(self) -> None:
        """And this pod's own things stay, even when asked for by their empty host."""
        ours = await self.write(add_account)
        await self.write(add_channel, ours)
        theirs = await self.write(add_account, "a1", "b.example")
        gone = await self.write(add_channel, theirs, "c1", "b.example")
        self.assertEqual(1, await self.write(accounts.remove_of_host, "b.example"))
        self.assertEqual(0, await self.write(accounts.remove_of_host, LOCAL))
        self.assertIsNone(await self.read(channels.by_id, gone))
        self.assertEqual(1, await self.read(accounts.total))


class ChannelTests(Case):
    """What accounts publish in."""

    async def test_what_is_stored_is_read(self) -> None:
        """By every key."""
        account = await self.write(add_account)
        number = await self.write(add_channel, account)
        found = await self.read(channels.by_id, number)
        self.assertEqual(("c1", account, "news", "News", None, "money"), (
            found.uuid, found.account_id, found.name, found.display_name, found.description, found.support,
        ))  # fmt: skip
        self.assertEqual(found, await self.read(channels.by_uuid, LOCAL, "c1"))
        self.assertEqual(found, await self.read(channels.local_by_name, "news"))
        self.assertEqual([found], await self.read(channels.of_account, account))
        self.assertEqual({account: [found], 99: []}, await self.read(channels.of_accounts, [account, 99]))

    async def test_updates(self) -> None:
        """The name stays unless one is given."""
        number = await self.write(add_channel, await self.write(add_account))
        new = {"display_name": "New", "description": "d", "support": None, "updated_ms": 9}
        self.assertTrue(await self.write(channels.update, number, **new))
        self.assertEqual("news", (await self.read(channels.by_id, number)).name)
        self.assertTrue(await self.write(channels.update, number, **new, name="olds"))
        self.assertEqual("olds", (await self.read(channels.by_id, number)).name)
        self.assertFalse(await self.write(channels.update, 99, **new, name="x"))

    async def test_every_order_works(self) -> None:
        """Of all channels, and of one account."""
        account = await self.write(add_account)
        for number in range(3):
            await self.write(add_channel, account, f"c{number}", LOCAL, f"n{number}")
        for sort in sorted(channels.SORTS):
            names = [one.name for one in await self.read(channels.listing, Window(sort=sort))]
            expected = ["n2", "n1", "n0"] if sort.startswith("-") else ["n0", "n1", "n2"]
            self.assertEqual(expected, names, sort)
        window = Window(start=1, count=1, sort="name")
        owned = await self.read(channels.owned, account, window, "N", collaborations=False)
        self.assertEqual((3, ["n1"]), (owned.total, [one.name for one in owned.items]))
        self.assertEqual((3, 3, 0), (
            await self.read(channels.total), await self.read(channels.total, account),
            await self.read(channels.total, 99),
        ))  # fmt: skip

    async def test_a_channel_needs_its_account(self) -> None:
        """And goes with it."""
        await self.fails(ForeignKeyViolation, add_channel, 99)
        account = await self.write(add_account)
        number = await self.write(add_channel, account)
        self.assertTrue(await self.write(accounts.remove, account))
        self.assertIsNone(await self.read(channels.by_id, number))
        self.assertFalse(await self.write(channels.remove, number))
