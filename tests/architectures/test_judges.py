"""What the experiments say of measurements: outcomes can be reached, and the right prediction follows the figures."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Card, Measured, Outcome
from tests.architectures.judging import Figures, runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
KINDS = ("max", "average", "strided", "subsample")


def gate(accuracy: tuple[float, ...], sigmoid: tuple[float, ...] = (0.5, 0.5, 0.5)) -> Figures:
    return {"accuracy": accuracy, "accuracy_sigmoid": sigmoid, "test_accuracy": accuracy}


def xor(
    and_gate: tuple[float, ...], xor_gate: tuple[float, ...], sigmoid: tuple[float, ...] = (0.5, 0.5)
) -> tuple[Measured, ...]:
    return runs({"and": gate(and_gate, sigmoid), "xor": gate(xor_gate, sigmoid)})


def bias(
    with_bias: tuple[float, ...], without: tuple[float, ...], or_without: tuple[float, ...]
) -> tuple[Measured, ...]:
    return runs({"with": gate(with_bias), "without": gate(without), "or_without": gate(or_without)})


def linear(one: float, five: float, bent: tuple[float, ...], difference: float = 1e-6) -> tuple[Measured, ...]:
    def arm(loss: float, accuracy: tuple[float, ...]) -> Figures:
        return {"train_loss": [loss] * 3, "test_accuracy": accuracy, "collapse_difference": [difference] * 3}

    coin = (0.5, 0.52, 0.45)
    return runs({"one": arm(one, coin), "five": arm(five, coin), "bent": arm(0.1, bent)})


def sigmoid(plain: tuple[float, ...], relu: tuple[float, ...], larger: tuple[float, ...]) -> tuple[Measured, ...]:
    start = {"start_gradient_first": [1e-6] * 3, "start_gradient_last": [0.6] * 3}
    arms = {"sigmoid": plain, "tanh": relu, "relu": relu, "larger": larger}
    return runs({arm: {"test_accuracy": values, **start} for arm, values in arms.items()})


def capacity(
    w8: tuple[float, ...], w64: tuple[float, ...], train: float = 0.01, accurate: tuple[float, ...] = (0.87, 0.86, 0.88)
) -> tuple[Measured, ...]:
    def arm(loss: tuple[float, ...], accuracy: tuple[float, ...]) -> Figures:
        return {"test_loss": loss, "test_accuracy": accuracy, "train_loss": [train] * 3}

    same = (0.87, 0.86, 0.88)
    return runs(
        {
            "w2": arm(w8, same),
            "w8": arm(w8, same),
            "w64": arm(w64, accurate),
            "w512": arm(w64, same),
            "decay": arm(w8, same),
        }
    )


def dense(convolution: tuple[float, ...], rival: tuple[float, ...]) -> tuple[Measured, ...]:
    arms = {"convolution": convolution, "dense": rival}
    return runs({arm: {"test_accuracy": values, "parameters": [30_000.0] * 3} for arm, values in arms.items()})


def shift(flat3: float, flat6: float, average6: float, dense3: float) -> tuple[Measured, ...]:
    def arm(three: float, six: float) -> Figures:
        return {"accuracy_shift_3": [three, three + 0.01], "accuracy_shift_6": [six, six + 0.01]}

    return runs({"dense": arm(dense3, 0.1), "flat": arm(flat3, flat6), "average": arm(0.9, average6)})


def pooling(
    largest: tuple[float, ...], average: tuple[float, ...], others: tuple[float, ...] = (0.3, 0.3, 0.3)
) -> tuple[Measured, ...]:
    values = {"max": largest, "average": average, "strided": others, "subsample": others}
    return runs({kind: {"accuracy_shift_3": values[kind], "accuracy_shift_0": [0.97] * 3} for kind in KINDS})


STANDARD = [catalog.get(key) for key in ("perceptron", "feed_forward", "cnn")]
CASES = [
    ("perceptron", "xor", xor((1.0, 1.0), (0.75, 0.75)), HOLDS, 1),
    ("perceptron", "xor", xor((1.0, 1.0), (1.0, 0.75)), FAILS, 0),
    ("perceptron", "xor", xor((1.0, 0.75), (0.75, 0.75)), OPEN, 1),
    ("perceptron", "xor", xor((1.0, 1.0), (0.75, 0.75), sigmoid=(1.0, 0.5)), FAILS, 0),
    ("perceptron", "xor", xor((1.0, 1.0), (0.5, 0.5)), HOLDS, 2),
    ("perceptron", "bias", bias((1.0, 1.0), (0.75, 0.75), (1.0, 1.0)), HOLDS, 0),
    ("perceptron", "bias", bias((1.0, 1.0), (0.75, 0.75), (0.75, 1.0)), PARTLY, 1),
    ("perceptron", "bias", bias((1.0, 1.0), (1.0, 0.75), (1.0, 1.0)), OPEN, 2),
    ("perceptron", "bias", bias((1.0, 1.0), (1.0, 1.0), (1.0, 1.0)), FAILS, 2),
    ("perceptron", "bias", bias((0.75, 1.0), (0.75, 0.75), (1.0, 1.0)), OPEN, 0),
    ("feed_forward", "linear", linear(0.693, 0.692, (0.98, 0.99, 0.97)), HOLDS, 1),
    ("feed_forward", "linear", linear(0.693, 0.5, (0.98, 0.99, 0.97)), PARTLY, 0),
    ("feed_forward", "linear", linear(0.5, 0.693, (0.98, 0.99, 0.97)), PARTLY, 2),
    ("feed_forward", "linear", linear(0.693, 0.692, (0.98, 0.99, 0.97), 0.2), FAILS, 1),
    ("feed_forward", "linear", linear(0.693, 0.692, (0.98, 0.5, 0.97)), OPEN, 1),
    ("feed_forward", "sigmoid", sigmoid((0.66, 0.65, 0.67), (0.99, 0.99, 0.99), (0.96, 0.93, 0.98)), HOLDS, 1),
    ("feed_forward", "sigmoid", sigmoid((0.66, 0.8, 0.67), (0.99, 0.99, 0.99), (0.7, 0.7, 0.7)), PARTLY, 0),
    ("feed_forward", "sigmoid", sigmoid((0.66, 0.98, 0.67), (0.99, 0.99, 0.99), (0.96, 0.93, 0.98)), OPEN, 1),
    ("feed_forward", "sigmoid", sigmoid((0.99, 0.99, 0.99), (0.9, 0.9, 0.9), (0.99, 0.99, 0.99)), FAILS, 0),
    ("feed_forward", "capacity", capacity((0.3, 0.3, 0.4), (1.2, 1.4, 1.5)), PARTLY, 1),
    ("feed_forward", "capacity", capacity((0.3, 0.3, 0.4), (1.2, 1.4, 1.5), accurate=(0.8, 0.81, 0.82)), HOLDS, 1),
    ("feed_forward", "capacity", capacity((0.3, 0.3, 0.4), (0.35, 0.5, 0.9)), OPEN, 1),
    ("feed_forward", "capacity", capacity((0.6, 0.6, 0.6), (0.2, 0.2, 0.2)), FAILS, 0),
    ("feed_forward", "capacity", capacity((0.3, 0.3, 0.3), (0.28, 0.3, 0.29)), FAILS, 2),
    ("cnn", "dense", dense((0.88, 0.89, 0.88), (0.86, 0.85, 0.86)), HOLDS, 0),
    ("cnn", "dense", dense((0.88, 0.85, 0.88), (0.86, 0.85, 0.86)), OPEN, 2),
    ("cnn", "dense", dense((0.84, 0.83, 0.84), (0.86, 0.85, 0.86)), FAILS, 1),
    ("cnn", "shift", shift(0.95, 0.93, 0.95, 0.2), HOLDS, 0),
    ("cnn", "shift", shift(0.75, 0.25, 0.8, 0.2), PARTLY, 1),
    ("cnn", "shift", shift(0.75, 0.25, 0.3, 0.2), PARTLY, 2),
    ("cnn", "shift", shift(0.2, 0.1, 0.8, 0.3), FAILS, 1),
    ("cnn", "shift", shift(0.3, 0.1, 0.8, 0.3), OPEN, 1),
    ("cnn", "pooling", pooling((0.9, 0.9, 0.9), (0.8, 0.8, 0.8)), HOLDS, 0),
    ("cnn", "pooling", pooling((0.7, 0.7, 0.7), (0.8, 0.8, 0.8)), PARTLY, 1),
    ("cnn", "pooling", pooling((0.7, 0.9, 0.8), (0.75, 0.75, 0.75)), PARTLY, 4),
    ("cnn", "pooling", pooling((0.7, 0.7, 0.7), (0.6, 0.6, 0.6), (0.8, 0.8, 0.8)), FAILS, 4),
    ("cnn", "pooling", pooling((0.7, 0.7, 0.7), (0.6, 0.6, 0.6), (0.6, 0.8, 0.7)), OPEN, 4),
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


@pytest.mark.parametrize("card", STANDARD, ids=lambda card: card.key)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"
