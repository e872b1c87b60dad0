"""Making friends (pods' protocol, A.3.2): ask some pods for their friends, add those that most of them know.

The admin's request only starts a job; how far it is, and what came of each host, is kept under the key `ATTEMPT`
until the next attempt or until the admin quits.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from twisted.logger import Logger

from peertube.errors import Conflict, Invalid, PodError, Refused, Unreachable, UpgradeRequired
from peertube.model import topics
from peertube.model.friend_proposals import Direction
from peertube.model.jobs import Job
from peertube.pods import election, envelope
from peertube.policy.hosts import normalise
from peertube.storage import friend_proposals, jobs, pods, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases import friendships
from peertube.usecases.friend_proposals import proposal
from peertube.usecases.ports import Clock, PodClient, PodKeys, Progress, Publisher, Randomness, Together

MAKE_FRIENDS = "make-friends"
"""The job of one attempt: ``{"attempt": uuid, "hosts": […]}``."""

ADD_FRIEND = "add-friend"
"""The job that offers friendship to a pod once more: ``{"attempt": uuid, "host": …, "tries": n}``."""

ATTEMPT = "friends.attempt"
MOST_HOSTS = 100
MOST_RESULTS = 200
AT_ONCE = 10
_MOST_TRIES = 5
_FIRST_RETRY_MS = 10_000
_RETRY_FACTOR = 3
_UNKNOWN_THERE = 403
_STALE_MS = 10 * 60 * 1000

Result = Literal["asked", "friend", "no-majority", "unreachable", "refused", "incompatible", "myself"]


class HostResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of one host, and why."""

    host: str
    result: Result
    detail: str = ""


class Attempt(msgspec.Struct, frozen=True):
    """One attempt at making friends. `error` says why nobody was added; times in ms since 1970 UTC."""

    id: str
    hosts: list[str]
    started_ms: int
    finished_ms: int | None = None
    error: str | None = None
    results: list[HostResult] = []


