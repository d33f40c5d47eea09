"""Lenses on capsules: lengths, routing turn by turn, one number turned, the digit turned, two pulled apart."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from explorer import catalog
from explorer.architectures.capsnet.model import SmallCapsNet
from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses import capsule_lengths, two_digits
from explorer.lenses._features import features_of
from explorer.lenses.capsule_turned import line_share, turned
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer
from tests.lenses.trainers import CPU, look, trained

LENSES = ("capsule_lengths", "routing", "capsule_dimensions", "capsule_turned", "two_digits")


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def network_of(trainer: object) -> SmallCapsNet:
    model = cast("SupervisedTrainer", trainer).model
    assert isinstance(model, SmallCapsNet)
    return model


@pytest.mark.parametrize("lens", LENSES)
def test_a_network_without_capsules_is_refused_in_plain_words(lens: str) -> None:
    with pytest.raises(SpecError, match="no capsules"):
        look(trained("cnn", "mnist", 1), lens)


def test_without_a_decoder_lengths_are_shown_and_drawing_is_refused() -> None:
    spec = make_spec(catalog.get("capsnet"), "mnist", knobs={"decoder": False})
    trainer = make_trainer(spec, CPU)
    assert [part["kind"] for part in parts(capsule_lengths.look(trainer, LensRequest("capsule_lengths")))] == [
        "tiles", "bars", "heat",
    ]  # fmt: skip
    with pytest.raises(SpecError, match="no decoder"):
        two_digits.look(trainer, LensRequest("two_digits"))


def test_the_bars_are_the_lengths_that_the_network_answers_with() -> None:
    trainer = trained("capsnet", "mnist", 3)
    frame = look(trainer, "capsule_lengths", index=5)
    with torch.no_grad():
        lengths = network_of(trainer)(cast("SupervisedTrainer", trainer).test[0][5:6])[0]
    bars = next(part for part in parts(frame) if part["kind"] == "bars")
    assert bars["values"] == pytest.approx(lengths.tolist(), abs=1e-5)
    assert bars["hand"] == int(lengths.argmax())


def test_routing_begins_even_and_what_is_sent_stays_the_same_in_all() -> None:
    frame = look(trained("capsnet", "mnist", 10), "routing", turns=4, to="7")
    shares = np.stack([frame.arrays[f"part1_{digit}"] for digit in range(10)])  # of an even share, by digit and turn
    assert shares.shape == (10, 4)
    assert np.allclose(shares[:, 0], 1, atol=1e-5)
    assert np.allclose(shares.mean(0), 1, atol=1e-5)
    assert np.abs(shares[:, 3] - 1).max() > 1e-4
    maps = frame.arrays["part3"]
    assert maps.shape == (4 * 8, 4, 4)
    assert (maps[:8] == 128).all()  # the first turn: exactly even


def test_the_middle_column_is_the_unchanged_drawing_and_the_slider_changes_one_number() -> None:
    trainer = trained("capsnet", "mnist", 10)
    frame = look(trainer, "capsule_dimensions", index=2, dimension=4, by=0.25, of="3")
    again, changed, grid = (frame.arrays[f"part{n}"] for n in (1, 2, 3))
    assert grid.shape == (16 * 11, 28, 28)
    rows = grid.reshape(16, 11, 28, 28).astype(int)
    assert np.abs(rows[:, 5] - again[0]).max() <= 1
    assert np.abs(rows[3, 10] - changed[0]).max() <= 1
    assert np.abs(changed.astype(int) - again).max() > 0


def test_a_quarter_turn_is_anticlockwise_as_in_the_data() -> None:
    pictures = torch.rand(2, 1, 6, 6, generator=torch.manual_seed(0))
    once = turned(pictures, torch.tensor([90.0, 0.0]))
    assert torch.allclose(once[0, 0], torch.rot90(pictures[0, 0]), atol=1e-5)
    assert torch.allclose(once[1], pictures[1], atol=1e-5)


def test_what_moves_on_a_line_has_all_of_its_movement_there() -> None:
    generator = torch.manual_seed(0)
    directions, along = torch.randn(5, 1, 16, generator=generator), torch.linspace(-1, 1, 7)[None, :, None]
    assert line_share(directions * along + torch.randn(5, 1, 16, generator=generator)) == pytest.approx(1.0, abs=1e-5)
    assert line_share(torch.randn(50, 7, 16, generator=generator)) < 0.5


def test_the_turned_digit_has_a_curve_for_each_number() -> None:
    frame = look(trained("capsnet", "moved", 3), "capsule_turned", of="2")
    lines = next(part for part in parts(frame) if part["kind"] == "lines")
    assert lines["names"] == [str(n) for n in range(1, 17)]
    assert frame.arrays["part0"].shape == (13, 28, 28)


def test_two_digits_are_redrawn_beside_those_they_were_made_of() -> None:
    trainer = trained("capsnet", "overlapping", 3)
    frame = look(trainer, "two_digits", index=4)
    titles = [part.get("title") for part in parts(frame)]
    assert titles[:5] == ["What it sees", "Pulled apart", "Both in colour", "The two it was made of", "… in colour"]
    dataset = cast("SupervisedTrainer", trainer).dataset
    pair = divmod(int(dataset.test_targets[4]), 10)
    assert parts(frame)[3]["labels"] == [f"a {each}" for each in sorted(pair)]
    assert np.array_equal(frame.arrays["part3"][0], dataset.test_parts[4][int(np.argmin(pair))])  # type: ignore[attr-defined]
    controls = cast("list[dict[str, Json]]", frame.facts["controls"])
    assert [each["name"] for each in controls] == ["index"]  # nothing else on the page chooses a picture


def test_inks_are_laid_over_each_other_on_white() -> None:
    two = np.array([[[0, 255, 0, 255]], [[0, 0, 255, 255]]], np.uint8)
    seen = two_digits.coloured(two)[0].astype(int)
    assert seen[0].tolist() == [255, 255, 255]
    assert seen[1].tolist() == list(two_digits.AMBER)
    assert seen[2].tolist() == list(two_digits.BLUE)
    assert (seen[3] <= seen[1]).all()
    assert (seen[3] <= seen[2]).all()


def test_an_embedding_is_of_the_capsules_themselves() -> None:
    trainer = cast("SupervisedTrainer", trained("capsnet", "mnist", 2))
    inputs = trainer.test[0][:5]
    with torch.no_grad():
        v = network_of(trainer).capsules(inputs)
    assert torch.allclose(features_of(trainer, inputs), v.flatten(1), atol=1e-6)
    assert features_of(trainer, inputs).shape == (5, 160)
