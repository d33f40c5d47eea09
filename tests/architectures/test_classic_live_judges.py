"""What the experiments of AlexNet, VGG and Network in Network say of measurements, and the parts they are made of."""

from __future__ import annotations

import pytest
import torch

from explorer import catalog
from explorer.architectures.alexnet import model as alexnet
from explorer.architectures.alexnet.probes import generalisation, speed
from explorer.architectures.alexnet.training import QUARTER, AlexNetTrainer
from explorer.runspec import make_spec
from explorer.spec import Card, Measured, Outcome, SpecError
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
CPU = torch.device("cpu")
Values = tuple[float, ...]


def relu(slow: tuple[float, float], middle: tuple[float, float], fast: tuple[float, float]) -> tuple[Measured, ...]:
    """Steps of ReLU and of tanh at the three rates; the second of two seeds takes one step more."""
    pairs = zip(("0.003", "0.01", "0.03"), (slow, middle, fast), strict=True)
    return runs(
        {
            f"{name}_{rate}": {"steps_to_quarter": [steps, steps + 1]}
            for rate, pair in pairs
            for name, steps in zip(("relu", "tanh"), pair, strict=True)
        }
    )


def overfitting(gaps: tuple[Values, Values, Values], right: tuple[Values, Values, Values]) -> tuple[Measured, ...]:
    arms = zip(("neither", "dropout", "changed", "both"), (*gaps, gaps[2]), (*right, right[2]), strict=True)
    return runs({arm: {"gap": gap, "test_accuracy": accuracy, "test_loss": [0.5, 0.6]} for arm, gap, accuracy in arms})


def overlap(over: Values, plain: Values) -> tuple[Measured, ...]:
    arms = {"overlapping": over, "plain": plain}
    return runs({arm: {"test_accuracy": values, "gap": [0.1] * 2} for arm, values in arms.items()})


def windows(three: Values, seven: Values, sizes: tuple[float, float] = (40_896, 65_856)) -> tuple[Measured, ...]:
    def arm(accuracy: Values, size: float) -> dict[str, Values]:
        return {"test_accuracy": accuracy, "convolution_parameters": (size, size), "sees": (28, 28)}

    return runs({"three": arm(three, sizes[0]), "seven": arm(seven, sizes[1]), "narrow": arm(seven, sizes[0])})


def depth(norm_he: Values, plain_he: Values, norm_default: Values, plain_default: Values) -> tuple[Measured, ...]:
    arms = {"norm_he": norm_he, "plain_he": plain_he, "norm_default": norm_default, "plain_default": plain_default}
    return runs({arm: {"test_accuracy": values} for arm, values in arms.items()})


def read_out(
    average: Values, dense: Values, gaps: tuple[Values, Values], size: float = 200_000
) -> tuple[Measured, ...]:
    def arm(accuracy: Values, gap: Values, parameters: float) -> dict[str, Values]:
        return {"test_accuracy": accuracy, "gap": gap, "parameters": (parameters, parameters)}

    few = arm(average, gaps[0], 50_000)
    return runs({"average": few, "max": few, "cells": few, "dense": arm(dense, gaps[1], size)})


def one(with_them: Values, plain: Values, wide: Values) -> tuple[Measured, ...]:
    arms = {"with": with_them, "plain": plain, "wide": wide}
    return runs({arm: {"test_accuracy": values, "parameters": (50_000, 50_000)} for arm, values in arms.items()})


WIDE, NARROW = (0.16, 0.17), (0.08, 0.09)
LOW, HIGH, MIXED = (0.80, 0.81), (0.86, 0.87), (0.79, 0.88)
CASES = [
    ("alexnet", "relu", relu((60, 400), (50, 300), (80, 350)), HOLDS, 0),
    ("alexnet", "relu", relu((100, 130), (60, 80), (70, 90)), PARTLY, 1),
    ("alexnet", "relu", relu((100, 130), (60, 60), (70, 50)), FAILS, 2),
    ("alexnet", "relu", relu((100, 100), (60, 60), (50, 50)), FAILS, 3),
    ("alexnet", "overfitting", overfitting((WIDE, NARROW, NARROW), (LOW, HIGH, HIGH)), HOLDS, 0),
    ("alexnet", "overfitting", overfitting((WIDE, NARROW, NARROW), (LOW, MIXED, HIGH)), PARTLY, 1),
    ("alexnet", "overfitting", overfitting((WIDE, WIDE, WIDE), (LOW, LOW, LOW)), OPEN, 2),
    ("alexnet", "overfitting", overfitting((NARROW, WIDE, NARROW), (LOW, LOW, LOW)), FAILS, 2),
    ("alexnet", "overlap", overlap(HIGH, LOW), HOLDS, 0),
    ("alexnet", "overlap", overlap(LOW, HIGH), FAILS, 1),
    ("alexnet", "overlap", overlap(MIXED, HIGH), OPEN, 2),
    ("vgg", "windows", windows(HIGH, LOW), HOLDS, 0),
    ("vgg", "windows", windows(MIXED, HIGH), PARTLY, 2),
    ("vgg", "windows", windows(LOW, HIGH), FAILS, 1),
    ("vgg", "windows", windows(MIXED, HIGH, sizes=(70_000, 60_000)), FAILS, 2),
    ("vgg", "depth", depth(HIGH, (0.4, 0.5), HIGH, (0.1, 0.2)), HOLDS, 0),
    ("vgg", "depth", depth(HIGH, LOW, HIGH, LOW), PARTLY, 1),
    ("vgg", "depth", depth(HIGH, HIGH, HIGH, LOW), PARTLY, 1),
    ("vgg", "depth", depth(HIGH, HIGH, HIGH, HIGH), FAILS, 2),
    ("vgg", "depth", depth(HIGH, MIXED, HIGH, (0.50, 0.87)), OPEN, 2),
    ("nin", "read_out", read_out(HIGH, LOW, (NARROW, WIDE)), HOLDS, 0),
    ("nin", "read_out", read_out(MIXED, HIGH, (NARROW, WIDE)), PARTLY, 2),
    ("nin", "read_out", read_out(LOW, HIGH, (WIDE, NARROW)), FAILS, 1),
    ("nin", "read_out", read_out(MIXED, HIGH, (WIDE, NARROW), size=60_000), OPEN, 2),
    ("nin", "one", one(HIGH, LOW, LOW), HOLDS, 0),
    ("nin", "one", one(HIGH, LOW, MIXED), PARTLY, 1),
    ("nin", "one", one(LOW, HIGH, LOW), FAILS, 2),
    ("nin", "one", one(HIGH, (0.75, 0.88), LOW), OPEN, 2),
]


