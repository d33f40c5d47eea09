"""The judges of the game's experiments, on made-up measurements; and the classifiers that score made pictures."""

from __future__ import annotations

import pytest
import torch

from explorer import catalog, data, paths
from explorer.architectures.gan import judge
from explorer.architectures.gan.scores import picture_scores
from explorer.spec import Measured, Outcome, SpecError
from tests.architectures.judging import runs

LOSS, COLLAPSE, STRONG = (catalog.get("gan").experiment(key) for key in ("loss", "collapse", "strong"))


def by_loss(sgd: float, sgd_minimax: float, adam: float, adam_minimax: float) -> tuple[Measured, ...]:
    ends = {"sgd": sgd, "sgd_minimax": sgd_minimax, "adam": adam, "adam_minimax": adam_minimax}
    ahead = {"gradient": [8.7] * 3, "gradient_minimax": [0.0058] * 3}
    return runs({"ahead": ahead, **{arm: {"distance": [end, end + 0.5, end - 0.5]} for arm, end in ends.items()}})


@pytest.mark.parametrize(
    ("measured", "outcome", "right"),
    [
        (by_loss(12, 27.7, 13, 13), Outcome.PARTLY, 1),
        (by_loss(12, 27.7, 13, 27.7), Outcome.HOLDS, 0),
        (by_loss(12, 12, 13, 13), Outcome.FAILS, 2),
        (by_loss(27, 27.7, 13, 13), Outcome.OPEN, None),
        (by_loss(12, 20, 13, 13), Outcome.OPEN, None),
    ],
)
def test_the_loss_is_judged_by_who_leaves_the_noise(
    measured: tuple[Measured, ...], outcome: Outcome, right: int | None
) -> None:
    verdict, option = LOSS.answered(measured)
    assert (verdict.outcome, option) == (outcome, right)
    assert "1,500 times smaller" in verdict.text


def on_the_ring(**modes: list[float]) -> tuple[Measured, ...]:
    return runs({arm: {"live_modes": found, "live_top": [0.9] * len(found)} for arm, found in modes.items()})


@pytest.mark.parametrize(
    ("measured", "outcome", "right"),
    [
        (on_the_ring(uneven=[0, 1, 0], momentum=[0, 0, 1], even=[8, 8, 7], both=[8, 8, 8]), Outcome.HOLDS, 0),
        (on_the_ring(uneven=[0, 1, 0], momentum=[8, 8, 8], even=[3, 2, 8], both=[8, 8, 8]), Outcome.PARTLY, 1),
        (on_the_ring(uneven=[0, 1, 0], momentum=[1, 1, 1], even=[3, 2, 1], both=[8, 8, 8]), Outcome.PARTLY, 2),
        (on_the_ring(uneven=[0, 1, 0], momentum=[1, 1, 1], even=[3, 2, 1], both=[2, 8, 8]), Outcome.FAILS, 3),
        (on_the_ring(uneven=[8, 1, 0], momentum=[1, 1, 1], even=[8, 8, 8], both=[8, 8, 8]), Outcome.OPEN, None),
    ],
)
def test_collapse_is_judged_by_the_cure_that_works_alone(
    measured: tuple[Measured, ...], outcome: Outcome, right: int | None
) -> None:
    verdict, option = COLLAPSE.answered(measured)
    assert (verdict.outcome, option) == (outcome, right)


def strong(gradient: list[float], modes: list[float]) -> tuple[Measured, ...]:
    return runs(
        {
            "one": {"gradient": [1.0, 1.1, 0.9], "live_modes": [8.0, 8.0, 8.0]},
            "ten": {"gradient": gradient, "live_modes": modes},
            "minimax": {"gradient": gradient, "live_modes": modes},
        }
    )


@pytest.mark.parametrize(
    ("measured", "outcome", "right"),
    [
        (strong([0.1, 0.2, 0.1], [4, 4, 5]), Outcome.HOLDS, 0),
        (strong([0.1, 0.2, 0.1], [8, 8, 8]), Outcome.PARTLY, 0),
        (strong([3, 4, 5], [8, 8, 7]), Outcome.FAILS, 1),
        (strong([3, 4, 5], [4, 4, 5]), Outcome.PARTLY, 1),
        (strong([1, 4, 0.5], [4, 4, 5]), Outcome.OPEN, None),
    ],
)
def test_a_strong_discriminator_is_judged_by_the_gradient_that_is_left(
    measured: tuple[Measured, ...], outcome: Outcome, right: int | None
) -> None:
    verdict, option = STRONG.answered(measured)
    assert (verdict.outcome, option) == (outcome, right)


def said_in_the_list(name: str) -> float:
    """Return the share of right answers that the list of judges gives."""
    listed = (paths.assets() / "judges" / "README.md").read_text().splitlines()
    (line,) = [each for each in listed if each.startswith(f"| `{name}.")]
    return float(line.split("|")[4].split("%")[0]) / 100


@pytest.mark.parametrize(("name", "task", "least"), [("digits", "digits", 0.98), ("clothes", "fashion", 0.89)])
def test_the_judge_knows_real_pictures_and_the_card_says_how_sure_it_is(name: str, task: str, least: float) -> None:
    dataset = data.load(f"images.{name}", {}, 0)
    inputs = torch.from_numpy(dataset.test_inputs)
    low, high = dataset.train_inputs.min(), dataset.train_inputs.max()
    probabilities = judge.load(name, torch.device("cpu"))(((inputs - low) / (high - low)) * 2 - 1)
    right = float((probabilities.argmax(1) == torch.from_numpy(dataset.test_targets)).float().mean())
    assert right >= least
    assert right == pytest.approx(said_in_the_list(name), abs=0.0006)
    references = catalog.get("gan").task(task).references
    (said,) = [value for metric, label, value in references if metric == "confident" and "real" in label]
    assert picture_scores(probabilities)["confident"] == pytest.approx(said, abs=0.005)


def test_an_unknown_judge_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SpecError, match="no judge of 'digit'; did you mean 'digits'"):
        judge.load("digit", torch.device("cpu"))
