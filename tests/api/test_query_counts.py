"""Lists ask the database the same number of questions whether they hold one row or a page of them.

Every list there is takes part: a route with a ``count`` parameter, in the node's own description of its API.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import TestCase

from peertube.model.admin_events import AdminEventKind
from peertube.model.videos import Rating, VideoState
from peertube.storage import admin_events, history, jobs, ownership_changes, pods, ratings, registrations, subscriptions
from peertube.storage.database import Transaction
from tests.network import Network
from tests.storage.publishers import NOW_MS, add_account, add_video, uuid_of

_EMPTY = {"/search/video-playlists"}
"""Lists of what there is not yet."""

_asked: ContextVar[list[str] | None] = ContextVar("asked", default=None)


class CountingTransaction:
    """Notes each question before it is asked."""

    def __init__(self, tx: Transaction, asked: list[str]) -> None:
        self._tx = tx
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._tx, name)
        if name == "after_commit":
            return method

        async def noted(query: Any, *arguments: Any, **parameters: Any) -> Any:
            self._asked.append(str(query))
            return await method(query, *arguments, **parameters)

        return noted


def counting(ask: Callable[..., Any]) -> Callable[..., Any]:
    """`Database.read` or `write`, which notes what is asked on behalf of a request that is being counted."""

    async def wrapped(interaction: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        asked = _asked.get()
        if asked is None:
            return await ask(interaction, *arguments, **named)

        async def noted(tx: Transaction, *given: Any, **more: Any) -> Any:
            return await interaction(CountingTransaction(tx, asked), *given, **more)

        return await ask(noted, *arguments, **named)

    return wrapped


def _wanting(number: int) -> registrations.NewRegistration:
    return registrations.NewRegistration(
        username=f"wanting_{number}",
        email=f"wanting_{number}@pod.example",
        password_hash="",
        reason="Because",
        display_name=None,
        channel_name=None,
        channel_display_name=None,
        language="en",
        now_ms=NOW_MS,
    )


class ListTests(TestCase):
    """A pod with root, whose lists grow."""

    async def setUp(self) -> None:
        self.network = Network(1)
        self.pod = self.network.pods[0]
        self.database = self.pod.node._ground.database
        for name in ("read", "write"):
            self.enterContext(patch.object(self.database, name, counting(getattr(self.database, name))))
        await self.network.start()
        self.me = (await self.pod.get("/users/me")).json

    async def tearDown(self) -> None:
        await self.network.stop()

    async def test_lists_ask_as_much_for_many_rows_as_for_one(self) -> None:
        """A query for each row is what makes a pod slow when it has become popular."""
        await self._grow(1, 3)
        few = await self._all_lists()
        await self._grow(3, 14)
        many = await self._all_lists()
        self.assertGreater(len(few), 12)
        self.assertEqual(
            {path: found[1] for path, found in few.items()}, {path: found[1] for path, found in many.items()}
        )
        stuck = {path for path in few if many[path][0] <= few[path][0]}
        self.assertEqual(stuck, set(), "lists that did not grow prove nothing")

    async def _all_lists(self) -> dict[str, tuple[int, int]]:
        """Rows and questions of each list, logged in and not."""
        found = {}
        for path, operations in self.pod.node.api_document["paths"].items():
            parameters = {one["name"] for one in operations.get("get", {}).get("parameters", [])}
            if "count" not in parameters or "{state}" in path or path in _EMPTY:
                continue
            handle = "root" if path.startswith("/accounts") else self.me["videoChannels"][0]["name"]
            named = str(self.me["id"]) if path.startswith("/users/") else uuid_of(1)
            asked = path.replace("{handle}", handle).replace("{identifier}", named)
            queries = [""] + ["&include=8"] * ("include" in parameters) + ["&search=channel"] * ("search" in path)
            for query in queries:
                await self.pod.get(f"{asked}?count=100{query}")
                await self.pod.node._ground.totals.forget()
                noted: list[str] = []
                token = _asked.set(noted)
                answer = await self.pod.get(f"{asked}?count=100{query}")
                _asked.reset(token)
                self.assertEqual(answer.status, 200, f"{asked}: {answer.body!r}")
                found[asked + query] = len(answer.json["data"]), len(noted)
        return found

    async def _grow(self, first: int, end: int) -> None:
        await self.database.write(self._rows, first, end)
        for number in range(first, end):
            named = {"name": f"channel_{number}", "displayName": f"Channel {number}"}
            user = {"username": f"user_{number}", "password": "password", "email": f"u{number}@pod.example"}
            report = {"reason": "Because of this", "video": {"id": number}}
            for path, body in (("/video-channels", named), ("/users", user), ("/abuses", report)):
                answer = await self.pod.call("POST", path, body)
                self.assertEqual(answer.status, 200, f"{path}: {answer.body!r}")
                if path == "/users":
                    follower, channel = answer.json["user"]["id"], self.me["videoChannels"][0]["id"]
                    await self.database.write(subscriptions.add, follower, NOW_MS, channel_id=channel)
        for _ in range(first, min(end, first + 5)):
            await self.pod.log_in("root", "secret")
        passwords = [f"password {number}" for number in range(end)]
        protected = {"privacy": 5, "videoPasswords": passwords}
        self.assertEqual((await self.pod.call("PUT", f"/videos/{uuid_of(1)}", protected)).status, 204)

    async def _rows(self, tx: Transaction, first: int, end: int) -> None:
        channel = self.me["videoChannels"][0]["id"]
        for number in range(first, end):
            video = await add_video(
                tx, number, channel, change={"state": VideoState.PUBLISHED, "uuid": uuid_of(number)}
            )
            await history.note(tx, [(self.me["id"], video, 3, NOW_MS + number)])
            account, followed = await add_account(tx, f"friend_{number}", host=f"pod{number}.example")
            await subscriptions.add(tx, self.me["id"], NOW_MS, channel_id=followed)
            await subscriptions.add(tx, self.me["id"], NOW_MS, account_id=account)
            await add_video(tx, 100 + number, followed, change={"uuid": uuid_of(100 + number)})
            await ratings.put(tx, self.me["id"], video, Rating.LIKE, NOW_MS)
            await ownership_changes.add(tx, video, account, self.me["account"]["id"], NOW_MS)
            await jobs.add(tx, "sleep", {}, NOW_MS, run_at_ms=2**50)
            await registrations.add(tx, _wanting(number))
            await admin_events.add(tx, next(iter(AdminEventKind)), f"pod{number}.example", "", NOW_MS)
            await pods.add(
                tx,
                host=f"other{number}.example",
                email="",
                public_key=f"key {number}",
                protocol=4,
                score=20,
                now_ms=NOW_MS,
            )
