"""What the experiments of the deconvolutional networks and of OverFeat say of made-up measurements."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.architectures.deconvolution.experiments import SIZES
from explorer.spec import Card, Measured, Outcome
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Three = tuple[float, float, float]


def repeat(transposed: Three, repeated: Three) -> tuple[Measured, ...]:
    arms = {"transposed": transposed, "repeat": repeated, "resize": (0.014, 0.014, 0.014)}
    return runs({arm: {"test_loss": values, "difference": [0.0] * 3} for arm, values in arms.items()})


def chequer(
    early: tuple[Three, Three, Three], late: tuple[Three, Three, Three] = ((2, 2, 2), (2, 2, 2), (0.5, 0.5, 0.5))
) -> tuple[Measured, ...]:
    arms = dict(zip(("k3_early", "k4_early", "resize_early", "k3", "k4", "resize"), (*early, *late), strict=True))
    return runs({arm: {"test_checkerboard": values, "real_checkerboard": [0.4] * 3} for arm, values in arms.items()})


def same(after: tuple[int, ...]) -> tuple[Measured, ...]:
    return runs(
        {
            arm: {"side_before": [28.0] * 3, "side_after": [float(side)] * 3, "test_loss": [0.05] * 3}
            for arm, side in zip(SIZES, after, strict=True)
        }
    )


def dense(border: float, every: float, macs: float = 10.0) -> tuple[Measured, ...]:
    arms = {"border": border, "every": every}
    return runs(
        {
            arm: {
                "difference": [value] * 3, "same": [1.0 if value < 1e-3 else 0.7] * 3, "macs_windows": [macs] * 3,
                "macs_dense": [1.0] * 3, "time_ratio": [9.0, 10.0, 11.0],
            }
            for arm, value in arms.items()
        }
    )  # fmt: skip


def once(turn: tuple[Three, Three], together: tuple[Three, Three]) -> tuple[Measured, ...]:
    arms = {"turn": turn, "once": together}
    return runs({arm: {"test_accuracy": right, "test_iou": fit} for arm, (right, fit) in arms.items()})


GOOD, BETTER = (0.9, 0.91, 0.9), (0.95, 0.96, 0.95)
CARDS = [catalog.get("deconvolution"), catalog.get("overfeat")]
CASES = [
    ("deconvolution", "repeat", repeat((0.013, 0.013, 0.014), (0.03, 0.031, 0.03)), FAILS, 0),
    ("deconvolution", "repeat", repeat((0.03, 0.03, 0.03), (0.02, 0.02, 0.02)), HOLDS, 1),
    ("deconvolution", "repeat", repeat((0.013, 0.02, 0.014), (0.015, 0.016, 0.015)), OPEN, 2),
    ("deconvolution", "checkerboard", chequer(((90, 50, 70), (60, 40, 20), (0.1, 0.1, 0.2))), PARTLY, 0),
    ("deconvolution", "checkerboard", chequer(((90, 50, 70), (0.2, 0.1, 0.1), (0.1, 0.1, 0.2))), HOLDS, 1),
    ("deconvolution", "checkerboard", chequer(((1, 1, 1), (1, 1, 1), (9, 9, 9))), FAILS, 2),
    ("deconvolution", "checkerboard", chequer(((9, 0.1, 9), (9, 9, 9), (0.2, 0.5, 0.2))), OPEN, 2),
    ("deconvolution", "same", same((28, 30, 26, 29, 27)), PARTLY, 1),
    ("deconvolution", "same", same((28, 28, 28, 28, 28)), HOLDS, 0),
    ("deconvolution", "same", same((27, 30, 28, 29, 27)), FAILS, 2),
    ("overfeat", "dense", dense(5e-6, 2.0), PARTLY, 1),
    ("overfeat", "dense", dense(5e-6, 5e-6), HOLDS, 0),
    ("overfeat", "dense", dense(2.0, 2.0), FAILS, 2),
    ("overfeat", "dense", dense(5e-6, 5e-6, 0.5), FAILS, 0),
    ("overfeat", "at_once", once((GOOD, GOOD), (BETTER, BETTER)), HOLDS, 0),
    ("overfeat", "at_once", once((GOOD, GOOD), (GOOD, BETTER)), PARTLY, 0),
    ("overfeat", "at_once", once((BETTER, GOOD), (GOOD, BETTER)), PARTLY, 0),
    ("overfeat", "at_once", once((BETTER, BETTER), (GOOD, GOOD)), FAILS, 1),
    ("overfeat", "at_once", once((GOOD, GOOD), (GOOD, GOOD)), OPEN, 2),
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


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"
