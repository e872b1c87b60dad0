"""What begins and ends a friendship in the database, whichever side asked for it."""

from attrs import frozen

from peertube.errors import Conflict
from peertube.model.pods import Pod
from peertube.pods import envelope, score
from peertube.storage import accounts, deliveries, jobs, pods, videos
from peertube.storage.database import Transaction
from peertube.usecases.unnamed_files import DISCARD_FILES

MOST_FRIENDS = 1000
"""Pods that one pod may be friends with."""

FAREWELL = "end-friendship"
"""The job that tells a pod that we are not friends any more: ``{"host": …, "protocol": …, "ourKey": …}``."""

_FAREWELL_ATTEMPTS = 5


@frozen
class Candidate:
    """A pod that is about to be a friend: what it says, and the key that its own host shows (canonical PEM).

    `our_key` is the fingerprint of the key by which it knows us.
    """

    host: str
    email: str
    public_key: str
    protocol: int
    our_key: str | None = None


async def known(tx: Transaction, candidate: Candidate) -> Pod | None:
    """The friend of this host. `Conflict` when it is known with another key: keys are pinned."""
    pod = await pods.by_host(tx, candidate.host)
    if pod is not None and pod.public_key != candidate.public_key:
        raise Conflict(f"{candidate.host} is known with another key", code="known_host")
    return pod


async def begin(tx: Transaction, candidate: Candidate, now_ms: int) -> int:
    """Make the pod a friend that will be told all that is ours; its id.

    A friend already is told again, and what is not ours any more: removals may have been dropped with its lane.
    """
    pod = await known(tx, candidate)
    again = pod is not None and candidate.protocol >= envelope.ACKNOWLEDGING
    if pod is not None:
        await pods.renew(tx, pod.id, email=candidate.email, protocol=candidate.protocol)
        if candidate.our_key is not None:
            await pods.set_our_key(tx, pod.id, candidate.our_key)
        pod_id = pod.id
    elif await pods.count(tx) >= MOST_FRIENDS:
        raise Conflict("This pod has as many friends as it may have", code="too_many_friends")
    else:
        pod_id = await pods.add(
            tx,
            host=candidate.host,
            email=candidate.email,
            public_key=candidate.public_key,
            protocol=candidate.protocol,
            score=score.START,
            now_ms=now_ms,
            our_key=candidate.our_key,
        )
    if again:
        await deliveries.add_resync(tx, pod_id, now_ms)
    else:
        await deliveries.add_everything(tx, pod_id, now_ms)
    return pod_id


async def clear(tx: Transaction, host: str, now_ms: int) -> None:
    """Forget all that came from another pod: accounts, channels, videos, and their pictures."""
    pictures = [name for name, _ in await videos.picture_names_of_host(tx, host) if name is not None]
    await discard_thumbnails(tx, pictures, now_ms)
    await accounts.remove_of_host(tx, host)


async def end(tx: Transaction, pod: Pod, now_ms: int) -> None:
    """Not a friend any more: forget the pod, what it was to be told, and all that came from it."""
    await clear(tx, pod.host, now_ms)
    await pods.remove(tx, pod.id)


async def discard_thumbnails(tx: Transaction, names: list[str], now_ms: int) -> None:
    """Have files removed once the transaction is on disk."""
    if names:
        await jobs.add(tx, DISCARD_FILES, {"files": {"thumbnails": names}}, now_ms)


async def say_farewell(tx: Transaction, host: str, protocol: int, our_key: str | None, now_ms: int) -> None:
    """Have a pod told that we are no friends (any more)."""
    payload = {"host": host, "protocol": protocol, "ourKey": our_key}
    await jobs.add(tx, FAREWELL, payload, now_ms, maximum_attempts=_FAREWELL_ATTEMPTS)