@pytest.mark.parametrize(("key", "name", "measured", "outcome", "right"), CASES)
def test_a_judge_follows_the_measurements(
    key: str, name: str, measured: tuple[Measured, ...], outcome: Outcome, right: int
) -> None:
    experiment = catalog.get(key).experiment(name)
    verdict = experiment.judge(measured)
    assert verdict.outcome is outcome, verdict.text
    assert any(sign.isdigit() for sign in verdict.text)
    assert experiment.right(measured) == right


@pytest.mark.parametrize("card", [catalog.get(key) for key in ("alexnet", "vgg", "nin")], ids=lambda card: card.key)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"


# ---- what is trained -------------------------------------------------------------------------------------------------


def made(key: str, **options: dict[str, object]) -> Trainer:
    torch.manual_seed(1)
    return make_trainer(make_spec(catalog.get(key), "fashion", **options), CPU)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("side", [14, 7, 5])
def test_both_kinds_of_windows_halve_a_side_and_round_up(kind: str, side: int) -> None:
    x = torch.randn(1, 2, side, side)
    both = [alexnet.pooling(kind, overlapping)(x) for overlapping in (True, False)]
    assert [tuple(each.shape[2:]) for each in both] == [(-(-side // 2),) * 2] * 2
    assert not torch.equal(*both)


def test_overlap_changes_no_weight() -> None:
    first, second = (made("alexnet", knobs={"overlapping": choice}) for choice in (True, False))
    assert [each.shape for each in first.model.parameters()] == [each.shape for each in second.model.parameters()]


def test_the_running_error_falls_and_remembers_when_it_was_down_to_a_quarter() -> None:
    trainer = made("alexnet", hypers={"batch_size": 16})
    assert isinstance(trainer, AlexNetTrainer)
    assert speed(trainer) == {"steps_to_quarter": 1.0}  # not yet: one more than all steps
    before = float(trainer.running_error)
    trainer.running_error = torch.tensor(QUARTER)
    trainer.train_step()
    trainer.running_error = torch.tensor(0.2)
    while float(trainer.quarter_at) < 0:
        trainer.running_error = torch.tensor(0.2)
        trainer.train_step()
    at = int(trainer.quarter_at)
    trainer.train_step()
    assert before == pytest.approx(0.9)
    assert speed(trainer) == {"steps_to_quarter": float(at)}
    again = made("alexnet", hypers={"batch_size": 16})
    again.load_extra_state(trainer.extra_state())
    assert isinstance(again, AlexNetTrainer)
    assert (float(again.running_error), int(again.quarter_at)) == (float(trainer.running_error), at)


@pytest.mark.parametrize("key", ["alexnet", "nin"])
def test_fewer_pictures_are_the_same_ones_and_no_held_out_one_is_lost(key: str) -> None:
    few, every = made(key, data={"pictures": 500}), made(key)
    assert isinstance(few, SupervisedTrainer)
    assert isinstance(every, SupervisedTrainer)
    assert len(few.train[1]) == 500
    assert torch.equal(few.train[0], every.train[0][:500])
    assert torch.equal(few.test[0], every.test[0])
    assert few.train[1].bincount(minlength=10).min() > 25  # every class is there
    assert "the first 500" in few.dataset.source


def test_the_gap_is_between_pictures_learnt_and_held_out() -> None:
    trainer = made("nin", data={"pictures": 500})
    for _ in range(3):
        trainer.train_step()
    found, held_out = generalisation(trainer), trainer.evaluate()
    assert found["gap"] == pytest.approx(found["train_accuracy"] - held_out["test_accuracy"], abs=1e-6)


def test_a_picture_too_small_for_the_stages_is_refused_with_what_works() -> None:
    with pytest.raises(SpecError, match="Take 5 or fewer"):
        made("vgg", knobs={"convolutions": (1,) * 7})


def test_three_windows_of_three_have_fewer_weights_than_one_of_seven() -> None:
    def inner(convolutions: int, kernel_size: int) -> int:
        knobs = {"convolutions": (convolutions,), "channels": (24,), "kernel_size": kernel_size, "batch_norm": False}
        stage = made("vgg", knobs=knobs).model.get_submodule("stages.0")
        return sum(each.numel() for each in stage.parameters() if each.dim() == 4)

    assert (inner(3, 3), inner(1, 7)) == (27 * 24**2, 49 * 24**2)
