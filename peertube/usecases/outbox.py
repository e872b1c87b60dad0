"""The outbox: mails are kept with what caused them, in one transaction, and sent by jobs until the server takes them.

A mail may arrive twice when the pod dies between the server's yes and the note of it; its Message-ID is the same then.
"""

from typing import Any, Protocol

import msgspec
from twisted.logger import Logger

from peertube.config.schema import Smtp
from peertube.errors import Unavailable
from peertube.model import topics
from peertube.model.jobs import Job
from peertube.model.mails import Mail, MailKind
from peertube.storage import jobs, mails
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Progress, Publisher, Randomness
from peertube.usecases.secret_box import SecretBox

EMAIL = "email"
"""The kind of the job that sends one mail."""

ATTEMPTS = 20
"""With the waits between them they last for more than two days."""

KEPT_MS = 7 * 24 * 3_600_000
"""So long a mail is kept that cannot be sent; the admin may retry its job."""

MAXIMUM_WAITING = 10_000
"""With so many mails in the outbox no more are taken."""

SWEPT_AT_ONCE = 1_000

_PURPOSE = "mail"


class Mailer(Protocol):
    """Puts a mail into words and hands it to the SMTP server."""

    async def send(self, mail: Mail, message_id: str) -> None:
        """Send it.

        :raises Unprocessable: the server will never take it.
        :raises Unreachable: perhaps it will, later.
        """
        ...


class Outbox:
    """Keeps mails and sends them.

    :param smtp: without a host name in it nothing is kept and nothing is sent.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        box: SecretBox,
        mailer: Mailer,
        smtp: Smtp,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._box = box
        self._mailer = mailer
        self._smtp = smtp

    @property
    def enabled(self) -> bool:
        """Whether this pod sends mail."""
        return self._smtp.enabled

    async def post(self, tx: Transaction, mail: Mail, *, good_for_ms: int = KEPT_MS) -> None:
        """Keep a mail in the transaction of its cause; it goes out after the commit.

        :param good_for_ms: after which nobody wants it any more; 0 or less for one that is only seemingly sent.
        :raises Unavailable: there are `MAXIMUM_WAITING` already.
        """
        if not self.enabled:
            self._log.info("no mail about {kind} is sent: there is no smtp.hostname", kind=mail.kind.value)
            return
        if await mails.count(tx) >= MAXIMUM_WAITING:
            raise Unavailable("Too many mails wait to be sent", retry_after_seconds=600, code="outbox_full")
        now_ms = self._clock.now_ms()
        mail_id = await mails.add(
            tx,
            message_id=f"{self._randomness.uuid()}@{self._domain}",
            sealed=self._box.seal(_encoded(mail), _PURPOSE),
            created_ms=now_ms,
            expires_ms=now_ms + min(good_for_ms, KEPT_MS),
        )
        await jobs.add(tx, EMAIL, {"mail": mail_id}, now_ms, maximum_attempts=ATTEMPTS)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def post_alone(self, mail: Mail) -> None:
        """Keep a mail that has no other cause than this call."""
        await self._database.write(self.post, mail)

    async def send(self, job: Job, progress: Progress) -> None:
        """The job: send a mail, and forget it."""
        mail_id = int(job.payload["mail"])
        kept = await self._database.read(mails.by_id, mail_id)
        if kept is None:
            return
        if self._clock.now_ms() < kept.expires_ms:
            opened = self._box.open(kept.sealed, _PURPOSE)
            if opened is not None:
                await self._mailer.send(_decoded(opened), kept.message_id)
        await self._database.write(mails.remove, mail_id)

    async def sweep(self) -> int:
        """Forget mails that were never taken in time, at most `SWEPT_AT_ONCE`; how many."""
        return await self._database.write(mails.remove_expired, self._clock.now_ms(), SWEPT_AT_ONCE)

    @property
    def _domain(self) -> str:
        return self._smtp.from_address.rpartition("@")[2]


def _encoded(mail: Mail) -> str:
    members: dict[str, Any] = {
        "kind": mail.kind.value,
        "to": mail.to,
        "variables": dict(mail.variables),
        "language": mail.language,
        "reply_to": mail.reply_to,
    }
    return msgspec.json.encode(members).decode()


def _decoded(text: str) -> Mail:
    members = msgspec.json.decode(text)
    return Mail(**{**members, "kind": MailKind(members["kind"])})
