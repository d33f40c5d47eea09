"""Lenses on what a network sees at every place of a scene."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from explorer import lenses
from explorer.engine.messages import LensRequest
from explorer.lenses._dense import wide_scenes
from explorer.lenses.offset_pooling import interleaved
from explorer.lenses.precision_recall import Counted
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from tests.lenses.test_sheets import parts
from tests.lenses.trainers import assert_unseen, look, trained

LENSES = ("boxes", "scene_map", "offset_pooling", "precision_recall")


@pytest.mark.parametrize("lens", LENSES)
def test_scenes_of_several_digits_are_looked_at_without_a_trace(lens: str) -> None:
    assert_unseen("overfeat", "several", lens)


@pytest.mark.parametrize("lens", LENSES)
def test_a_network_of_one_answer_is_refused(lens: str) -> None:
    with pytest.raises(SpecError, match="one answer a picture"):
        look(trained("cnn", "mnist", 1), lens)


@pytest.mark.parametrize("lens", ["boxes", "scene_map", "offset_pooling"])
def test_own_held_out_and_wide_scenes(lens: str) -> None:
    trainer = trained("overfeat", "single", 2)
    own = np.zeros((64, 64), np.uint8)
    own[20:40, 30:34] = 255
    frame = lenses.look(trainer, LensRequest(lens, {}, own))
    assert np.array_equal(frame.arrays["part0"][0], own)
    assert look(trainer, lens, where="held-out", index=3).arrays["part0"].shape == (1, 64, 64)
    assert look(trainer, lens, scene=2).arrays["part0"].shape == (1, 128, 128)
    with pytest.raises(SpecError, match="did you mean 'wide'"):
        look(trainer, lens, where="wid")


def test_wide_scenes_are_the_same_at_every_look_and_hold_five_digits() -> None:
    trainer = cast(SupervisedTrainer, trained("overfeat", "several", 0))
    one, other = wide_scenes(trainer, 3, 2), wide_scenes(trainer, 4, 1)
    assert torch.equal(one[0][1:], other[0])
    assert (one[1][..., 0] >= 0).sum() == 10


def test_before_training_of_boxes_the_sheet_says_whose_turn_it_is() -> None:
    frame = look(trained("overfeat", "single", 2), "boxes", sure=5)
    assert "classifier's turn" in str(frame.facts["caption"])
    assert cast(int, frame.facts["before"]) >= cast(int, frame.facts["after"])
    later = look(trained("overfeat", "single", 2, classify_until=0), "boxes")
    assert "turn" not in str(later.facts["caption"])


def test_the_window_of_an_answer_lies_around_its_place() -> None:
    frame = look(trained("overfeat", "single", 2), "scene_map", place=13 * 4 + 6)
    (box,) = cast("list[dict[str, list[float]]]", parts(frame)[0]["boxes"])
    left, top, right, bottom = box["box"]
    assert ((left + right) / 2, (top + bottom) / 2) == (64, 48)
    assert right - left == bottom - top == 43


def test_maps_are_put_between_each_other() -> None:
    maps = [np.full((3, 3), at, float) for at in range(4)]
    assert interleaved(maps)[:2, :4].tolist() == [[0, 1, 0, 1], [2, 3, 2, 3]]
    assert interleaved([maps[0], maps[1][:, :2], maps[2][:2], maps[3][:2, :2]]).shape == (4, 4)


def test_average_precision_by_hand() -> None:
    counted = Counted(np.array([0.9, 0.8, 0.7, 0.6]), np.array([1.0, 0, 1, 0]), 4)
    recall, precision = counted.curve()
    assert recall.tolist() == [0.25, 0.25, 0.5, 0.5]
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert counted.average() == pytest.approx(0.25 * 1 + 0.25 * 2 / 3)
    assert Counted(np.zeros(0), np.zeros(0), 4).average() == 0
