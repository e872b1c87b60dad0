"""Logging in, staying in, getting out."""

from twisted.trial.unittest import TestCase

from peertube.errors import Invalid, PodError, TooManyRequests, Unauthorized
from peertube.model import topics
from peertube.storage import sessions
from peertube.storage.query import Query
from peertube.usecases import access_tokens
from peertube.usecases.access_tokens import AccessToken, TokenKey
from peertube.usecases.sessions import PAGE_TOKEN_MS
from tests.usecases.people import ADDRESS, GENEROUS, PASSWORD, People

_DAY = 86_400


class CountingDatabase:
    """Passes interactions on and counts them."""

    def __init__(self, database) -> None:
        self._database = database
        self.interactions = 0

    async def read(self, *arguments, **named):
        self.interactions += 1
        return await self._database.read(*arguments, **named)

    async def write(self, *arguments, **named):
        self.interactions += 1
        return await self._database.write(*arguments, **named)


class SessionCase(TestCase):
    """A pod with root and the user alice."""

    settings = GENEROUS

    async def setUp(self) -> None:
        self.pod = People()
        await self.pod.open(self.settings)
        self.alice = await self.pod.add("alice")

    async def tearDown(self) -> None:
        await self.pod.close()

    async def refused(self, awaitable, kind: type[PodError], code: str) -> PodError:
        error = await self.assertFailure(_deferred(awaitable), kind)
        self.assertEqual(code, error.code)
        return error

    async def works(self, token: str) -> bool:
        try:
            await self.pod.sessions.viewer_for_access_token(token)
        except Unauthorized as error:
            self.assertEqual("invalid_token", error.code)
            return False
        return True


def _deferred(awaitable):
    from twisted.internet.defer import ensureDeferred

    return ensureDeferred(awaitable)


class PasswordGrantTests(SessionCase):
    """A name and a password for a pair of tokens."""

    async def test_a_login_gives_tokens_that_work(self) -> None:
        """The main door."""
        tokens = await self.pod.log_in("alice")
        self.assertEqual((86_400, 1_209_600), (tokens.expires_in, tokens.refresh_token_expires_in))
        viewer = await self.pod.sessions.viewer_for_access_token(tokens.access_token)
        self.assertEqual(("alice", self.alice), (viewer.user.username, viewer.user.id))

    async def test_name_and_address_count_in_any_case(self) -> None:
        """People do not remember how they spelled it."""
        for login in ("ALICE", " Alice ", "alice@pod.example", "Alice@POD.example"):
            self.assertTrue(await self.works((await self.pod.log_in(login)).access_token))

    async def test_wrong_logins_look_alike(self) -> None:
        """Nobody learns from the answer which users there are."""
        unknown = await self.refused(self.pod.log_in("nobody"), Invalid, "invalid_grant")
        wrong = await self.refused(self.pod.log_in("alice", "wrong one"), Invalid, "invalid_grant")
        long = await self.refused(self.pod.log_in("alice", "x" * 100_000), Invalid, "invalid_grant")
        self.assertEqual([unknown.detail] * 2, [wrong.detail, long.detail])

    async def test_an_unknown_user_costs_the_same_hashing(self) -> None:
        """Nobody learns it from the time either."""
        before = len(self.pod.hasher.verified)
        await self.refused(self.pod.log_in("nobody"), Invalid, "invalid_grant")
        self.assertEqual(before + 1, len(self.pod.hasher.verified))

    async def test_a_blocked_user_is_told_only_with_the_right_password(self) -> None:
        """Being blocked is nobody else's business."""
        await self.pod.users.block(None, self.alice, "spam")
        await self.refused(self.pod.log_in("alice"), Invalid, "access_denied")
        await self.refused(self.pod.log_in("alice", "wrong one"), Invalid, "invalid_grant")

    async def test_the_login_is_noted(self) -> None:
        """The staff sees who is active."""
        await self.pod.log_in("alice")
        profile = await self.pod.users.profile(self.alice)
        self.assertEqual(self.pod.clock.now_ms(), profile.user.last_login_ms)

    async def test_no_secret_is_stored(self) -> None:
        """A stolen copy of the database opens no door (AU-03)."""
        tokens = await self.pod.log_in("alice")
        cookie = await self.pod.sessions.log_in_page("alice", PASSWORD, address=ADDRESS, user_agent="")
        rows = [
            *await self.pod.database.read(_all_rows, Query("select * from sessions")),
            *await self.pod.database.read(_all_rows, Query("select * from users")),
        ]
        text = repr([dict(row) for row in rows])
        for secret in (tokens.access_token, tokens.refresh_token, cookie, PASSWORD):
            self.assertNotIn(secret, text)

    async def test_the_local_client_is_needed_and_stays(self) -> None:
        """Programs keep the id and secret that they were given once."""
        client = self.pod.sessions.local_client()
        self.pod.sessions.check_client(client.id, client.secret)
        for wrong in ((client.id, "x"), ("x", client.secret), ("", ""), (client.id, "ü")):
            error = self.assertRaises(Invalid, self.pod.sessions.check_client, *wrong)
            self.assertEqual("invalid_client", error.code)
        again = self.pod.new_sessions()
        await again.start()
        self.assertEqual(client, again.local_client())


