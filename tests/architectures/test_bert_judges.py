"""What the experiments with BERT say of measurements."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.spec import Measured, Outcome
from tests.architectures.judging import runs

HOLDS, FAILS, OPEN = Outcome.HOLDS, Outcome.FAILS, Outcome.OPEN
Values = tuple[float, ...]
MIDDLE = (0.20, 0.21, 0.19)


def words(**arms: Values) -> tuple[Measured, ...]:
    return runs({arm: {"test_masked": values} for arm, values in arms.items()})


def shares(five: Values, fifteen: Values, forty: Values) -> tuple[Measured, ...]:
    return words(**{"5": five, "15": fifteen, "40": forty})


def pairs(follows: Values, book: Values) -> tuple[Measured, ...]:
    return runs({"follows": {"test_pair": follows}, "book": {"test_pair": book}})


BERT = [
    ("directions", words(both=(0.25, 0.26, 0.24), left=(0.16, 0.17, 0.18)), HOLDS, 0),
    ("directions", words(both=(0.15, 0.16, 0.14), left=(0.17, 0.18, 0.19)), FAILS, 1),
    ("directions", words(both=(0.15, 0.20, 0.14), left=MIDDLE), OPEN, None),
    ("share", shares((0.1, 0.1, 0.1), MIDDLE, (0.15, 0.16, 0.17)), HOLDS, 1),
    ("share", shares((0.1, 0.1, 0.1), MIDDLE, (0.25, 0.26, 0.27)), FAILS, 2),
    ("share", shares((0.3, 0.3, 0.3), MIDDLE, (0.1, 0.1, 0.1)), FAILS, 0),
    ("share", shares((0.1, 0.1, 0.1), MIDDLE, (0.18, 0.22, 0.25)), OPEN, None),
    ("places", words(sines=(0.25, 0.26, 0.24), random=MIDDLE), FAILS, 0),
    ("places", words(sines=MIDDLE, random=(0.25, 0.26, 0.24)), FAILS, 1),
    ("places", words(sines=MIDDLE, random=(0.205, 0.2, 0.2)), HOLDS, 2),
    ("places", words(sines=MIDDLE, random=(0.19, 0.25, 0.2)), OPEN, None),
    ("pairs", pairs((0.52, 0.5, 0.55), (0.8, 0.85, 0.82)), HOLDS, 1),
    ("pairs", pairs((0.8, 0.85, 0.82), (0.52, 0.5, 0.55)), FAILS, 0),
    ("pairs", pairs((0.52, 0.5, 0.55), (0.54, 0.85, 0.82)), OPEN, None),
    ("pairs", pairs((0.52, 0.5, 0.55), (0.57, 0.59, 0.59)), OPEN, None),
]


def test_halfway_is_read_from_the_curve() -> None:
    curve = ((100, 600, 1200), (0.1, 0.2, 0.3))
    measured = [
        Measured(arm, seed, {"test_masked": 0.3}, {"test_masked": curve})
        for arm in ("both", "left")
        for seed in range(3)
    ]
    assert (
        "Halfway it was 20.0 % and 20.0 %." in catalog.get("bert").experiment("directions").judge(tuple(measured)).text
    )


@pytest.mark.parametrize(("key", "measured", "outcome", "right"), BERT)
def test_bert(key: str, measured: tuple[Measured, ...], outcome: Outcome, right: int | None) -> None:
    verdict, answer = catalog.get("bert").experiment(key).answered(measured)
    assert (verdict.outcome, answer) == (outcome, right), verdict.text
