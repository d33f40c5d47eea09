from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.training.curves import LIMIT, Curves


def _record(curves: Curves, begin: int, end: int) -> None:
    """Record as a run does: only the steps that are wanted."""
    wanted = begin
    for step in range(begin, end):
        if step >= wanted:
            wanted = curves.add(step, {"loss": step / 2})


@settings(max_examples=15, deadline=None)
@given(count=st.integers(0, 20_000), cut=st.integers(0, 20_000))
def test_a_curve_stays_short_true_and_reaches_to_the_end(count: int, cut: int) -> None:
    curves = Curves()
    _record(curves, 0, count)
    curves.cut(cut)
    _record(curves, cut + 1, count)
    if not count:
        assert curves.series() == {}
        return
    steps, values = curves.curves["loss"].steps, curves.curves["loss"].values
    assert len(steps) < LIMIT
    assert steps == sorted(set(steps))
    assert values == [step / 2 for step in steps]
    assert steps[0] == 0
    assert count - steps[-1] <= 2 * max(1, count // 250)


def test_scalars_of_other_steps_keep_their_own_pace() -> None:
    curves = Curves()
    for step in range(3000):
        curves.add(step, {"loss": 1.0})
    curves.add(2999, {"test_loss": 2.0})
    assert curves.series()["test_loss"].steps.tolist() == [2999]
    assert curves.latest == {"loss": 1.0, "test_loss": 2.0}


def test_cutting_takes_the_newest_values_back() -> None:
    curves = Curves()
    for step in range(5):
        curves.add(step, {"loss": float(step)})
    curves.add(4, {"test_loss": 9.0})
    curves.cut(2)
    assert curves.latest == {"loss": 2.0}


def test_saved_curves_go_on() -> None:
    curves, again = Curves(), Curves()
    _record(curves, 0, 1500)
    again.load(curves.series(), curves.latest)
    assert again.add(1500, {"loss": 0.0}) == curves.add(1500, {"loss": 0.0})
    assert again.curves["loss"].steps == curves.curves["loss"].steps
