from __future__ import annotations

import time
from typing import cast

import numpy as np
import pytest

from explorer import data
from explorer.data import images, scenes
from explorer.data.scenes import GROUND, INKED, Scenes, Style

LOCATED = ("single", "several")


def located(name: str) -> Scenes:
    return cast(Scenes, data.load(f"scenes.{name}", {}, 0))


@pytest.mark.parametrize("name", list(scenes.DATASETS))
def test_scenes_have_the_agreed_types_and_name_their_source(name: str) -> None:
    one = data.load(f"scenes.{name}", {}, seed=0)
    for inputs, targets in ((one.train_inputs, one.train_targets), (one.test_inputs, one.test_targets)):
        assert inputs.dtype == np.float32
        assert targets.dtype == np.int64
        assert len(inputs) == len(targets) > 0
        assert set(np.unique(targets)) == set(range(len(one.classes)))
        assert abs(float(inputs.mean())) < 0.1
        assert 0.8 < float(inputs.std()) < 1.2
    assert "held out" in one.source


def test_the_same_seed_draws_the_same_scenes_and_another_does_not() -> None:
    style = Style()
    one, same, other = (scenes.scenes(style, 20, True, seed) for seed in (3, 3, 4))
    assert np.array_equal(one.pixels, same.pixels)
    assert np.array_equal(one.objects, same.objects)
    assert not np.array_equal(one.pixels, other.pixels)


def test_digits_are_drawn_from_all_and_in_turn() -> None:
    every = scenes.scenes(Style(), 1000, True, 0).objects[:, 0, 0]
    assert np.array_equal(np.bincount(every), np.bincount(images.DATASETS["digits"]({}, 0).test_targets))
    several = scenes.scenes(Style(side=128, least=5, most=5), 1, True, 2).objects[0, :, 0]
    assert len(set(several.tolist())) > 1


def test_scenes_are_drawn_quickly() -> None:
    images.DATASETS["digits"]({}, 0)
    begin = time.process_time()
    scenes.scenes(Style(), 1000, False, 0)
    assert time.process_time() - begin < 1.0  # a fifth of the data set, with room for a busy machine


@pytest.mark.parametrize("name", LOCATED)
def test_objects_lie_inside_their_scene_and_the_first_names_its_class(name: str) -> None:
    one = located(name)
    for inputs, objects, targets in (
        (one.train_inputs, one.train_objects, one.train_targets), (one.test_inputs, one.test_objects, one.test_targets),
    ):  # fmt: skip
        there = objects[..., 0] != GROUND
        assert np.array_equal(objects[:, 0, 0], targets)
        assert there[:, 0].all()
        edges = objects[there][:, 1:]
        assert edges.min() >= 0
        assert edges.max() <= inputs.shape[-1]
        assert (edges[:, 2] > edges[:, 0]).all()
        assert (edges[:, 3] > edges[:, 1]).all()
        assert (objects[~there] == GROUND).all()


def test_a_box_holds_all_the_ink_of_its_digit_and_touches_it_on_every_side() -> None:
    quiet = Style(fragments=0, noise=0.0)
    drawn = scenes.scenes(quiet, 50, False, 1)
    for pixels, (_, left, top, right, bottom) in zip(drawn.pixels, drawn.objects[:, 0], strict=True):
        rows, columns = np.nonzero(pixels > INKED)
        assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (top, bottom, left, right)


def test_a_digit_at_scale_one_is_pasted_pixel_by_pixel() -> None:
    digit = np.random.default_rng(0).random((1, 28, 28), np.float32)
    at = scenes._stretch(np.array([5.0], np.float32), np.array([1.0], np.float32), 64)
    scene = at @ digit @ at.transpose(0, 2, 1)
    assert np.allclose(scene[0, 5:33, 5:33], digit[0], atol=1e-5)
    assert scene.sum() == pytest.approx(digit.sum(), rel=1e-4)


def test_held_out_scenes_are_made_of_held_out_digits() -> None:
    (train, _), (test, _) = scenes._digits(False), scenes._digits(True)
    assert (len(train), len(test)) == (4000, 1000)
    one = images.DATASETS["digits"]({}, 0)
    assert np.allclose(test[0], images.pictured(one.test_inputs[0, 0], "digits") / 255)


def test_scenes_with_several_digits_have_one_to_three() -> None:
    counts = (located("several").train_objects[..., 0] != GROUND).sum(1)
    assert set(counts.tolist()) == {1, 2, 3}


def test_every_inked_pixel_has_the_class_of_a_digit_and_the_ground_is_the_last() -> None:
    one = data.load("scenes.segments", {"noise": 0.0}, 0)
    pixels = one.test_inputs[:, 0] * scenes.SPREAD + scenes.MEAN
    assert np.array_equal(one.test_targets == 10, pixels <= INKED)
    assert one.classes[-1] == "ground"


def test_the_hyperparameter_noise_draws_the_same_scenes_with_other_noise() -> None:
    quiet, loud = (data.load("scenes.segments", {"noise": noise}, 0) for noise in (0.0, 0.4))
    assert np.array_equal(quiet.test_targets, loud.test_targets)
    assert float(np.abs(quiet.test_inputs - loud.test_inputs).mean()) > 0.1
