"""What the experiments of MoCo and SimCLR say of measurements: outcomes can be reached, and predictions follow."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Card, Measured, Outcome
from tests.architectures.judging import Figures, runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
RIGHT, AFTER = "test_accuracy", "test_accuracy_head"
Values = tuple[float, float, float]


def level(value: float | Values) -> Values:
    """Three seeds that hardly differ, unless the three are given."""
    return value if isinstance(value, tuple) else (value, value + 0.002, value - 0.002)


def right(**arms: float | Values) -> tuple[Measured, ...]:
    return runs({arm: {RIGHT: level(value)} for arm, value in arms.items()})


def views(whole: float | Values, stretch: float, none: float = 0.5) -> tuple[Measured, ...]:
    return right(
        untrained=0.6, none=none, shift=0.67, rotate=0.71, shear=0.68, stretch=stretch, without=0.8, all=whole
    )  # fmt: skip


def head(whole: tuple[float, float], tint: tuple[float, float]) -> tuple[Measured, ...]:
    pairs = {"all": whole, "tint": tint, "two": (0.88, 0.9), "none": (0.87, 0.87)}
    return runs({arm: {RIGHT: level(before), AFTER: level(after)} for arm, (before, after) in pairs.items()})


def same_class(early: float | Values, late: float) -> tuple[Measured, ...]:
    def arm(kin: float | Values) -> Figures:
        return {
            "same_class": level(kin),
            "other_class": level(-0.05),
            "share": [0.1] * 3,
            "push": [0.5] * 3,
            RIGHT: level(0.9),
        }

    return runs({"early": arm(early), "late": arm(late)})


def collapse(without: float | Values, worth: float) -> tuple[Measured, ...]:
    lost = level(without)
    return runs(
        {
            "untrained": {"uniformity": [-0.2] * 3, RIGHT: [0.6] * 3},
            "with": {"uniformity": [-3.2] * 3, RIGHT: [0.88] * 3},
            "without": {"uniformity": lost, RIGHT: level(worth)},
        }
    )


def artist(views: float | Values, artists: float) -> tuple[Measured, ...]:
    arms = {"untrained": 0.3, "views": views, "artists": artists}
    return runs({arm: {"counterpart": level(one), "counterpart_5": [0.7] * 3} for arm, one in arms.items()})


def temperature(t005: float, t02: float | Values, t05: float, t1: float) -> tuple[Measured, ...]:
    return right(t005=t005, t02=t02, t05=t05, t1=t1)


def momentum(m0: float | Values, m999: float) -> tuple[Measured, ...]:
    arms = {"m0": m0, "m9": 0.9, "m99": 0.88, "m999": m999}
    extra: Figures = {"oldest_age": [15.0] * 3, "oldest_cosine": [0.97] * 3}
    return runs({arm: {RIGHT: level(one), **extra} for arm, one in arms.items()})


def queue(q64: float | Values, q512: float, q4096: float) -> tuple[Measured, ...]:
    arms = {"q64": q64, "q512": q512, "q4096": q4096}
    return runs({arm: {RIGHT: level(one), "loss": [2.0 + at] * 3} for at, (arm, one) in enumerate(arms.items())})


def following(slow: float | Values, copy: float) -> tuple[Measured, ...]:
    arms = {"with": -3.2, "slow": slow, "copy": copy}
    return runs({arm: {"uniformity": level(one), RIGHT: [0.7] * 3} for arm, one in arms.items()})


CARDS = [catalog.get(key) for key in ("moco", "simclr")]
CASES = [
    ("simclr", "views", views(0.89, 0.74), HOLDS, 0),
    ("simclr", "views", views(0.89, 0.81), PARTLY, 0),
    ("simclr", "views", views((0.8, 0.82, 0.9), 0.81), OPEN, 1),
    ("simclr", "views", views(0.78, 0.81), FAILS, 1),
    ("simclr", "views", views(0.6, 0.7, none=0.9), FAILS, 2),
    ("simclr", "head", head((0.9, 0.8), (0.6, 0.4)), HOLDS, 0),
    ("simclr", "head", head((0.88, 0.91), (0.6, 0.4)), PARTLY, 1),
    ("simclr", "head", head((0.88, 0.91), (0.6, 0.6)), FAILS, 1),
    ("simclr", "head", head((0.88, 0.885), (0.6, 0.6)), OPEN, 2),
    ("simclr", "same_class", same_class(0.45, 0.52), HOLDS, 0),
    ("simclr", "same_class", same_class(0.52, 0.45), FAILS, 1),
    ("simclr", "same_class", same_class((0.4, 0.5, 0.6), 0.5), OPEN, 2),
    ("simclr", "temperature", temperature(0.80, 0.82, 0.84, 0.9), HOLDS, 1),
    ("simclr", "temperature", temperature(0.88, 0.92, 0.85, 0.84), HOLDS, 0),
    ("simclr", "temperature", temperature(0.90, 0.90, 0.85, 0.84), PARTLY, 0),
    ("simclr", "temperature", temperature(0.88, 0.885, 0.89, 0.88), FAILS, 2),
    ("simclr", "temperature", temperature(0.86, (0.8, 0.99, 0.87), 0.86, 0.86), OPEN, 0),
    ("simclr", "batch", right(b32=0.85, b128=0.88, b512=0.9), HOLDS, 0),
    ("simclr", "batch", right(b32=0.9, b128=0.88, b512=0.85), FAILS, 1),
    ("simclr", "batch", right(b32=0.88, b128=0.88, b512=(0.86, 0.88, 0.9)), OPEN, 2),
    ("simclr", "collapse", collapse(-0.01, 0.6), HOLDS, 0),
    ("simclr", "collapse", collapse(-0.01, 0.9), PARTLY, 1),
    ("simclr", "collapse", collapse(-2.0, 0.9), FAILS, 2),
    ("simclr", "collapse", collapse((-0.1, -2.0, -2.0), 0.9), OPEN, 2),
    ("simclr", "artist", artist(0.5, 0.55), HOLDS, 0),
    ("simclr", "artist", artist(0.44, 0.55), PARTLY, 1),
    ("simclr", "artist", artist((0.44, 0.46, 0.44), 0.55), PARTLY, 1),
    ("simclr", "artist", artist(0.4, 0.42), FAILS, 2),
    ("simclr", "artist", artist((0.44, 0.47, 0.6), 0.55), OPEN, 1),
    ("moco", "momentum", momentum(0.11, 0.88), HOLDS, 0),
    ("moco", "momentum", momentum(0.8, 0.85), PARTLY, 1),
    ("moco", "momentum", momentum(0.8, 0.75), PARTLY, 1),
    ("moco", "momentum", momentum(0.95, 0.85), FAILS, 2),
    ("moco", "momentum", momentum((0.8, 0.9, 0.95), 0.85), OPEN, 2),
    ("moco", "queue", queue(0.8, 0.85, 0.9), HOLDS, 0),
    ("moco", "queue", queue(0.9, 0.85, 0.8), FAILS, 1),
    ("moco", "queue", queue(0.88, 0.881, 0.882), FAILS, 2),
    ("moco", "queue", queue((0.8, 0.81, 0.89), 0.85, 0.88), OPEN, 2),
    ("moco", "collapse", following(-2.0, -0.01), HOLDS, 0),
    ("moco", "collapse", following(-0.01, -0.01), FAILS, 1),
    ("moco", "collapse", following((-0.1, -1.0, -1.0), -0.01), PARTLY, 0),
    ("moco", "collapse", following(-2.0, -2.0), OPEN, 2),
]


@pytest.mark.parametrize(("key", "name", "measured", "outcome", "choice"), CASES)
def test_a_judge_follows_the_measurements(
    key: str, name: str, measured: tuple[Measured, ...], outcome: Outcome, choice: int
) -> None:
    experiment = catalog.get(key).experiment(name)
    verdict = experiment.judge(measured)
    assert verdict.outcome is outcome, verdict.text
    assert any(sign.isdigit() for sign in verdict.text)
    assert experiment.right(measured) == choice


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_every_experiment_is_judged_here_with_at_least_three_outcomes(card: Card) -> None:
    for experiment in card.experiments:
        seen = {outcome for key, name, _, outcome, _ in CASES if (key, name) == (card.key, experiment.key)}
        assert len(seen) >= 3, f"{card.key}/{experiment.key} is tested for {sorted(seen)} only"
