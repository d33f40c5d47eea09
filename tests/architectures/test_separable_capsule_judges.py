"""What the experiments of Xception, MobileNet and CapsNet say of measurements."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Measured, Outcome
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Three = tuple[float, ...]  # one for each seed
LOW: Three = (0.86, 0.861, 0.862)
MIDDLE: Three = (0.865, 0.87, 0.868)
HIGH: Three = (0.875, 0.878, 0.88)


def apart(separable: Three, full: Three, weights: float = 12.0, formula: float = 0.12) -> tuple[Measured, ...]:
    def arm(accuracy: Three, weights: float) -> dict[str, Three]:
        three = (weights,) * 3
        return {"test_accuracy": accuracy, "conv_weights": three, "macs": three, "share_by_formula": (formula,) * 3}

    return runs({"separable": arm(separable, weights), "full": arm(full, 100.0)})


def between(none: Three, relu: Three, elu: Three) -> tuple[Measured, ...]:
    return runs({arm: {"test_accuracy": each} for arm, each in (("none", none), ("relu", relu), ("elu", elu))})


def latency(one: float, many: float, macs: float = 7.0) -> tuple[Measured, ...]:
    """Make up measurements by how many times less the separable net takes."""

    def arm(times: Three) -> dict[str, Three]:
        figures = dict(zip(("macs", "ms_1", "ms_64"), times, strict=True))
        figures |= {"ms_1_planes": figures["ms_1"], "ms_64_planes": figures["ms_64"], "test_accuracy": 0.87}
        return {name: (value,) * 3 for name, value in figures.items()}

    return runs({"separable": arm((1e5, 0.3, 2.0)), "ordinary": arm((1e5 * macs, 0.3 * one, 2.0 * many))})


def width(a025: Three, a050: Three, a100: Three, a200: Three) -> tuple[Measured, ...]:
    arms = {"a025": a025, "a050": a050, "a100": a100, "a200": a200}
    return runs({arm: {"test_accuracy": each, "macs": (1e5,) * 3} for arm, each in arms.items()})


MOVES = ("accuracy_shift_2", "accuracy_shift_4", "accuracy_turn_15", "accuracy_turn_30")


def moved(capsules: tuple[Three, ...], rival: tuple[Three, ...]) -> tuple[Measured, ...]:
    """Make up measurements from the accuracies at each way of moving."""
    arms = {"capsules": capsules, "convolution": rival}
    return runs({arm: {"test_accuracy": HIGH, **dict(zip(MOVES, each, strict=True))} for arm, each in arms.items()})


def routing(
    one: Three, three: Three, loss_one: Three = (0.05,) * 3, loss_three: Three = (0.05,) * 3
) -> tuple[Measured, ...]:
    def arm(accuracy: Three, loss: Three) -> dict[str, Three]:
        return {"test_accuracy": accuracy, "test_loss": loss, "say": (1.2,) * 3}

    return runs({"one": arm(one, loss_one), "two": arm(one, loss_one), "three": arm(three, loss_three)})


def pose(line: tuple[Three, Three], angle: tuple[Three, Three]) -> tuple[Measured, ...]:
    """Make up measurements: of the capsules first, of the rival second."""
    plain = {"pixels_line_share": (0.6,) * 3, "pixels_angle_r2": (0.6,) * 3}
    arms = ("capsules", "convolution")
    return runs({arm: {"line_share": line[n], "angle_r2": angle[n], **plain} for n, arm in enumerate(arms)})


CASES = [
    ("xception", "apart", apart(HIGH, HIGH), HOLDS, 0),
    ("xception", "apart", apart(LOW, HIGH), PARTLY, 1),
    ("xception", "apart", apart((0.80, 0.86, 0.865), (0.86, 0.862, 0.864)), OPEN, 0),
    ("xception", "apart", apart(HIGH, HIGH, weights=60.0), FAILS, 2),
    ("xception", "between", between(HIGH, MIDDLE, LOW), HOLDS, 0),
    ("xception", "between", between(HIGH, MIDDLE, HIGH), PARTLY, 0),
    ("xception", "between", between(LOW, MIDDLE, LOW), FAILS, 1),
    ("xception", "between", between(MIDDLE, MIDDLE, MIDDLE), OPEN, 2),
    ("mobilenet", "latency", latency(6.5, 6.0), HOLDS, 0),
    ("mobilenet", "latency", latency(1.5, 3.0), PARTLY, 1),
    ("mobilenet", "latency", latency(1.0, 3.0), FAILS, 2),
    ("mobilenet", "width", width((0.78, 0.79, 0.8), LOW, MIDDLE, HIGH), HOLDS, 0),
    ("mobilenet", "width", width(LOW, MIDDLE, HIGH, (0.92, 0.93, 0.94)), PARTLY, 1),
    ("mobilenet", "width", width(MIDDLE, MIDDLE, MIDDLE, MIDDLE), OPEN, 2),
    ("mobilenet", "width", width(HIGH, MIDDLE, LOW, LOW), FAILS, 2),
    ("capsnet", "moved", moved((HIGH,) * 4, (LOW,) * 4), HOLDS, 0),
    ("capsnet", "moved", moved((HIGH, HIGH, LOW, LOW), (LOW,) * 4), PARTLY, 1),
    ("capsnet", "moved", moved((LOW,) * 4, (HIGH,) * 4), FAILS, 2),
    ("capsnet", "moved", moved((LOW,) * 4, (LOW,) * 4), FAILS, 2),
    ("capsnet", "moved", moved(((0.85, 0.9, 0.91),) * 4, (LOW,) * 4), OPEN, 2),
    ("capsnet", "routing", routing(LOW, HIGH), HOLDS, 0),
    ("capsnet", "routing", routing(LOW, LOW, loss_three=(0.03,) * 3), PARTLY, 1),
    ("capsnet", "routing", routing(LOW, LOW), FAILS, 1),
    ("capsnet", "routing", routing(HIGH, LOW), FAILS, 2),
    ("capsnet", "routing", routing(LOW, (0.85, 0.88, 0.89)), OPEN, 1),
    ("capsnet", "pose", pose((HIGH, LOW), (HIGH, LOW)), HOLDS, 0),
    ("capsnet", "pose", pose((HIGH, LOW), (LOW, HIGH)), PARTLY, 1),
    ("capsnet", "pose", pose((LOW, LOW), (LOW, HIGH)), FAILS, 2),
    ("capsnet", "pose", pose((LOW, LOW), (LOW, LOW)), OPEN, 2),
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


@pytest.mark.parametrize("key", ["xception", "mobilenet", "capsnet"])
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(key: str) -> None:
    for experiment in catalog.get(key).experiments:
        seen = {outcome for at, name, _, outcome, _ in CASES if (at, name) == (key, experiment.key)}
        assert len(seen) >= 3, f"{key}/{experiment.key} is tested for {sorted(seen)} only"
