"""What was acknowledged survives the death of the process, wherever it comes: the short form of ``tests.crashes``."""

from twisted.trial.unittest import SynchronousTestCase

from tests.crashes.run import AT_MIGRATION, Run

RANDOM_KILLS = 10
TRIES = 3
"""The load is random: a place that it did not come by within its time gets another one."""


class CrashTests(SynchronousTestCase):
    """Two real pods under load, killed by themselves at every failpoint and by us at any moment."""

    timeout = 900

    def test_nothing_acknowledged_is_lost_or_doubled_and_no_file_is_left_over(self) -> None:
        """The promise of docs/reliability.rst; ``python -m tests.crashes`` is the long form."""
        run = Run(seed=7, check_every=5, restarts=(0, 0, 1))
        try:
            run.at_migrations()
            run.begin()
            missed = [run.next_failpoint(passes=(1,)) for _ in range(run.places)]
            for _ in range(TRIES):
                missed = [place for place in missed if not run.at_failpoint(*place)]
            for _ in range(RANDOM_KILLS):
                run.at_random()
        finally:
            summary = run.finish()
        print(summary.line())
        self.assertEqual(summary.problems, [])
        self.assertEqual([name for _, name, _ in missed], [])
        self.assertEqual(summary.at_failpoints.keys() & set(AT_MIGRATION), set(AT_MIGRATION))
        self.assertGreater(summary.acknowledged["upload"], 10)
