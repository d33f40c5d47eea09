"""What the experiments of ResNet, GoogLeNet and SqueezeNet say of made-up measurements."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Card, Measured, Outcome
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Seeds = tuple[float, ...]


def around(value: float, spread: float = 0.01) -> Seeds:
    return (value - spread, value, value + spread)


def degradation(plain8: Seeds, plain44: Seeds, residual8: Seeds, residual44: Seeds) -> tuple[Measured, ...]:
    arms = {"plain8": plain8, "plain44": plain44, "residual8": residual8, "residual44": residual44}
    return runs({arm: {"train_loss": values} for arm, values in arms.items()})


def removal(residual: float, plain: float, spread: float = 0.01) -> tuple[Measured, ...]:
    """The accuracy that is left with one block off, of 0.88 with all on."""

    def arm(left: float) -> dict[str, Seeds]:
        one_off = around(left, spread)
        return {"all_on": around(0.88), "one_off": one_off, "three_off": one_off}

    return runs({"residual": arm(residual), "plain": arm(plain)})


CASES = [
    ("resnet", "degradation", degradation(around(0.8), around(1.7), around(0.8), around(0.7)), HOLDS, 0),
    ("resnet", "degradation", degradation(around(0.8), around(1.7), around(0.8), around(1.1)), PARTLY, 1),
    ("resnet", "degradation", degradation(around(0.8), around(0.6), around(0.8), around(0.5)), FAILS, 2),
    ("resnet", "degradation", degradation(around(0.8), around(0.8), around(0.8), around(0.7)), OPEN, 2),
    ("resnet", "degradation", degradation(around(0.8), around(1.7), around(0.8), around(1.7)), OPEN, 1),
    ("resnet", "removal", removal(0.85, 0.1), HOLDS, 0),
    ("resnet", "removal", removal(0.7, 0.1), PARTLY, 1),
    ("resnet", "removal", removal(0.86, 0.7), PARTLY, 0),
    ("resnet", "removal", removal(0.1, 0.85), FAILS, 2),
    ("resnet", "removal", removal(0.85, 0.84, 0.05), OPEN, 2),
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


@pytest.mark.parametrize("card", [catalog.get(key) for key in ("resnet",)], ids=lambda card: card.key)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"
