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


def reductions(reduced: Seeds, naive: Seeds, times: float = 3.0) -> tuple[Measured, ...]:
    arms = {"reduced": (reduced, 2e6), "naive": (naive, times * 2e6)}
    return runs({arm: {"test_accuracy": values, "macs": (macs,) * 3} for arm, (values, macs) in arms.items()})


def branch(one: Seeds, three: Seeds, five: Seeds, pool: Seeds, random: float = 0.02) -> tuple[Measured, ...]:
    lost = {"lost_1": one, "lost_3": three, "lost_5": five, "lost_pool": pool}
    return runs({"two": {**lost, **{f"random_{name[5:]}": (random,) * 3 for name in lost}}})


def head(none: Seeds, light: Seeds) -> tuple[Measured, ...]:
    arms = {"none": none, "light": light, "heavy": light}
    return runs({arm: {"test_accuracy": values} for arm, values in arms.items()})


def ratio(*accuracies: float) -> tuple[Measured, ...]:
    names = ("sr0.0625", "sr0.125", "sr0.25", "sr0.5", "sr1")
    arms = zip(names, accuracies, strict=True)
    return runs({arm: {"test_accuracy": around(value), "kilobytes": (40.0,) * 3} for arm, value in arms})


def bypass(none: float, simple: float, heavy: float) -> tuple[Measured, ...]:
    arms = {"none": none, "simple": simple, "complex": heavy}
    return runs({arm: {"test_accuracy": around(value)} for arm, value in arms.items()})


def bits(eight: float, six: float = 0.86, four: float = 0.8) -> tuple[Measured, ...]:
    left = {32: 0.87, 16: 0.87, 8: eight, 6: six, 4: four, 3: 0.4}
    accuracies = {f"accuracy_{key}": (value,) * 3 for key, value in left.items()}
    return runs(
        {arm: {**accuracies, "kilobytes_32": (100.0,) * 3, "kilobytes_8": (30.0,) * 3} for arm in ("quarter", "half")}
    )


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
    ("googlenet", "reductions", reductions(around(0.85), around(0.85)), HOLDS, 0),
    ("googlenet", "reductions", reductions(around(0.87), around(0.84)), HOLDS, 2),
    ("googlenet", "reductions", reductions(around(0.83), around(0.86)), PARTLY, 1),
    ("googlenet", "reductions", reductions(around(0.85), around(0.85), times=1.2), FAILS, 0),
    ("googlenet", "reductions", reductions(around(0.83, 0.02), around(0.85, 0.02)), OPEN, 0),
    ("googlenet", "branch", branch(around(0.01), around(0.1), around(0.03), around(0.02)), HOLDS, 1),
    ("googlenet", "branch", branch(around(0.01), around(0.1), around(0.03), around(0.02), 0.2), PARTLY, 1),
    ("googlenet", "branch", branch(around(0.01), around(0.05), around(0.1), around(0.02)), FAILS, 2),
    ("googlenet", "branch", branch((0.01, 0.2, 0.01), around(0.1), around(0.03), around(0.02)), FAILS, 4),
    ("googlenet", "branch", branch((0.01, 0.11, 0.01), around(0.1), around(0.03), around(0.02)), OPEN, 4),
    ("googlenet", "head", head(around(0.82), around(0.86)), HOLDS, 0),
    ("googlenet", "head", head(around(0.82, 0.001), around(0.825, 0.001)), PARTLY, 0),
    ("googlenet", "head", head(around(0.86), around(0.82)), FAILS, 1),
    ("googlenet", "head", head(around(0.82), around(0.825)), OPEN, 2),
    ("squeezenet", "ratio", ratio(0.82, 0.84, 0.86, 0.865, 0.87), HOLDS, 0),
    ("squeezenet", "ratio", ratio(0.82, 0.825, 0.83, 0.85, 0.87), PARTLY, 1),
    ("squeezenet", "ratio", ratio(0.87, 0.86, 0.86, 0.85, 0.82), FAILS, 2),
    ("squeezenet", "ratio", ratio(0.86, 0.86, 0.86, 0.86, 0.86), OPEN, 2),
    ("squeezenet", "bypass", bypass(0.82, 0.85, 0.84), HOLDS, 0),
    ("squeezenet", "bypass", bypass(0.82, 0.85, 0.86), PARTLY, 1),
    ("squeezenet", "bypass", bypass(0.85, 0.82, 0.86), FAILS, 2),
    ("squeezenet", "bypass", bypass(0.85, 0.855, 0.86), OPEN, 2),
    ("squeezenet", "bits", bits(0.869), HOLDS, 3),
    ("squeezenet", "bits", bits(0.861), PARTLY, 3),
    ("squeezenet", "bits", bits(0.8, 0.7, 0.5), FAILS, 1),
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


@pytest.mark.parametrize(
    "card", [catalog.get(key) for key in ("resnet", "googlenet", "squeezenet")], ids=lambda card: card.key
)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"