class RefreshGrantTests(SessionCase):
    """A refresh token for a new pair."""

    async def refresh(self, token: str):
        return await self.pod.sessions.refresh(token, address=ADDRESS, user_agent="")

    async def test_refreshing_ends_the_old_pair(self) -> None:
        """There is one good pair per login."""
        old = await self.pod.log_in("alice")
        new = await self.refresh(old.refresh_token)
        self.assertFalse(await self.works(old.access_token))
        self.assertTrue(await self.works(new.access_token))

    async def test_a_used_token_ends_the_family(self) -> None:
        """When two hold one refresh token, one has stolen it: both are out (AU-02)."""
        first = await self.pod.log_in("alice")
        second = await self.refresh(first.refresh_token)
        third = await self.refresh(second.refresh_token)
        await self.refused(self.refresh(first.refresh_token), Invalid, "invalid_grant")
        self.assertFalse(await self.works(third.access_token))
        await self.refused(self.refresh(third.refresh_token), Invalid, "invalid_grant")

    async def test_other_logins_are_left_alone(self) -> None:
        """A theft on one device does not log the others out."""
        stolen, other = await self.pod.log_in("alice"), await self.pod.log_in("alice")
        await self.refresh(stolen.refresh_token)
        await self.refused(self.refresh(stolen.refresh_token), Invalid, "invalid_grant")
        self.assertTrue(await self.works(other.access_token))

    async def test_what_is_no_refresh_token_is_refused(self) -> None:
        """Also a cookie, an access token, and nothing at all."""
        tokens = await self.pod.log_in("alice")
        cookie = await self.pod.sessions.log_in_page("alice", PASSWORD, address=ADDRESS, user_agent="")
        for wrong in ("", "x", cookie, tokens.access_token, tokens.refresh_token[:32], "\udcff"):
            await self.refused(self.refresh(wrong), Invalid, "invalid_grant")
        self.assertTrue(await self.works(tokens.access_token))

    async def test_it_ends_after_two_weeks(self) -> None:
        """A forgotten device does not stay logged in for ever."""
        tokens = await self.pod.log_in("alice")
        self.pod.reactor.advance(14 * _DAY)
        await self.refused(self.refresh(tokens.refresh_token), Invalid, "invalid_grant")


