"""What the experiments with recurrent networks say of measurements."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from explorer import catalog
from explorer.architectures.esn.experiments import DENSITY_ARMS, MEMORY_ARMS, RADIUS_ARMS
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


def memory(lstm: Values, plain: Values) -> tuple[Measured, ...]:
    arms = {"lstm": lstm, "plain_1e3": plain, "plain_3e4": plain}
    return runs({arm: {"test_loss": values} for arm, values in arms.items()})


def bias(one: Sequence[int], zero: Sequence[int]) -> tuple[Measured, ...]:
    """Loss curves that leave the plateau at the given steps."""
    steps = tuple(range(0, 2000, 10))

    def run(arm: str, seed: int, left: int) -> Measured:
        return Measured(
            arm, seed, {"test_loss": 0.001}, {"loss": (steps, tuple(0.17 if step < left else 0.01 for step in steps))}
        )

    pairs = [("one", one), ("zero", zero)]
    return tuple(run(arm, seed, left) for arm, lefts in pairs for seed, left in enumerate(lefts))


def gates(text: Values, sums: Values) -> tuple[Measured, ...]:
    arms = {"text": text, "sums": sums}
    return runs({arm: {"between": values, "between_forget_gate": values} for arm, values in arms.items()})


def radius(best: float, apart: float = -16.0) -> tuple[Measured, ...]:
    """Errors that are smallest at one radius."""
    arms = {
        arm: {"test_nrmse_last": [0.01 + abs(each - best) + spread for spread in (0, 0.001, 0.002)],
              "apart_driven": [apart if each < 1.3 else 0.0] * 3}
        for each, arm in RADIUS_ARMS.items()
    }  # fmt: skip
    return runs(arms)


def density(sparse: Values, others: Values = (0.03, 0.04, 0.05)) -> tuple[Measured, ...]:
    arms = {arm: sparse if share == 0.01 else others for share, arm in DENSITY_ARMS.items()}
    return runs({arm: {"test_nrmse_last": values} for arm, values in arms.items()})


def capacity(soft: Values, loud: Values) -> tuple[Measured, ...]:
    """Capacities at 0.5, 0.95 and 1.5; the radii between get the middle one's."""

    def at(each: float, values: Values) -> float:
        return values[0] if each == 0.5 else values[2] if each == 1.5 else values[1]

    arms = {arm: [at(each, soft if scale < 0.5 else loud)] * 3 for (each, scale), arm in MEMORY_ARMS.items()}
    return runs({arm: {"memory": values} for arm, values in arms.items()})


CASES = [
    ("rnn", "powers", powers((-8.2, -10.1, -8.9)), PARTLY, 1),
    ("rnn", "powers", powers((17.0, 17.2, 16.9)), HOLDS, 0),
    ("rnn", "powers", powers((-0.2, 0.4, 0.1)), OPEN, 2),
    ("rnn", "powers", powers((-8.2, -10.1, -8.9), above=(-3.0, -2.0, -2.5)), FAILS, 1),
    ("rnn", "clipping", clipping((3.3, 3.2, 3.6), (1.94, 1.92, 1.96)), PARTLY, 1),
    ("rnn", "clipping", clipping((3.3, 3.2, 3.6), (1.94, 1.92, 1.96), adam=(2.9, 2.8, 3.1)), HOLDS, 0),
    ("rnn", "clipping", clipping((1.95, 1.93, 1.97), (1.94, 1.92, 1.96)), FAILS, 2),
    ("rnn", "clipping", clipping((1.95, 2.3, 1.97), (1.94, 1.92, 1.96)), OPEN, 2),
    ("lstm", "memory", memory((0.0007, 0.0003, 0.001), (0.17, 0.16, 0.173)), HOLDS, 0),
    ("lstm", "memory", memory((0.0007, 0.0003, 0.001), (0.17, 0.002, 0.173)), FAILS, 1),
    ("lstm", "memory", memory((0.0007, 0.0003, 0.12), (0.17, 0.16, 0.173)), PARTLY, 2),
    ("lstm", "memory", memory((0.17, 0.16, 0.17), (0.17, 0.16, 0.173)), OPEN, 2),
    ("lstm", "forget_bias", bias((1200, 1300, 1250), (900, 800, 850)), FAILS, 1),
    ("lstm", "forget_bias", bias((900, 800, 850), (1200, 1300, 1250)), HOLDS, 0),
    ("lstm", "forget_bias", bias((900, 1400, 850), (1200, 1300, 1250)), OPEN, 2),
    ("lstm", "gates", gates((0.33, 0.32, 0.34), (0.95, 0.92, 0.97)), FAILS, 2),
    ("lstm", "gates", gates((0.05, 0.06, 0.07), (0.02, 0.03, 0.01)), HOLDS, 0),
    ("lstm", "gates", gates((0.05, 0.06, 0.07), (0.3, 0.3, 0.31)), PARTLY, 1),
    ("esn", "radius", radius(1.2), FAILS, 1),
    ("esn", "radius", radius(0.9), HOLDS, 0),
    ("esn", "radius", radius(1.0004), OPEN, 1),
    ("esn", "radius", radius(1.5), FAILS, 2),
    ("esn", "density", density((0.4, 0.5, 0.3)), FAILS, 1),
    ("esn", "density", density((0.01, 0.02, 0.015)), HOLDS, 0),
    ("esn", "density", density((0.03, 0.04, 0.05)), OPEN, 2),
    ("esn", "memory", capacity((14.6, 26.5, 5.1), (8.4, 11.0, 11.1)), PARTLY, 1),
    ("esn", "memory", capacity((14.6, 26.5, 5.1), (8.4, 16.0, 6.1)), HOLDS, 0),
    ("esn", "memory", capacity((14.6, 15.5, 14.1), (8.4, 11.0, 11.1)), OPEN, 2),
    ("esn", "memory", capacity((26.6, 15.5, 24.1), (8.4, 11.0, 11.1)), FAILS, 2),
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


@pytest.mark.parametrize("key", ["rnn", "lstm", "esn"])
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(key: str) -> None:
    for experiment in catalog.get(key).experiments:
        seen = {outcome for one, name, _, outcome, _ in CASES if (one, name) == (key, experiment.key)}
        assert len(seen) >= 3, f"{key}/{experiment.key} is tested for {sorted(seen)} only"
