"""Going back gives the run that stood there, to the last bit."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from explorer.engine.messages import Resume, Rewind, RunState, SetHypers, Stop
from explorer.spec import SpecError
from explorer.training.replay import replay
from explorer.training.run import Run

from .states import state_of, steps

MakeRun = Callable[..., Run]


def test_rewind_and_the_same_steps_again_give_the_same_network(make_run: MakeRun) -> None:
    run = steps(make_run(dropout=0.3, optimizer="adam"), 17)
    there = state_of(run)
    steps(run, 20)
    mark = run.apply(Rewind(17))
    assert mark is not None
    assert mark.text == "back from step 37"
    assert (run.step, state_of(run)) == (17, there)


def test_rewind_keeps_what_was_changed_up_to_the_step_and_forgets_the_rest(make_run: MakeRun) -> None:
    run = steps(make_run(), 5)
    run.apply(SetHypers({"learning_rate": 0.2}))
    steps(run, 5)
    run.apply(SetHypers({"learning_rate": 0.3}))
    run.checkpoint()
    steps(run, 5)
    run.apply(Rewind(7))
    assert run.trainer.hypers["learning_rate"] == 0.2
    assert [mark.text for mark in run.journal.marks] == ["learning rate 0.1 → 0.2", "back from step 15"]
    assert run.checkpoints == (0,)
    assert max(run.curves.curves["loss"].steps) == 7


def test_a_rewound_run_replays(make_run: MakeRun) -> None:
    run = steps(make_run(dropout=0.2), 12)
    run.apply(SetHypers({"dropout": 0.5}))
    steps(run, 12)
    run.apply(Rewind(15))
    run.apply(SetHypers({"momentum": 0.9}))
    steps(run, 9)
    run.checkpoint()
    report = replay(run.directory)
    assert report.bit_exact, report.differing
    assert report.step == 24


@pytest.mark.parametrize("step", [-1, 11])
def test_a_step_not_reached_is_refused(make_run: MakeRun, step: int) -> None:
    run = steps(make_run(), 10)
    with pytest.raises(SpecError, match="0 … 10"):
        run.apply(Rewind(step))
    assert run.step == 10


def test_a_finished_run_can_go_back_and_on(make_run: MakeRun) -> None:
    run = steps(make_run(), 10)
    run.apply(Stop())
    assert run.state is RunState.FINISHED
    assert not run.advance()
    run.apply(Rewind(4))
    assert run.state is RunState.PAUSED
    run.apply(Resume())
    assert run.advance()


def test_checkpoints_stay_few_and_spread(make_run: MakeRun) -> None:
    run = make_run()
    for _ in range(60):
        steps(run, 5)
        run.checkpoint()
    kept = run.checkpoints
    assert (kept[0], kept[-1], len(kept)) == (0, 300, 12)
    assert max(b - a for a, b in itertools.pairwise(kept)) <= 80
    assert Run.open(run.directory).checkpoints == kept
