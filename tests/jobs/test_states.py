"""The life of a job."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.errors import Conflict
from peertube.jobs.states import JobEvent, next_state
from peertube.model.jobs import JobState


class StateTests(SynchronousTestCase):
    """Which event leads where."""

    def test_the_good_way(self) -> None:
        """Waiting, active, completed."""
        self.assertIs(JobState.ACTIVE, next_state(JobState.WAITING, JobEvent.CLAIM))
        self.assertIs(JobState.COMPLETED, next_state(JobState.ACTIVE, JobEvent.COMPLETE))

    def test_every_state_but_the_last_has_a_way_on(self) -> None:
        """No job is stuck for the admin."""
        for state in JobState:
            ways = []
            for event in (JobEvent.RETRY, JobEvent.CANCEL):
                try:
                    ways.append(next_state(state, event))
                except Conflict as error:
                    self.assertEqual("wrong_job_state", error.code)
            self.assertEqual(state is not JobState.COMPLETED, bool(ways), state)

    def test_completed_is_final(self) -> None:
        """What is done is not done again."""
        for event in JobEvent:
            self.assertRaises(Conflict, next_state, JobState.COMPLETED, event)
