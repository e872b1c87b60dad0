"""The outbox: mails outlive a server that is down and a pod that dies, and tell nobody who reads the database."""

from twisted.trial.unittest import TestCase

from peertube.config.schema import Smtp
from peertube.errors import Unavailable, Unreachable
from peertube.model.jobs import Job, JobState
from peertube.model.mails import Mail, MailKind
from peertube.storage.query import Query
from peertube.usecases import outbox as module
from peertube.usecases.jobs import Jobs
from peertube.usecases.outbox import EMAIL, Outbox
from peertube.usecases.secret_box import SecretBox
from tests.usecases.people import People, RecordingMailer, no_progress

MAIL = Mail(
    MailKind.RESET_PASSWORD, "alice@pod.example", {"username": "alice", "link": "https://pod.example/?code=c0de"}
)
DAY_MS = 86_400_000


class OutboxTests(TestCase):
    """From the cause to the server."""

    async def setUp(self) -> None:
        self.pod = People()
        await self.pod.open()
        self.addCleanup(self.pod.close)
        self.mailer = RecordingMailer()
        self.outbox = await self.new_outbox(Smtp(hostname="localhost", from_address="pod@pod.example"))
        self.jobs = Jobs(
            database=self.pod.database,
            clock=self.pod.clock,
            randomness=self.pod.randomness,
            publisher=self.pod.publisher,
            lease_seconds=60,
        )

    async def new_outbox(self, smtp: Smtp, secret: str = "") -> Outbox:
        """As a process of the pod has it."""
        box = SecretBox(database=self.pod.database, randomness=self.pod.randomness, secret=secret)
        await box.start()
        return Outbox(
            database=self.pod.database,
            clock=self.pod.clock,
            randomness=self.pod.randomness,
            publisher=self.pod.publisher,
            box=box,
            mailer=self.mailer,
            smtp=smtp,
        )

    async def work(self, outbox: Outbox | None = None) -> list[JobState]:
        """Run the jobs that are due, as a worker does; what became of them."""
        states = []
        for job in await self.jobs.claim(10):
            states.append(await self.ended(outbox or self.outbox, job))
        return states

    async def ended(self, outbox: Outbox, job: Job) -> JobState:
        """Run one job; what became of it."""
        self.assertEqual(job.kind, EMAIL)
        try:
            await outbox.send(job, no_progress)
        except Exception as error:
            return await self.jobs.fail(job, error)
        await self.jobs.complete(job)
        return JobState.COMPLETED

    async def rows(self) -> list[str]:
        """What lies in the outbox."""
        found = await self.pod.database.read(lambda tx: tx.all(Query("select sealed from mails")))
        return [row["sealed"] for row in found]

    async def test_sent_once_and_forgotten(self) -> None:
        """With an id of its own, under the sender's domain."""
        await self.outbox.post_alone(MAIL)
        self.assertEqual(await self.work(), [JobState.COMPLETED])
        [(mail, message_id)] = self.mailer.sent
        self.assertEqual((mail, message_id.partition("@")[2]), (MAIL, "pod.example"))
        self.assertEqual((await self.rows(), await self.work()), ([], []))

    async def test_a_server_that_is_down_for_a_day(self) -> None:
        """The mail waits, and keeps its id."""
        await self.outbox.post_alone(MAIL)
        self.mailer.error = Unreachable("down")
        until = self.pod.clock.now_ms() + DAY_MS
        while self.pod.clock.now_ms() < until:
            self.assertNotIn(JobState.FAILED, await self.work())
            self.pod.reactor.advance(600)
        self.mailer.error = None
        self.pod.reactor.advance(6 * 3600)
        self.assertEqual(await self.work(), [JobState.COMPLETED])
        self.assertEqual([mail for mail, _ in self.mailer.sent], [MAIL])

    async def test_a_pod_that_dies_between_sending_and_noting_it(self) -> None:
        """The mail comes twice, with one Message-ID: a program that reads mail shows one."""
        await self.outbox.post_alone(MAIL)
        [job] = await self.jobs.claim(1)
        before = await self.rows()
        await self.outbox.send(job, no_progress)
        await self.pod.database.write(
            lambda tx: tx.run(
                Query(
                    """insert into mails (id, message_id, sealed, created_ms, expires_ms)
                    values (:id, :message_id, :sealed, 0, :expires_ms)"""
                ),
                id=job.payload["mail"],
                message_id=self.mailer.sent[0][1],
                sealed=before[0],
                expires_ms=2**50,
            )
        )
        await self.jobs.give_back_all()
        self.assertEqual(await self.work(), [JobState.COMPLETED])
        self.assertEqual(self.mailer.sent[0], self.mailer.sent[1])

    async def test_nobody_reads_the_codes_in_the_database(self) -> None:
        """Neither code nor address; and with another secret nothing can be read."""
        await self.outbox.post_alone(MAIL)
        [sealed] = await self.rows()
        for word in ("c0de", "alice", "reset"):
            self.assertNotIn(word, sealed)
        stranger = await self.new_outbox(Smtp(hostname="localhost"), secret="another")
        self.assertEqual(await self.work(stranger), [JobState.COMPLETED])
        self.assertEqual(self.mailer.sent, [])

    async def test_too_late(self) -> None:
        """A link that is not good any more is not sent."""
        await self.pod.database.write(lambda tx: self.outbox.post(tx, MAIL, good_for_ms=1000))
        self.pod.reactor.advance(1)
        self.assertEqual((await self.work(), self.mailer.sent), ([JobState.COMPLETED], []))
        await self.outbox.post_alone(MAIL)
        self.pod.reactor.advance(8 * 86_400)
        self.assertEqual((await self.outbox.sweep(), await self.rows()), (1, []))

    async def test_without_a_server(self) -> None:
        """Nothing piles up."""
        await (await self.new_outbox(Smtp())).post_alone(MAIL)
        self.assertEqual((await self.rows(), await self.work()), ([], []))

    async def test_bounded(self) -> None:
        """And the cause is undone with it."""
        self.patch(module, "MAXIMUM_WAITING", 2)
        await self.outbox.post_alone(MAIL)
        await self.outbox.post_alone(MAIL)
        with self.assertRaises(Unavailable):
            await self.outbox.post_alone(MAIL)
        self.assertEqual(len(await self.rows()), 2)
