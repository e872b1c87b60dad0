"""The routes around people over a real database, asked in memory with real tokens."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from twisted.internet.task import Clock, LoopingCall
from twisted.trial.unittest import TestCase

from peertube.api.account_mails import AccountMailsApi
from peertube.api.accounts import AccountsApi
from peertube.api.channels import ChannelsApi
from peertube.api.oauth import OAuthApi
from peertube.api.registrations import RegistrationsApi
from peertube.api.user_security import UserSecurityApi
from peertube.api.users import UsersApi
from peertube.config.schema import Limit
from peertube.http.addresses import ClientAddresses
from peertube.http.authentication import Gate
from peertube.http.problems import Problems
from peertube.http.routing import Route
from peertube.model.users import ROOT
from peertube.service import Tasks
from tests.http.serving import Answer, Client, resource
from tests.usecases.people import GENEROUS, PASSWORD, People

WEB = {"webserver": {"https": False, "hostname": "pod.example", "port": 80}}


class PeopleApiCase(TestCase):
    """A pod with root and the users alice and bob; `tokens` holds an access token of each."""

    settings: Mapping[str, Any] = GENEROUS

    async def setUp(self) -> None:
        self.pod = People()
        await self.pod.open({**WEB, **self.settings})
        self.gate = Gate(
            tokens=self.pod.sessions,
            counters=self.pod.counters,
            clock=self.pod.clock,
            limit=Limit(window=10, max=100_000),
            problems=Problems(),
            addresses=ClientAddresses(()),
            tasks=Tasks(Clock()),
        )
        self.client = Client(resource(self.routes(), self.gate))
        self.pump = LoopingCall(self.client._agent.flush)  # answers come when the database's threads are done
        self.pump.start(0.001, now=False)
        self.addCleanup(self.pump.stop)
        self.ids = {"alice": await self.pod.add("alice"), "bob": await self.pod.add("bob")}
        self.tokens = {name: (await self.pod.log_in(name)).access_token for name in ("alice", "bob")}
        self.tokens[ROOT] = (await self.pod.log_in(ROOT, "root password")).access_token

    async def tearDown(self) -> None:
        await self.pod.close()

    def routes(self) -> list[Route]:
        """All routes around people."""
        web = self.pod.settings.webserver
        return [
            *OAuthApi(sessions=self.pod.sessions, web=web).routes(),
            *UsersApi(users=self.pod.users, my_account=self.pod.my_account, web=web).routes(),
            *RegistrationsApi(registrations=self.pod.people.registrations).routes(),
            *AccountMailsApi(
                verifications=self.pod.people.verifications, resets=self.pod.people.password_resets
            ).routes(),
            *UserSecurityApi(two_factor=self.pod.people.two_factor, sessions=self.pod.people.user_sessions).routes(),
            *AccountsApi(channels=self.pod.channels, web=web, clock=self.pod.clock).routes(),
            *ChannelsApi(channels=self.pod.channels, web=web).routes(),
        ]

    async def ask(self, method: str, path: str, who: str | None = None, json: object = None, **more: Any) -> Answer:
        """Ask as one of the users (or with a token as it is)."""
        token = None if who is None else self.tokens.get(who, who)
        return await self.client.ask(method, f"/api/v1{path}", token=token, json=json, **more)

    async def form(self, path: str, **fields: str) -> Answer:
        """Send an urlencoded form."""
        return await self.ask(
            "POST",
            path,
            body=urlencode(fields).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    async def token_form(self, **fields: str) -> Answer:
        """Ask for tokens with the right client and alice's password, but for what `fields` say."""
        client = self.pod.sessions.local_client()
        usual = {
            "client_id": client.id,
            "client_secret": client.secret,
            "grant_type": "password",
            "username": "alice",
            "password": PASSWORD,
        }
        return await self.form("/users/token", **{**usual, **fields})
