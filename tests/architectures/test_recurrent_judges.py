"""What the experiments with recurrent networks say of measurements."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from explorer import catalog
from explorer.spec import Measured, Outcome
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Values = Sequence[float]


def powers(drawn: Values, above: Values = (7.8, 7.8, 7.9), below: Values = (-9.6, -9.6, -9.5)) -> tuple[Measured, ...]:
    arms = {"turn_08": below, "turn_12": above, "drawn_15": drawn, "tanh_12": (0.9, 0.3, 0.7), "tanh_20": (7.5, 7, 7)}
    return runs({arm: {"back_99": values} for arm, values in arms.items()})


def clipping(free: Values, clipped: Values, adam: Values = (2.02, 2.01, 2.04)) -> tuple[Measured, ...]:
    same = (2.02, 2.0, 2.03)
    arms = {"sgd_free": free, "sgd_clipped": clipped, "adam_free": adam, "adam_clipped": same}
    return runs({arm: {"test_loss": values, "loss": values} for arm, values in arms.items()})


CASES = [
    ("rnn", "powers", powers((-8.2, -10.1, -8.9)), PARTLY, 1),
    ("rnn", "powers", powers((17.0, 17.2, 16.9)), HOLDS, 0),
    ("rnn", "powers", powers((-0.2, 0.4, 0.1)), OPEN, 2),
    ("rnn", "powers", powers((-8.2, -10.1, -8.9), above=(-3.0, -2.0, -2.5)), FAILS, 1),
    ("rnn", "clipping", clipping((3.3, 3.2, 3.6), (1.94, 1.92, 1.96)), PARTLY, 1),
    ("rnn", "clipping", clipping((3.3, 3.2, 3.6), (1.94, 1.92, 1.96), adam=(2.9, 2.8, 3.1)), HOLDS, 0),
    ("rnn", "clipping", clipping((1.95, 1.93, 1.97), (1.94, 1.92, 1.96)), FAILS, 2),
    ("rnn", "clipping", clipping((1.95, 2.3, 1.97), (1.94, 1.92, 1.96)), OPEN, 2),
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


@pytest.mark.parametrize("key", ["rnn"])
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(key: str) -> None:
    for experiment in catalog.get(key).experiments:
        seen = {outcome for one, name, _, outcome, _ in CASES if (one, name) == (key, experiment.key)}
        assert len(seen) >= 3, f"{key}/{experiment.key} is tested for {sorted(seen)} only"