class AccessTokenTests(SessionCase):
    """The matrix of tokens that do not work (AU-02)."""

    async def test_foreign_and_changed_tokens(self) -> None:
        """Only what this pod signed counts, and only whole."""
        token = (await self.pod.log_in("alice")).access_token
        viewer = await self.pod.sessions.viewer_for_access_token(token)
        expires_ms = self.pod.clock.now_ms() + 60_000
        foreign = access_tokens.encode(
            AccessToken(viewer.session_id, self.alice, expires_ms), TokenKey.from_secret("another pod's secret")
        )
        unsigned = "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."
        for wrong in ("", "x", "a.b.c", token[:-2], token + "x", foreign, unsigned, "ü", "x" * 5000):
            self.assertFalse(await self.works(wrong), wrong[:40])

    async def test_it_expires(self) -> None:
        """After a day, to the second."""
        token = (await self.pod.log_in("alice")).access_token
        self.pod.reactor.advance(_DAY - 1)
        self.assertTrue(await self.works(token))
        self.pod.reactor.advance(1)
        self.assertFalse(await self.works(token))

    async def test_logging_out_ends_it(self) -> None:
        """In every process that heard of it."""
        other = self.pod.new_sessions()
        await other.start()
        token = (await self.pod.log_in("alice")).access_token
        await self.pod.sessions.revoke(await other.viewer_for_access_token(token))
        self.assertFalse(await self.works(token))
        await self.refused(other.viewer_for_access_token(token), Unauthorized, "invalid_token")

    async def test_blocking_and_removal_end_it(self) -> None:
        """A user who is out is out at once."""
        token = (await self.pod.log_in("alice")).access_token
        self.assertTrue(await self.works(token))
        await self.pod.users.block(None, self.alice, None)
        self.assertFalse(await self.works(token))
        await self.pod.users.unblock(None, self.alice)
        self.assertFalse(await self.works(token))
        token = (await self.pod.log_in("alice")).access_token
        await self.pod.users.remove(None, self.alice)
        self.assertFalse(await self.works(token))

    async def test_a_new_password_ends_every_session(self) -> None:
        """Whoever had stolen the old one is out, on pages too (CVE-2025-62174)."""
        tokens = [(await self.pod.log_in("alice")).access_token for _ in range(3)]
        cookie = await self.pod.sessions.log_in_page("alice", PASSWORD, address=ADDRESS, user_agent="")
        self.assertIsNotNone(await self.pod.sessions.viewer_for_page(cookie))
        await self.pod.users.reset_password("alice", "another one")
        self.assertEqual([False] * 3, [await self.works(token) for token in tokens])
        self.assertIsNone(await self.pod.sessions.viewer_for_page(cookie))
        self.assertTrue(await self.works((await self.pod.log_in("alice", "another one")).access_token))

    async def test_a_verified_token_costs_no_query(self) -> None:
        """Every request of a logged-in program passes here."""
        token = (await self.pod.log_in("alice")).access_token
        self.pod.database = counting = CountingDatabase(real := self.pod.database)
        try:
            fresh = self.pod.new_sessions()
            await fresh.start()
            await fresh.viewer_for_access_token(token)
            before = counting.interactions
            await fresh.viewer_for_access_token(token)
            self.assertEqual(before, counting.interactions)
        finally:
            self.pod.database = real

    async def test_a_lost_message_is_made_up_for_within_a_minute(self) -> None:
        """News may be lost; the row decides."""
        token = (await self.pod.log_in("alice")).access_token
        viewer = await self.pod.sessions.viewer_for_access_token(token)
        await self.pod.database.write(sessions.remove, viewer.session_id)
        self.pod.reactor.advance(60)
        self.assertFalse(await self.works(token))

    async def test_changes_of_a_user_show_at_once(self) -> None:
        """A moderator who is no more acts no more."""
        token = (await self.pod.log_in("alice")).access_token
        await self.pod.sessions.viewer_for_access_token(token)
        self.pod.publisher.published.clear()
        from peertube.usecases.users import UserChanges

        await self.pod.users.update(None, self.alice, UserChanges(may_upload=False))
        self.assertEqual([{"changed": [self.alice]}], self.pod.publisher.of(topics.USERS))
        self.assertFalse((await self.pod.sessions.viewer_for_access_token(token)).user.may_upload)