class FriendAttempts:
    """Makes friends.

    :param host: our own host, normalised.
    :param https: whether pods must speak https (`friends.require_https`).
    :param own_https: whether our own web server does (`webserver.https`).
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        client: PodClient,
        keys: PodKeys,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        together: Together,
        host: str,
        https: bool,
        own_https: bool,
        versions: tuple[int, ...] = envelope.VERSIONS,
    ) -> None:
        self._database = database
        self._client = client
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._together = together
        self._host = host
        self._https = https
        self._own_https = own_https
        self._versions = versions

    async def make_friends(self, hosts: Sequence[str]) -> None:
        """Start an attempt.

        :raises Invalid: with the fault of each host.
        :raises Conflict: code ``has_friends``; quit first.
        """
        if self._https and not self._own_https:
            raise Invalid("Friends must speak https, and this pod does not", code="https_required")
        checked = self._checked(hosts)
        attempt = Attempt(id=self._randomness.uuid(), hosts=checked, started_ms=self._clock.now_ms())
        await self._database.write(self._begin, attempt)

    async def attempt(self) -> Attempt | None:
        """The running or last attempt; None when there was none since the last quit."""
        return _decoded(await self._database.read(settings.get, ATTEMPT))

    async def run(self, job: Job, progress: Progress) -> None:
        """Job `MAKE_FRIENDS`. Safe to repeat."""
        attempt = await self.attempt()
        if attempt is None or attempt.id != job.payload["attempt"]:
            return
        results: dict[str, HostResult] = {}
        lists = await self._lists(attempt.hosts, results)
        error = None
        if any(result.result == "unreachable" for result in results.values()):
            error = "Not every host gave the list of its friends, so nobody was added"
        else:
            await progress(30)
            chosen = election.elected(lists, self._host)
            for host in election.tally(lists):
                if host not in chosen:
                    results[host] = HostResult(host, "myself" if host == self._host else "no-majority")
            for result in await self._together.each([self._offering(attempt.id, host, 1) for host in chosen], AT_ONCE):
                results[result.host] = result
            if not chosen:
                error = "No pod is known to more than half of these hosts"
        finished = msgspec.structs.replace(
            attempt, finished_ms=self._clock.now_ms(), error=error, results=_shown(attempt.hosts, results)
        )
        await self._database.write(self._store_if_current, finished)

    async def run_offer(self, job: Job, progress: Progress) -> None:
        """Job `ADD_FRIEND`: once more to a pod that could not be reached. Safe to repeat."""
        attempt = await self.attempt()
        if attempt is None or attempt.id != job.payload["attempt"]:
            return
        result = await self._offer(attempt.id, str(job.payload["host"]), int(job.payload["tries"]))
        await self._database.write(self._store_result, attempt.id, result)

    async def restore(self, job: Job, progress: Progress) -> None:
        """Job `friend_health.RESTORE`: offer friendship again to a friend, so that each tells the other everything."""
        host = str(job.payload["host"])
        if await self._database.read(pods.by_host, host) is None:
            return
        proposed = await self._propose(host)
        if proposed is not None and not proposed[1]:
            await self._database.write(self._renew, proposed[0])

    async def renew(self, job: Job, progress: Progress) -> None:
        """Job `friend_health.RENEW`: end a friendship there and begin it anew, with our present key.

        Safe to repeat. When the other side has to approve it, or does not want it, the friendship stays as it is here
        until somebody ends it.
        """
        host = str(job.payload["host"])
        pod = await self._database.read(pods.by_host, host)
        if pod is None:
            return
        try:
            await self._client.remove(host, pod.protocol, pod.our_key)
        except Refused as error:
            if error.status != _UNKNOWN_THERE:
                raise
        proposed = await self._propose(host)
        if proposed is not None and not proposed[1]:
            await self._database.write(self._renew, proposed[0])

    async def approve(self, job: Job, progress: Progress) -> None:
        """Job `friend_proposals.APPROVE`: become friends with a pod that has asked. Safe to repeat."""
        host = str(job.payload["host"])
        if await self._database.read(friend_proposals.of, Direction.IN, host) is None:
            return
        proposed = await self._propose(host)
        if proposed is None:
            await self._database.write(friend_proposals.remove, Direction.IN, host)
        elif proposed[1]:
            await self._database.write(self._wait_for, proposed[0])
        else:
            await self._database.write(self._begin_approved, proposed[0])

    async def _begin_approved(self, tx: Transaction, candidate: friendships.Candidate) -> None:
        await friend_proposals.remove(tx, Direction.IN, candidate.host)
        pod_id = await friendships.begin(tx, candidate, self._clock.now_ms())
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod_id]}))

    async def _wait_for(self, tx: Transaction, candidate: friendships.Candidate) -> None:
        await friend_proposals.put(tx, proposal(candidate, Direction.OUT, self._clock.now_ms()))

    async def _renew(self, tx: Transaction, candidate: friendships.Candidate) -> None:
        if await pods.by_host(tx, candidate.host) is not None:
            pod_id = await friendships.begin(tx, candidate, self._clock.now_ms())
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod_id]}))

    def _checked(self, hosts: Sequence[str]) -> list[str]:
        if not 1 <= len(hosts) <= MOST_HOSTS:
            raise Invalid("Name 1 to 100 hosts", fields={"hosts": f"must have 1 to {MOST_HOSTS} entries"})
        faults: dict[str, str] = {}
        checked: list[str] = []
        for number, host in enumerate(hosts):
            field = f"hosts[{number}]"
            try:
                name = normalise(host, https=self._https)
            except Invalid as error:
                faults[field] = error.detail
                continue
            if name == self._host:
                faults[field] = f"{name} is this pod itself"
            elif name in checked:
                faults[field] = f"{name} is named twice"
            elif self._https and "." not in name.partition(":")[0] and not name.startswith("["):
                faults[field] = f"{name} has no top-level domain"
            checked.append(name)
        if faults:
            raise Invalid("Some hosts cannot be asked: " + "; ".join(faults.values()), fields=faults)
        return checked

    async def _begin(self, tx: Transaction, attempt: Attempt) -> None:
        if await pods.friends(tx):
            raise Conflict("This pod has friends already; quit them first", code="has_friends")
        running = _decoded(await settings.get(tx, ATTEMPT))
        if running is not None and running.finished_ms is None and attempt.started_ms < running.started_ms + _STALE_MS:
            raise Conflict("An attempt to make friends is already running", code="making_friends")
        await settings.put(tx, ATTEMPT, _encoded(attempt))
        payload = {"attempt": attempt.id, "hosts": attempt.hosts}
        await jobs.add(tx, MAKE_FRIENDS, payload, attempt.started_ms, maximum_attempts=3)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _lists(self, hosts: Sequence[str], results: dict[str, HostResult]) -> Mapping[str, set[str]]:
        """The normalised friends of each host; faults go to `results`."""
        lists: dict[str, set[str]] = {}

        async def ask(host: str) -> None:
            try:
                given = await self._client.list_pods(host)
            except PodError as error:
                results[host] = HostResult(host, "unreachable", error.detail)
                return
            results[host] = HostResult(host, "asked")
            lists[host] = self._normalised(given[: election.MOST_PODS_OF_A_LIST])

        def asking(host: str) -> Callable[[], Any]:
            return lambda: ask(host)

        await self._together.each([asking(host) for host in hosts], AT_ONCE)
        return {host: lists[host] for host in hosts if host in lists}

    def _normalised(self, given: Sequence[str]) -> set[str]:
        names = set()
        for name in given:
            try:
                names.add(normalise(name, https=self._https))
            except Invalid:
                self._log.debug("passed over an entry that is no host in a list of friends")
        return names

    def _offering(self, attempt_id: str, host: str, tries: int) -> Callable[[], Any]:
        return lambda: self._offer(attempt_id, host, tries)

    async def _offer(self, attempt_id: str, host: str, tries: int) -> HostResult:
        try:
            proposed = await self._propose(host)
            if proposed is None:
                return HostResult(host, "myself", "It is this pod under another name")
            candidate, pending = proposed
            if pending:
                await self._database.write(self._wait_for, candidate)
                return HostResult(host, "asked", "Its admin has to approve")
            await self._database.write(self._befriend, attempt_id, candidate)
        except UpgradeRequired as error:
            return HostResult(host, "incompatible", error.detail)
        except Refused as error:
            return HostResult(host, "incompatible" if error.status == 426 else "refused", error.detail)
        except Unreachable as error:
            await self._database.write(self._try_again, attempt_id, host, tries)
            return HostResult(host, "unreachable", error.detail)
        except PodError as error:
            return HostResult(host, "refused", error.detail)
        self._log.info("{host} is a friend now", host=host)
        return HostResult(host, "friend")

    async def _propose(self, host: str) -> tuple[friendships.Candidate, bool] | None:
        """Offer friendship: whom to, and whether its admin has to approve; None when it is ourselves."""
        shown = await self._client.fetch_key(host)
        if shown.public_key == self._keys.public_pem or shown.host == self._host:
            return None
        if shown.host != host:
            raise Conflict(f"It calls itself {shown.host}", code="other_name")
        protocol = envelope.common_version(shown.versions, self._versions)
        await self._database.read(friendships.known, friendships.Candidate(host, "", shown.public_key, protocol))
        answer = await self._client.add(host, protocol)
        if answer.public_key != shown.public_key:
            raise Conflict("It shows two different keys", code="key_mismatch")
        ours = self._keys.fingerprint
        return friendships.Candidate(host, answer.email, answer.public_key, protocol, ours), answer.pending

    async def _befriend(self, tx: Transaction, attempt_id: str, candidate: friendships.Candidate) -> None:
        current = _decoded(await settings.get(tx, ATTEMPT))
        if current is None or current.id != attempt_id:
            await friendships.say_farewell(
                tx, candidate.host, candidate.protocol, candidate.our_key, self._clock.now_ms()
            )
            return
        pod_id = await friendships.begin(tx, candidate, self._clock.now_ms())
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod_id]}))

    async def _try_again(self, tx: Transaction, attempt_id: str, host: str, tries: int) -> None:
        if tries > _MOST_TRIES:
            return
        now_ms = self._clock.now_ms()
        run_at_ms = now_ms + _FIRST_RETRY_MS * _RETRY_FACTOR ** (tries - 1)
        payload = {"attempt": attempt_id, "host": host, "tries": tries + 1}
        await jobs.add(tx, ADD_FRIEND, payload, now_ms, maximum_attempts=3, run_at_ms=run_at_ms)

    async def _store_if_current(self, tx: Transaction, attempt: Attempt) -> None:
        current = _decoded(await settings.get(tx, ATTEMPT))
        if current is not None and current.id == attempt.id:
            await settings.put(tx, ATTEMPT, _encoded(attempt))

    async def _store_result(self, tx: Transaction, attempt_id: str, result: HostResult) -> None:
        current = _decoded(await settings.get(tx, ATTEMPT))
        if current is not None and current.id == attempt_id:
            others = [one for one in current.results if one.host != result.host]
            await settings.put(tx, ATTEMPT, _encoded(msgspec.structs.replace(current, results=[*others, result])))


def _shown(asked: Sequence[str], results: Mapping[str, HostResult]) -> list[HostResult]:
    """Friends and faults first, so that what is left out over the limit is what nobody misses."""
    order = {"friend": 0, "refused": 1, "incompatible": 1, "unreachable": 1, "myself": 2, "asked": 2}
    ranked = sorted(results.values(), key=lambda one: (order.get(one.result, 3), one.host not in asked, one.host))
    return ranked[:MOST_RESULTS]


def _encoded(attempt: Attempt) -> str:
    return msgspec.json.encode(attempt).decode("utf-8")


def _decoded(text: str | None) -> Attempt | None:
    return msgspec.json.decode(text, type=Attempt) if text else None
