"""The first value that stops being finite is found: where, in what, and when."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from explorer.engine.messages import Edit, Resume, Rewind, RunState, SetHypers
from explorer.training import divergence
from explorer.training.replay import replay
from explorer.training.run import Run

from .states import state_of, steps

MakeRun = Callable[..., Run]


def _until_broken(run: Run, limit: int = 300) -> None:
    for _ in range(limit):
        if not run.advance():
            return
    pytest.fail(f"still finite after {limit} steps")


def _finite(run: Run) -> bool:
    return all(bool(torch.isfinite(parameter).all()) for parameter in run.trainer.model.parameters())


def test_a_huge_learning_rate_stops_the_run_with_a_sound_network(make_run: MakeRun) -> None:
    run = steps(make_run(activation="relu"), 50)
    run.apply(SetHypers({"learning_rate": 1e30}))
    _until_broken(run)
    found = run.divergence
    assert run.state is RunState.DIVERGED
    assert found is not None
    assert found.layer in dict(run.trainer.model.named_modules())
    assert (found.step, 50 < found.step < 70) == (run.step + 1, True)
    assert math.isfinite(found.gradient_norm)
    assert found.safe_step in run.checkpoints
    assert _finite(run)
    assert all(math.isfinite(value) for value in run.curves.curves["loss"].values)


@pytest.mark.parametrize(("parameter", "layer"), [("0.weight", "0"), ("4.weight", "4")])
def test_the_layer_that_overflows_is_named(make_run: MakeRun, parameter: str, layer: str) -> None:
    run = steps(make_run(), 5)
    for column in range(2):
        run.apply(Edit(parameter, (0, column), 3e38))
    run.apply(SetHypers({"noise": 2.0}))
    _until_broken(run)
    assert run.divergence is not None
    assert (run.divergence.layer, run.divergence.what, run.divergence.step) == (layer, "activation", 6)


@pytest.mark.parametrize("late", [1, 2, 3, 200])
def test_it_is_found_whenever_it_comes(make_run: MakeRun, late: int) -> None:
    run = make_run()
    if late > 1:
        steps(run, late - 1)
    run.apply(Edit("4.weight", (0, 0), 3.4e38))
    run.apply(Edit("4.weight", (0, 1), 3.4e38))
    run.apply(Edit("1.bias", (0,), 9.0))
    run.apply(Edit("1.bias", (1,), 9.0))
    _until_broken(run)
    assert run.divergence is not None
    assert (run.divergence.step, run.divergence.layer) == (late, "4")


def test_a_gradient_that_breaks_is_told_from_a_weight(make_run: MakeRun) -> None:
    run = make_run()
    handle = run.trainer.model[4].weight.register_hook(lambda grad: grad * math.inf)  # type: ignore[index]
    with run.randomness:
        found = divergence.watched_step(run.trainer)
    handle.remove()
    assert found == divergence.Finding("4", "gradient")


def test_going_back_and_halving_the_rate_goes_on(make_run: MakeRun) -> None:
    run = steps(make_run(), 20)
    run.checkpoint()
    run.apply(SetHypers({"learning_rate": 1e30}))
    _until_broken(run)
    assert run.divergence is not None
    run.apply(Rewind(run.divergence.safe_step))
    assert run.divergence is None
    run.apply(SetHypers({"learning_rate": 0.05}))
    run.apply(Resume())
    steps(run, 30)
    assert run.state is RunState.LIVE
    run.checkpoint()
    assert replay(run.directory).bit_exact


def test_a_diverged_run_stays_so_when_it_is_opened_again(make_run: MakeRun) -> None:
    run = steps(make_run(), 20)
    run.apply(SetHypers({"learning_rate": 1e30}))
    _until_broken(run)
    again = Run.open(run.directory)
    assert (again.state, again.divergence) == (RunState.DIVERGED, run.divergence)
    assert state_of(again) == state_of(run)


def test_losses_read_in_batches_find_the_same_step(make_run: MakeRun) -> None:
    """As on a GPU, where each reading would wait for the device."""
    found = []
    for name, each in (("one", True), ("many", False)):
        run = make_run(name)
        run._reads_each_step = each
        steps(run, 40)
        run.apply(Edit("4.weight", (0, 0), 3.4e38))
        run.apply(Edit("4.weight", (0, 1), 3.4e38))
        run.apply(SetHypers({"learning_rate": 1e30}))
        _until_broken(run)
        found.append((run.divergence, state_of(run)))
    assert found[0] == found[1]
