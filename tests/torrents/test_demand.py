"""Which torrents the seeder has."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.torrents.demand import Choice, choose

_HASHES = st.sampled_from([letter * 40 for letter in "0123456789abcdef"])


class ChooseTests(SynchronousTestCase):
    """Demand decides, within the limit."""

    def choose(self, loaded=(), wanted=(), unfit=(), maximum=2) -> Choice:
        """With short names."""
        return choose(loaded=dict(loaded), wanted=dict(wanted), unfit=unfit, maximum=maximum, idle=600)

    def test_the_most_wanted_come_first(self) -> None:
        """When not all fit."""
        choice = self.choose(wanted={"a": 1, "b": 5, "c": 3})
        self.assertEqual(choice, Choice((), ("b", "c")))

    def test_the_least_recently_asked_makes_room(self) -> None:
        """Of those that nobody wants now."""
        choice = self.choose(loaded={"a": 20, "b": 90}, wanted={"c": 1})
        self.assertEqual(choice, Choice(("b",), ("c",)))

    def test_what_is_in_demand_stays(self) -> None:
        """Even when something else is wanted more: nothing comes and goes by turns."""
        choice = self.choose(loaded={"a": 0, "b": 0}, wanted={"a": 1, "b": 1, "c": 99})
        self.assertEqual(choice, Choice((), ()))

    def test_what_nobody_asked_for_is_put_down_in_time(self) -> None:
        """Though there is room."""
        self.assertEqual(self.choose(loaded={"a": 601, "b": 599}), Choice(("a",), ()))

    def test_what_cannot_be_seeded_is_not_tried(self) -> None:
        """It was tried already."""
        self.assertEqual(self.choose(wanted={"a": 1}, unfit={"a"}), Choice((), ()))

    @given(
        st.dictionaries(_HASHES, st.floats(0, 1000), max_size=8),
        st.dictionaries(_HASHES, st.integers(1, 9)),
        st.integers(1, 8),
    )
    def test_the_limit_holds(self, loaded, wanted, maximum) -> None:
        """Whatever there was before."""
        loaded = dict(list(loaded.items())[:maximum])
        choice = choose(loaded=loaded, wanted=wanted, unfit=(), maximum=maximum, idle=600)
        left = set(loaded) - set(choice.unload)
        self.assertLessEqual(len(left) + len(choice.load), maximum)
        self.assertFalse(left & set(choice.load))
        self.assertLessEqual(set(choice.load), set(wanted))
