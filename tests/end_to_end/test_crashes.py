"""What was acknowledged survives the death of the process, wherever it comes: the short form of ``tests.crashes``."""

from twisted.trial.unittest import SynchronousTestCase

from tests.crashes.run import AT_MIGRATION, AT_THE_FRIEND, AT_THE_ORIGIN, Run

RANDOM_KILLS = 6


class CrashTests(SynchronousTestCase):
    """Two real pods under load, killed by themselves at every failpoint and by us at any moment."""

    timeout = 900

    def test_nothing_acknowledged_is_lost_or_doubled_and_no_file_is_left_over(self) -> None:
        """The promise of docs/reliability.rst; ``python -m tests.crashes`` is the long form."""
        run = Run(seed=7, check_every=8, restarts=(0, 0, 1), users=1)
        try:
            run.at_migrations()
            run.begin()
            for _ in range(run.places):
                run.at_failpoint(*run.next_failpoint(passes=(1,)))
            for _ in range(RANDOM_KILLS):
                run.at_random()
        finally:
            summary = run.finish()
        print(summary.line())
        self.assertEqual(summary.problems, [])
        self.assertEqual(dict(summary.not_reached), {})
        self.assertEqual(summary.at_failpoints.keys(), {*AT_MIGRATION, *AT_THE_ORIGIN, *AT_THE_FRIEND})
        self.assertGreater(summary.acknowledged["upload"], 10)
