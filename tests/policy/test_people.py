"""Names, passwords, addresses, and who may do what."""

from typing import Any

import attrs
from twisted.trial.unittest import TestCase

from peertube.model.accounts import LOCAL, Account
from peertube.model.channels import Channel
from peertube.model.users import Preferences, Role, User, Viewer
from peertube.model.videos import Video, VideoFields, VideoState
from peertube.policy import authority, names, passwords
from peertube.policy.rate_limit import address_group


def user(role: Role = Role.USER, number: int = 1, **more: Any) -> User:
    """A user whose account has the same number."""
    plain = User(
        id=number,
        username=f"user{number}",
        email=f"user{number}@pod.example",
        email_verified=True,
        password_hash="",
        role=role,
        may_upload=True,
        video_quota=-1,
        video_quota_daily=-1,
        blocked=False,
        blocked_reason=None,
        preferences=Preferences(),
        account_id=number,
        created_ms=0,
        updated_ms=0,
        last_login_ms=None,
    )
    return attrs.evolve(plain, **more)


def video(owner: int, host: str = LOCAL) -> Video:
    """A video of the account with this number."""
    account = Account(
        id=owner, uuid="a", host=host, user_id=owner if host == LOCAL else None, name="n", display_name="N",
        description=None, created_ms=0, updated_ms=0,
    )  # fmt: skip
    return Video(
        id=1, uuid="u", host=host, fields=VideoFields(name="v"), state=VideoState.PUBLISHED, duration=1,
        aspect_ratio=None, views=0, likes=0, dislikes=0, thumbnail_name=None, preview_name=None, preview_url=None,
        trackers=(), version=1, created_ms=0, updated_ms=0, published_ms=0, channel=channel(owner, host),
        account=account,
    )  # fmt: skip


def channel(owner: int, host: str = LOCAL) -> Channel:
    """A channel of the account with this number."""
    return Channel(
        id=1, uuid="c", host=host, account_id=owner, name="n", display_name="N", description=None, support=None,
        created_ms=0, updated_ms=0,
    )  # fmt: skip


class NameTests(TestCase):
    """What may be called how."""

    def test_names(self) -> None:
        """PeerTube's alphabet: what other pods and programs expect."""
        for good in ("a", "root", "root_channel", "a.b-c", "0", "_", "x" * 50, "a--b"):
            self.assertIsNone(names.name_fault(good), good)
        for bad in ("", "A", "a.", ".a", "-a", "a b", "a@b", "ä", "x" * 51, "a\n", "a/b", "../a", "a\0"):
            self.assertIsNotNone(names.name_fault(bad), repr(bad))

    def test_email_addresses(self) -> None:
        """No more than what mail needs."""
        for good in ("a@b.c", "admin@localhost", "first.last+tag@sub.example.org", "ö@example.org"):
            self.assertIsNone(names.email_fault(good), good)
        for bad in ("", "a", "@b", "a@", "a b@c.d", "a@b@c", "a@b..c", "a\n@b.c", "a@b.c\n", "x" * 250 + "@b.cc"):
            self.assertIsNotNone(names.email_fault(bad), repr(bad))

    def test_texts(self) -> None:
        """Limits of the REST API."""
        self.assertIsNone(names.text_fault(None))
        self.assertIsNone(names.text_fault("abc"))
        self.assertIsNotNone(names.text_fault("ab"))
        self.assertIsNotNone(names.text_fault("x" * 1001))
        self.assertIsNone(names.display_name_fault("x"))
        for bad in ("", "   ", "x" * 121):
            self.assertIsNotNone(names.display_name_fault(bad))

    def test_passwords(self) -> None:
        """6 to 255 characters."""
        for length, good in ((5, False), (6, True), (255, True), (256, False)):
            self.assertEqual(good, passwords.fault("x" * length) is None)

    def test_handles(self) -> None:
        """Here or elsewhere."""
        self.assertEqual(("root", None), names.split_handle("root"))
        self.assertEqual(("root", "b.example:9001"), names.split_handle("root@b.example:9001"))
        self.assertEqual(("root", "b.example"), names.split_handle("@root@b.example"))

    def test_addresses_are_counted_by_subscriber(self) -> None:
        """Nobody escapes a limit by having many addresses."""
        self.assertEqual("192.0.2.1", address_group("192.0.2.1"))
        self.assertEqual("192.0.2.1", address_group("::ffff:192.0.2.1"))
        self.assertEqual("2001:db8::/64", address_group("2001:db8::5"))
        self.assertEqual("fe80::/64", address_group("fe80::1%eth0"))
        self.assertEqual("unknown", address_group("unknown"))


class AuthorityTests(TestCase):
    """Who may act on what."""

    def test_who_manages_users(self) -> None:
        """Moderators manage plain users only (CVE of 8.1.8: role assignment)."""
        expected = {
            (Role.ADMINISTRATOR, Role.ADMINISTRATOR): True,
            (Role.ADMINISTRATOR, Role.MODERATOR): True,
            (Role.ADMINISTRATOR, Role.USER): True,
            (Role.MODERATOR, Role.ADMINISTRATOR): False,
            (Role.MODERATOR, Role.MODERATOR): False,
            (Role.MODERATOR, Role.USER): True,
            (Role.USER, Role.ADMINISTRATOR): False,
            (Role.USER, Role.MODERATOR): False,
            (Role.USER, Role.USER): False,
        }
        for (actor, target), may in expected.items():
            self.assertIs(may, authority.may_manage_user(user(actor), user(target, 2)), (actor, target))
            self.assertIs(may, authority.may_give_role(user(actor), target), (actor, target))

    def test_a_blocked_administrator_manages_nobody(self) -> None:
        """Blocking takes every right."""
        self.assertFalse(authority.may_manage_user(user(Role.ADMINISTRATOR, blocked=True), user(number=2)))

    def test_who_changes_videos_and_channels(self) -> None:
        """Their owner and the staff; nobody those of other pods."""
        rules = (authority.may_update_video, authority.may_remove_video)
        for viewer, of_mine, of_others in (
            (Viewer(user(), 1), True, False),
            (Viewer(user(Role.MODERATOR), 1), True, True),
            (Viewer(user(Role.ADMINISTRATOR), 1), True, True),
            (Viewer(user(blocked=True), 1), False, False),
            (Viewer(user(Role.ADMINISTRATOR, blocked=True), 1), False, False),
        ):
            for rule in rules:
                self.assertIs(of_mine, rule(viewer, video(1)))
                self.assertIs(of_others, rule(viewer, video(2)))
                self.assertFalse(rule(viewer, video(1, "b.example")))
            self.assertIs(of_mine, authority.may_update_channel(viewer, channel(1)))
            self.assertIs(of_others, authority.may_update_channel(viewer, channel(2)))
            self.assertFalse(authority.may_update_channel(viewer, channel(1, "b.example")))

    def test_pods_change_only_what_is_theirs(self) -> None:
        """Not another pod's, and nothing of ours."""
        self.assertTrue(authority.may_pod_change("b.example", "b.example"))
        for origin, signer in (("b.example", "c.example"), (LOCAL, "b.example"), (LOCAL, LOCAL), ("b.example", LOCAL)):
            self.assertFalse(authority.may_pod_change(origin, signer))