class PageSessionTests(SessionCase):
    """The cookie of the pages."""

    async def log_in(self) -> str:
        return await self.pod.sessions.log_in_page("alice", PASSWORD, address=ADDRESS, user_agent="a browser")

    async def test_the_cookie_says_who_it_is(self) -> None:
        """And nothing else does."""
        cookie = await self.log_in()
        self.assertEqual("alice", (await self.pod.sessions.viewer_for_page(cookie)).user.username)
        refresh_token = (await self.pod.log_in("alice")).refresh_token
        for wrong in ("", "x", cookie[:-1], refresh_token, "x" * 10_000):
            self.assertIsNone(await self.pod.sessions.viewer_for_page(wrong))

    async def test_being_used_it_lives_on(self) -> None:
        """Who comes every week stays logged in."""
        cookie = await self.log_in()
        for _ in range(5):
            self.pod.reactor.advance(7 * _DAY)
            self.assertIsNotNone(await self.pod.sessions.viewer_for_page(cookie))
        self.pod.reactor.advance(14 * _DAY)
        self.assertIsNone(await self.pod.sessions.viewer_for_page(cookie))

    async def test_logging_out(self) -> None:
        """The cookie is worth nothing afterwards, nor are the tokens of its pages."""
        cookie = await self.log_in()
        viewer = await self.pod.sessions.viewer_for_page(cookie)
        token = self.pod.sessions.access_token_for_page(viewer)
        self.assertTrue(await self.works(token))
        await self.pod.sessions.log_out_page(cookie)
        self.assertIsNone(await self.pod.sessions.viewer_for_page(cookie))
        self.assertFalse(await self.works(token))

    async def test_the_token_of_a_page_is_short_lived(self) -> None:
        """A script that leaks it leaks a quarter of an hour."""
        viewer = await self.pod.sessions.viewer_for_page(await self.log_in())
        token = self.pod.sessions.access_token_for_page(viewer)
        self.pod.reactor.advance(PAGE_TOKEN_MS / 1000)
        self.assertFalse(await self.works(token))

    async def test_csrf_tokens_belong_to_one_session(self) -> None:
        """A form of one visitor is no form of another."""
        one, other = await self.log_in(), await self.log_in()
        token = self.pod.sessions.csrf_token(one)
        self.assertTrue(self.pod.sessions.is_csrf_token(one, token))
        for cookie, wrong in ((other, token), (one, ""), (one, token[:-1]), (one, one)):
            self.assertFalse(self.pod.sessions.is_csrf_token(cookie, wrong))

    async def test_rows_out_of_date_are_swept(self) -> None:
        """Forgotten logins leave no rows for ever."""
        await self.log_in()
        await self.pod.log_in("alice")
        self.assertEqual(0, await self.pod.sessions.sweep())
        self.pod.reactor.advance(14 * _DAY)
        self.assertEqual(2, await self.pod.sessions.sweep())


class LoginLimitTests(SessionCase):
    """Guessing passwords (AU-01)."""

    settings = {"rates_limit": {"login": {"window": 300, "max": 3}}}

    async def test_an_address_is_slowed_down(self) -> None:
        """Whatever names it tries; and let in again later."""
        for name in ("a", "b", "c"):
            await self.refused(self.pod.log_in(name), Invalid, "invalid_grant")
        error = await self.refused(self.pod.log_in("alice"), TooManyRequests, "too_many_requests")
        self.assertEqual(300, error.retry_after_seconds)
        self.pod.reactor.advance(300)
        await self.pod.log_in("alice")

    async def test_an_account_is_guarded_against_many_addresses(self) -> None:
        """A thousand bots are one attacker; who is logged in stays so."""
        token = (await self.pod.log_in("alice")).access_token
        for last in range(2):
            await self.refused(
                self.pod.log_in("Alice", "wrong", address=f"192.0.2.{100 + last}"), Invalid, "invalid_grant"
            )
        await self.refused(self.pod.log_in("alice", address="192.0.2.200"), TooManyRequests, "too_many_requests")
        self.assertTrue(await self.works(token))

    async def test_one_network_of_ipv6_counts_as_one(self) -> None:
        """Everybody with IPv6 has 2^64 addresses."""
        for last in range(3):
            await self.refused(self.pod.log_in(f"n{last}", address=f"2001:db8::{last:x}"), Invalid, "invalid_grant")
        await self.refused(self.pod.log_in("x", address="2001:db8::ffff"), TooManyRequests, "too_many_requests")
        await self.refused(self.pod.log_in("x", address="2001:db8:0:1::1"), Invalid, "invalid_grant")


async def _all_rows(tx, query):
    return await tx.all(query)
