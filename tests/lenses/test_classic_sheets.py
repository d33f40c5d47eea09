"""Lenses first made for AlexNet, VGG and Network in Network: dropout, changed copies, fields, class maps."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

from explorer import catalog
from explorer.engine.messages import Frame, Json
from explorer.lenses._chain import recording
from explorer.lenses._features import outputs_of
from explorer.lenses.class_maps import answer_of, laid_over
from explorer.lenses.dropout_masks import OFF, grid
from explorer.lenses.receptive_fields import fields
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.trainers import assert_unseen, look

CPU = torch.device("cpu")


def small(
    key: str, steps: int = 2, hypers: dict[str, Value] | None = None, task: str = "fashion", **knobs: Value
) -> SupervisedTrainer:
    torch.manual_seed(3)
    trainer = make_trainer(make_spec(catalog.get(key), task, knobs=knobs, hypers=hypers or {}), CPU)
    assert isinstance(trainer, SupervisedTrainer)
    for _ in range(steps):
        trainer.train_step()
    return trainer


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


# ---- dropout masks ---------------------------------------------------------------------------------------------------


def test_as_many_units_fall_as_dropout_says_and_the_answers_wobble() -> None:
    frame = look(small("alexnet", hypers={"dropout": 0.5}), "dropout_masks")
    off = frame.arrays["part1"] == OFF  # passes, rows, columns
    assert off.shape == (8, 8, 16)
    assert 0.4 < off.mean() < 0.6
    assert not (off[0] == off[1]).all()
    first = cast("list[str]", parts(frame)[1]["labels"])[0]
    assert first == f"{int(off[0].sum())} of 128 off"
    assert len(np.unique(frame.arrays["part3"][:8], axis=0)) > 1


def test_without_dropout_every_pass_answers_as_the_whole_network() -> None:
    trainer = small("alexnet", hypers={"dropout": 0.0})
    frame = look(trainer, "dropout_masks", index=7)
    assert not (frame.arrays["part1"] == OFF).any()
    with evaluating(trainer.model):
        answer = trainer.kind.probabilities(trainer.model(trainer.test[0][7:8]))[0]
    assert frame.arrays["part3"] == pytest.approx(answer.expand(9, -1).numpy(), abs=2e-3)
    assert str(frame.facts["caption"]).startswith("Dropout is 0")


def test_the_same_throw_falls_the_same_way_and_another_does_not() -> None:
    trainer = small("alexnet", hypers={"dropout": 0.5})
    first, again, other = (look(trainer, "dropout_masks", draw=draw).arrays["part1"] for draw in (4, 4, 5))
    assert (first == again).all()
    assert not (first == other).all()


def test_a_network_without_dropout_is_refused() -> None:
    trainer = small("alexnet")
    trainer.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    with pytest.raises(SpecError, match="no dropout"):
        look(trainer, "dropout_masks")


@pytest.mark.parametrize("units", [1, 2, 7, 64, 100, 128, 576, 1000])
def test_units_are_laid_into_a_block_that_holds_them(units: int) -> None:
    high, wide = grid(units)
    assert units <= high * wide < units + wide


# ---- changed copies --------------------------------------------------------------------------------------------------


def test_views_are_the_runs_own_augmentation_and_nothing_else() -> None:
    trainer = small("alexnet", hypers={"mirror": True})
    views = look(trainer, "augmented_views", index=3).arrays["part0"]  # 16 28 28, the first as it is
    same = [bool((view == views[0]).all()) for view in views]
    mirrored = [bool((view == views[0, :, ::-1]).all()) for view in views]
    assert all(a or b for a, b in zip(same, mirrored, strict=True))
    assert any(same[1:])
    assert any(mirrored)
    trainer.set_hypers({"mirror": False, "shift": 3})
    moved = look(trainer, "augmented_views", index=3).arrays["part0"]
    assert len(np.unique(moved, axis=0)) > 8


def test_where_nothing_is_changed_the_page_says_so() -> None:
    frame = look(small("alexnet"), "augmented_views")
    assert (frame.arrays["part0"] == frame.arrays["part0"][0]).all()
    assert "Nothing is changed" in str(frame.facts["caption"])


def test_looking_at_views_leaves_chance_alone() -> None:
    assert_unseen("alexnet", "emoji", "augmented_views")


# ---- receptive fields ------------------------------------------------------------------------------------------------


def test_fields_grow_by_the_arithmetic_of_windows_and_strides() -> None:
    trainer = small("vgg", 0, convolutions=(3, 1), entry=False)
    found = fields(trainer, trainer.test[0][:1])
    assert [each.high for each in found] == [3, 5, 7, 12]  # 7, one more by pooling, and 2 cells of 2 pixels
    assert [each.wide for each in found] == [3, 5, 7, 12]


def test_one_window_of_seven_sees_what_three_of_three_see() -> None:
    large = small("vgg", 0, convolutions=(1,), kernel_size=7, entry=False)
    stacked = small("vgg", 0, convolutions=(3,), entry=False)
    one, three = (fields(trainer, trainer.test[0][:1]) for trainer in (large, stacked))
    assert (one[-1].rows, one[-1].columns) == (three[-1].rows, three[-1].columns)


def test_the_marked_field_is_the_one_that_was_picked() -> None:
    frame = look(small("vgg", 1), "receptive_fields", layer=1)
    nested = cast("list[dict[str, Json]]", parts(frame)[0]["boxes"])
    assert [each["hand"] for each in nested] == [at == 1 for at in range(len(nested))]
    assert parts(frame)[1]["chosen"] == 1
    assert "stage 1" in str(frame.facts["caption"]).lower()


# ---- class maps ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("read_out", "by"), [("average", "mean"), ("max", "largest cell")])
def test_class_maps_give_the_answer_by_what_the_network_does_with_them(read_out: str, by: str) -> None:
    trainer = small("nin", 20, read_out=read_out)
    x = trainer.test[0][:4]
    with evaluating(trainer.model), recording(trainer.model) as links:
        logits = trainer.model(x)
    found = answer_of(logits, links)
    assert found.by == by
    assert torch.equal(found.maps, outputs_of(trainer.model, "classes", x))
    assert f"The {by} of each map" in str(look(trainer, "class_maps").facts["caption"])


def test_maps_averaged_before_one_linear_layer_are_weighted_by_it() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(5, 3)
    ).eval()
    with torch.no_grad(), recording(model) as links:
        logits = model(torch.randn(2, 1, 8, 8))
    found = answer_of(logits, links)
    assert found.maps.shape == (2, 3, 6, 6)
    assert torch.allclose(found.maps.mean((2, 3)), logits, atol=1e-5)


@pytest.mark.parametrize("read_out", ["cells", "dense"])
def test_a_network_that_weighs_every_cell_has_no_class_maps(read_out: str) -> None:
    with pytest.raises(SpecError, match="no map belongs to a class"):
        look(small("nin", 1, read_out=read_out), "class_maps")


def test_a_class_that_is_picked_is_laid_over_the_picture_taken_apart() -> None:
    trainer = small("nin", 20)
    usual, picked = look(trainer, "class_maps", shown=2), look(trainer, "class_maps", shown=2, target=4)
    assert parts(picked)[1]["chosen"] == 4
    same = (usual.arrays["part0"] == picked.arrays["part0"]).all((1, 2, 3))
    assert [bool(each) for each in same] == [at != 2 for at in range(8)]


def test_a_map_colours_a_picture_blue_for_and_amber_against() -> None:
    maps = torch.tensor([[[1.0, 1.0], [-1.0, -1.0]]])
    drawn = laid_over(np.full((1, 4, 4), 128, np.uint8), maps).astype(int)
    assert (drawn[0, 0, :, 2] > drawn[0, 0, :, 0]).all()
    assert (drawn[0, 3, :, 0] > drawn[0, 3, :, 2]).all()
