"""What the experiments with GPT and BERT say of measurements."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.architectures.gpt.experiments import line
from explorer.spec import Measured, Outcome
from tests.architectures.judging import runs

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Values = tuple[float, ...]


def copying(one: Values, two: Values) -> tuple[Measured, ...]:
    heads = {"induction": [0.5] * 3, "previous": [0.6] * 3}
    return runs({"one": {"test_accuracy": one, **heads}, "two": {"test_accuracy": two, **heads}})


def context(short: Values, long: Values) -> tuple[Measured, ...]:
    places = {f"loss_at_{place}": [2.0] * 3 for place in ("1", "4", "16", "end")}
    middle = (1.8, 1.8, 1.8)
    return runs({arm: {"test_loss": loss, **places} for arm, loss in (("16", short), ("64", middle), ("128", long))})


def shape(shallow: Values, deep: Values) -> tuple[Measured, ...]:
    losses = {"shallow": shallow, "middle": (1.9, 1.9, 1.9), "deep": deep}
    return runs({arm: {"test_loss": loss, "block_parameters": [112_000.0] * 3} for arm, loss in losses.items()})


def scaling(*losses: float) -> tuple[Measured, ...]:
    sizes = (4_000.0, 16_000.0, 64_000.0, 256_000.0)
    arms = zip(("12", "24", "48", "96"), losses, sizes, strict=True)
    return runs({
        arm: {"test_loss": [loss, loss + 0.01, loss - 0.01], "block_parameters": [size] * 3} for arm, loss, size in arms
    })  # fmt: skip


GPT = [
    ("copying", copying((0.1, 0.1, 0.2), (0.9, 0.95, 0.9)), HOLDS, 1),
    ("copying", copying((0.6, 0.1, 0.2), (0.95, 0.95, 0.95)), PARTLY, 1),
    ("copying", copying((0.95, 0.95, 0.95), (0.95, 0.9, 0.97)), FAILS, 0),
    ("copying", copying((0.1, 0.1, 0.2), (0.9, 0.1, 0.9)), OPEN, None),
    ("context", context((2.0, 2.0, 2.1), (1.7, 1.8, 1.7)), HOLDS, 0),
    ("context", context((1.7, 1.7, 1.7), (1.9, 2.0, 1.9)), FAILS, 1),
    ("context", context((1.7, 1.9, 1.7), (1.8, 1.8, 1.8)), OPEN, None),
    ("shape", shape((2.0, 2.0, 2.0), (1.8, 1.8, 1.8)), HOLDS, 0),
    ("shape", shape((1.8, 1.8, 1.8), (2.0, 2.0, 2.0)), FAILS, 1),
    ("shape", shape((1.8, 2.1, 1.8), (2.0, 2.0, 2.0)), OPEN, None),
    ("scaling", scaling(2.5, 2.2, 1.94, 1.7), HOLDS, 0),
    ("scaling", scaling(2.5, 2.45, 2.44, 1.5), PARTLY, 1),
    ("scaling", scaling(2.5, 2.0, 1.5, 1.6), PARTLY, 2),
    ("scaling", scaling(1.5, 1.7, 1.9, 2.5), FAILS, 2),
    ("scaling", scaling(2.0, 2.0, 2.0, 2.0), OPEN, None),
]


@pytest.mark.parametrize(("key", "measured", "outcome", "right"), GPT)
def test_gpt(key: str, measured: tuple[Measured, ...], outcome: Outcome, right: int | None) -> None:
    verdict, answer = catalog.get("gpt").experiment(key).answered(measured)
    assert (verdict.outcome, answer) == (outcome, right), verdict.text


def test_a_power_law_is_a_straight_line_with_its_exponent() -> None:
    slope, straight = line((1e3, 1e4, 1e5), (4.0, 2.0, 1.0))
    assert slope == pytest.approx(-0.30103, abs=1e-4)
    assert straight == pytest.approx(1.0)
    assert line((1e3, 1e4, 1e5), (4.0, 1.0, 4.0))[1] == pytest.approx(0.0)
