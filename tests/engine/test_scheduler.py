from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.scheduler import SPRINT_LIMIT, Scheduler


def ready(scheduler: Scheduler, *runs: str, sprint: bool = False) -> None:
    for run in runs:
        scheduler.add(run, sprint)
        scheduler.set_ready(run, True)


def turn(scheduler: Scheduler, shown: bool = True, seconds: float | None = None) -> str:
    turn = scheduler.next()
    assert turn is not None
    scheduler.charge(turn.run, turn.seconds if seconds is None else seconds, shown)
    return turn.run


def test_nobody_ready_is_nobodys_turn() -> None:
    scheduler = Scheduler()
    scheduler.add("a")
    assert scheduler.next() is None


def test_newcomers_sprint_one_after_the_other_before_anyone_else() -> None:
    scheduler = Scheduler()
    ready(scheduler, "old")
    ready(scheduler, "first", "second", sprint=True)
    assert scheduler.waiting_before("second") == 1
    assert [turn(scheduler, shown) for shown in (False, True, True)] == ["first", "first", "second"]
    assert turn(scheduler) == "old"
    assert scheduler.waiting_before("second") == 0


def test_a_sprint_without_anything_to_show_ends() -> None:
    scheduler = Scheduler()
    ready(scheduler, "old")
    ready(scheduler, "slow", sprint=True)
    turn(scheduler, shown=False, seconds=SPRINT_LIMIT)
    assert turn(scheduler) == "old"


def test_a_changed_control_gets_the_next_slice_and_pays_for_it() -> None:
    scheduler = Scheduler()
    ready(scheduler, "a", "b", "c")
    scheduler.urge("c")
    assert scheduler.urgent_besides("a")
    assert [turn(scheduler) for _ in range(4)] == ["c", "a", "b", "a"]


def test_a_run_that_comes_back_starts_level() -> None:
    scheduler = Scheduler()
    ready(scheduler, "a", "b")
    scheduler.set_ready("b", False)
    for _ in range(100):
        turn(scheduler)
    scheduler.set_ready("b", True)
    turns = [turn(scheduler) for _ in range(20)]
    assert abs(turns.count("a") - turns.count("b")) <= 2


@given(st.lists(st.floats(0.001, 0.3), min_size=2, max_size=12), st.integers(50, 200))
def test_everyone_gets_the_same_time_however_long_their_steps(steps: list[float], rounds: int) -> None:
    scheduler = Scheduler()
    names = [str(place) for place in range(len(steps))]
    ready(scheduler, *names)
    spent = dict.fromkeys(names, 0.0)
    for _ in range(rounds * len(steps)):
        run = turn(scheduler, seconds=steps[int(scheduler.next().run)])  # type: ignore[union-attr]
        spent[run] += steps[int(run)]
    assert max(spent.values()) - min(spent.values()) <= 2 * max(steps)
