"""What the Transformer's experiments say of measurements, and what their probes measure."""

from __future__ import annotations

import pytest
import torch

from explorer import catalog
from explorer.architectures.transformer import probes
from explorer.architectures.transformer.decoding import greedy
from explorer.architectures.transformer.training import TransformerTrainer
from explorer.spec import Measured, Outcome
from explorer.training.supervised import evaluating
from tests.architectures.judging import Figures, runs
from tests.lenses.trainers import trained

HOLDS, PARTLY, FAILS, OPEN = Outcome.HOLDS, Outcome.PARTLY, Outcome.FAILS, Outcome.OPEN
Seeds = tuple[float, ...]


def positions(sines: Seeds, none: Seeds, swapped: float = 1.0) -> tuple[Measured, ...]:
    def arm(exact: Seeds, same: float) -> Figures:
        return {"exact": exact, "same_swapped": [same] * 3}

    return runs({"sinusoids": arm(sines, 0.02), "learned": arm(sines, 0.02), "none": arm(none, swapped)})


def mask(causal: Seeds, none: Seeds, losses: tuple[float, float] = (0.05, 0.01)) -> tuple[Measured, ...]:
    def arm(exact: Seeds, loss: float) -> Figures:
        return {"exact": exact, "loss": [loss] * 3, "test_accuracy": [0.98] * 3}

    return runs({"causal": arm(causal, losses[0]), "none": arm(none, losses[1])})


def heads(one: Seeds, two: Seeds, whole: float = 0.95) -> tuple[Measured, ...]:
    def arm(spare: Seeds) -> Figures:
        return {"spare_heads": spare, "exact": [whole] * 3, "worst_head": [0.3] * 3, "no_cross": [0.0] * 3}

    return runs({"one": arm(one), "two": arm(two)})


def timed(short: Seeds, long: Seeds, wide: Seeds) -> tuple[Measured, ...]:
    def arm(short: Seeds, long: Seeds) -> Figures:
        times = {f"{name}_{length}": [float(length)] * 3 for name in ("block", "lstm") for length in (32, 128, 512)}
        return {**times, "ratio_32": short, "ratio_512": long}

    return runs({"d64": arm(short, long), "d128": arm(short, wide)})


GOOD, HALF, POOR = (0.9, 0.88, 0.92), (0.46, 0.44, 0.47), (0.0, 0.01, 0.0)
CASES = [
    ("positions", positions(GOOD, HALF), HOLDS, 0),
    ("positions", positions(GOOD, (0.8, 0.79, 0.81)), PARTLY, 1),
    ("positions", positions(GOOD, HALF, swapped=0.1), PARTLY, 0),
    ("positions", positions(GOOD, GOOD, swapped=0.1), FAILS, 2),
    ("positions", positions((0.9, 0.6, 0.9), HALF), OPEN, 1),
    ("mask", mask(GOOD, POOR), HOLDS, 0),
    ("mask", mask(GOOD, POOR, losses=(0.05, 1.0)), PARTLY, 1),
    ("mask", mask(GOOD, (0.7, 0.71, 0.7)), PARTLY, 0),
    ("mask", mask(GOOD, GOOD), FAILS, 2),
    ("mask", mask((0.9, 0.3, 0.9), POOR), OPEN, 0),
    ("heads", heads((0.7, 0.6, 0.8), (0.8, 0.9, 0.8)), HOLDS, 0),
    ("heads", heads((0.3, 0.4, 0.3), (0.8, 0.9, 0.8)), PARTLY, 1),
    ("heads", heads((0.3, 0.4, 0.3), (0.3, 0.2, 0.4)), FAILS, 2),
    ("heads", heads((0.7, 0.6, 0.8), (0.8, 0.9, 0.8), whole=0.5), OPEN, 0),
    ("time", timed((0.5,) * 3, (0.8,) * 3, (0.7,) * 3), HOLDS, 0),
    ("time", timed((0.5,) * 3, (8.0,) * 3, (7.0,) * 3), PARTLY, 1),
    ("time", timed((2.0,) * 3, (8.0,) * 3, (7.0,) * 3), FAILS, 2),
    ("time", timed((0.9, 1.1, 1.0), (0.9, 1.1, 1.0), (1.0,) * 3), OPEN, 1),
]


@pytest.mark.parametrize(("name", "measured", "outcome", "right"), CASES)
def test_a_judge_follows_the_measurements(
    name: str, measured: tuple[Measured, ...], outcome: Outcome, right: int
) -> None:
    experiment = catalog.get("transformer").experiment(name)
    verdict = experiment.judge(measured)
    assert verdict.outcome is outcome, verdict.text
    assert any(sign.isdigit() for sign in verdict.text)
    assert experiment.right(measured) == right


def test_every_experiment_is_judged_here_with_at_least_three_outcomes() -> None:
    for experiment in catalog.get("transformer").experiments:
        assert len({outcome for name, _, outcome, _ in CASES if name == experiment.key}) >= 3, experiment.key


@pytest.fixture(scope="module")
def trainer() -> TransformerTrainer:
    found = trained("transformer", "grammar", 300)
    assert isinstance(found, TransformerTrainer)
    return found


def test_exact_sentences_are_those_right_to_the_last_word(trainer: TransformerTrainer) -> None:
    found = probes.sentences(trainer)
    with evaluating(trainer.model):
        said = greedy(trainer.model, trainer.test[0], trainer.test[1].shape[1])
    right = [
        row[row > 0].tolist() == wanted[wanted > 0].tolist()
        for row, wanted in zip(said, trainer.test[1], strict=True)
    ]  # fmt: skip
    assert found["exact"] == pytest.approx(sum(right) / len(right))
    assert found["exact"] > 0.3
    assert found["same_swapped"] < 0.2


def test_without_any_cross_attention_nothing_is_translated_and_the_network_comes_back(
    trainer: TransformerTrainer,
) -> None:
    before = trainer.evaluate()
    found = probes.without_heads(trainer)
    assert found["no_cross"] < 0.1 < found["exact"]
    assert found["worst_head"] <= found["exact"] + 0.05
    assert 0 <= found["spare_heads"] <= 1
    assert trainer.evaluate() == before


def test_time_is_measured_for_every_length_and_grows(trainer: TransformerTrainer) -> None:
    state = torch.random.get_rng_state()
    found = probes.time_by_length(trainer)
    torch.random.set_rng_state(state)
    for name in ("block", "lstm"):
        assert 0 < found[f"{name}_32"] < found[f"{name}_512"]
    assert found["ratio_512"] == pytest.approx(found["block_512"] / found["lstm_512"])
