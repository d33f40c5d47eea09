"""A run that is interrupted goes on as if it had not been: to the last bit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import pytest
import torch

from explorer.engine.messages import Edit, RunState, SetHypers
from explorer.spec import Value
from explorer.training.checkpoint import _lay_as_parameters
from explorer.training.run import Run

from .states import state_of, steps

MakeRun = Callable[..., Run]
SETTINGS: tuple[Mapping[str, Value], ...] = (
    {},
    {"momentum": 0.9, "dropout": 0.3},
    {"optimizer": "adam", "dropout": 0.5, "learning_rate": 0.01, "weight_decay": 0.01},
    {"optimizer": "adamw", "batch_size": 7, "schedule": "cosine", "decay_steps": 50, "learning_rate": 0.01},
    {"schedule": "linear", "decay_steps": 30, "task": "three"},
    {"batch_size": 64, "noise": 1.5},
    {"optimizer": "muon", "learning_rate": 0.02, "warmup_steps": 20, "weight_decay": 0.01},
)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("before", [0, 1, 13, 30])
def test_a_reopened_run_takes_the_same_steps(make_run: MakeRun, settings: Mapping[str, Value], before: int) -> None:
    run = make_run(**settings)
    steps(run, before)
    run.checkpoint()
    steps(run, 25)
    again = Run.open(run.directory)
    assert again.step == before
    torch.manual_seed(99)  # what others draw in between is not the run's
    steps(again, 25)
    assert state_of(again) == state_of(run)


def test_changes_after_the_checkpoint_are_made_again_at_their_steps(make_run: MakeRun) -> None:
    run = steps(make_run(dropout=0.2, momentum=0.5), 10)
    run.checkpoint()
    steps(run, 5)
    run.apply(SetHypers({"learning_rate": 0.02, "momentum": 0.0}))
    steps(run, 5)
    run.apply(SetHypers({"noise": 1.0, "batch_size": 3, "dropout": 0.6}))
    run.apply(Edit("0.weight", (1, 1), -0.75))
    steps(run, 5)
    again = Run.open(run.directory)
    assert again.step == 10
    steps(again, 15)
    assert state_of(again) == state_of(run)
    assert again.trainer.hypers["noise"] == 1.0


def test_a_new_change_first_makes_those_that_were_still_to_come(make_run: MakeRun) -> None:
    run = steps(make_run(), 5)
    run.checkpoint()
    steps(run, 10)
    run.apply(SetHypers({"learning_rate": 0.5}))
    again = steps(Run.open(run.directory), 2)
    again.apply(SetHypers({"momentum": 0.9}))
    assert (again.trainer.hypers["learning_rate"], again.trainer.hypers["momentum"]) == (0.5, 0.9)
    assert [mark.step for mark in again.journal.marks] == [7, 7]


def test_momentum_that_comes_and_goes_survives_a_checkpoint(make_run: MakeRun) -> None:
    run = steps(make_run(momentum=0.9), 3)
    run.apply(SetHypers({"momentum": 0.0}))
    steps(run, 3)
    run.checkpoint()
    again = Run.open(run.directory)
    for each in (run, again):
        each.apply(SetHypers({"momentum": 0.5}))
        steps(each, 3)
    assert state_of(again) == state_of(run)


def test_curves_marks_and_standing_come_back(make_run: MakeRun) -> None:
    run = steps(make_run(), 20)
    run.apply(SetHypers({"learning_rate": 0.05}))
    run.evaluate()
    run.state = RunState.PAUSED
    run.checkpoint()
    was, now = run.snapshot(), Run.open(run.directory).snapshot()
    assert (now.state, now.step, now.marks, now.hypers) == (RunState.PAUSED, 20, was.marks, was.hypers)
    assert {k: v.values.tolist() for k, v in now.series.items()} == {
        k: v.values.tolist() for k, v in was.series.items()
    }
    assert now.latest == pytest.approx(dict(was.latest))


def test_two_runs_taking_turns_do_not_disturb_each_other(make_run: MakeRun) -> None:
    alone = steps(make_run("alone", dropout=0.5), 40)
    one, other = make_run("one", dropout=0.5), make_run("other", dropout=0.5, seed=1)
    for _ in range(10):
        with one.randomness:
            steps(one, 4)
        steps(other, 3)
        torch.rand(5)
    assert state_of(one) == state_of(alone)
    assert state_of(other) != state_of(alone)


def test_training_leaves_the_process_random_state_alone(make_run: MakeRun) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    steps(make_run(dropout=0.5), 5).evaluate()
    assert torch.equal(torch.rand(3), expected)


def test_moments_are_laid_out_as_their_parameters_lie() -> None:
    """Fused Adam takes weights and moments as they lie in memory: a network in channels-last must not mix them up."""

    def stepped(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad()
        model(pictures).square().sum().backward()
        optimizer.step()

    torch.manual_seed(0)
    pictures = torch.randn(2, 3, 6, 6).to(memory_format=torch.channels_last)
    model = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), 0.1, fused=True)
    stepped(model, optimizer)
    other = copy.deepcopy(model)
    again = torch.optim.AdamW(other.parameters(), 0.1, fused=True)
    saved = optimizer.state_dict()
    again.load_state_dict(
        {
            **saved,
            "state": {
                i: {k: v.clone(memory_format=torch.contiguous_format) for k, v in each.items()}
                for i, each in saved["state"].items()
            },
        }
    )
    _lay_as_parameters(again)
    stepped(model, optimizer)
    stepped(other, again)
    assert torch.equal(other.weight, model.weight)
