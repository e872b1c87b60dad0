"""Use cases around logins: mail, signing up, signing in."""

from typing import Any

from peertube.config.schema import Settings
from peertube.storage.database import Database
from peertube.usecases.logins import Logins
from peertube.usecases.my_account import MyAccount
from peertube.usecases.new_users import NewUsers
from peertube.usecases.outbox import Mailer, Outbox
from peertube.usecases.password_resets import PasswordResets
from peertube.usecases.ports import Clock, Counters, InForce, PasswordHasher, Publisher, Randomness
from peertube.usecases.registrations import Registrations
from peertube.usecases.secret_box import SecretBox
from peertube.usecases.signup import SignupRules
from peertube.usecases.two_factor import TwoFactor
from peertube.usecases.user_sessions import UserSessions
from peertube.usecases.users import Users
from peertube.usecases.verifications import Verifications


class PeopleUseCases:
    """What the pod can do for people with a login, and for those who want one."""

    def __init__(
        self,
        *,
        settings: Settings,
        current: InForce,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        counters: Counters,
        hasher: PasswordHasher,
        mailer: Mailer,
    ) -> None:
        limits = settings.rates_limit
        counting: dict[str, Any] = {"database": database, "clock": clock}
        making: dict[str, Any] = {**counting, "randomness": randomness, "publisher": publisher}
        self.secret_box = SecretBox(database=database, randomness=randomness, secret=settings.secrets.peertube)
        self.outbox = Outbox(**making, box=self.secret_box, mailer=mailer, smtp=settings.smtp)
        mailing: dict[str, Any] = {
            **making,
            "counters": counters,
            "outbox": self.outbox,
            "settings": current,
            "limit": limits.ask_send_email,
        }
        self.logins = Logins(**counting, hasher=hasher, counters=counters, box=self.secret_box, limit=limits.login)
        self.verifications = Verifications(**mailing)
        self.password_resets = PasswordResets(**mailing, hasher=hasher)
        newcomers = NewUsers(
            clock=clock,
            randomness=randomness,
            publisher=publisher,
            hasher=hasher,
            settings=current,
        )
        self.signup_rules = SignupRules(**counting, settings=current)
        self.registrations = Registrations(
            **counting,
            counters=counters,
            hasher=hasher,
            outbox=self.outbox,
            settings=current,
            rules=self.signup_rules,
            newcomers=newcomers,
            verifications=self.verifications,
            limit=limits.signup,
            tries=limits.login,
        )
        self.users = Users(
            **making,
            hasher=hasher,
            settings=current,
            newcomers=newcomers,
            outbox=self.outbox,
            invitations=self.password_resets,
        )
        self.my_account = MyAccount(
            **counting,
            publisher=publisher,
            hasher=hasher,
            logins=self.logins,
            outbox=self.outbox,
            verifications=self.verifications,
            settings=current,
        )
        self.two_factor = TwoFactor(
            **making,
            hasher=hasher,
            logins=self.logins,
            box=self.secret_box,
            outbox=self.outbox,
            settings=current,
        )
        self.user_sessions = UserSessions(**counting, publisher=publisher, box=self.secret_box)
