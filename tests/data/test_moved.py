"""Digits away from the middle: moved by so much and no more, turned the right way round, and pairs of two kinds."""

from __future__ import annotations

import numpy as np

from explorer import data
from explorer.data.moved import Overlapping, shifted, turned


def test_each_picture_is_moved_by_its_own_pixels() -> None:
    pictures = np.zeros((2, 5, 6), np.float32)
    pictures[:, 1, 2] = 1
    moved = shifted(pictures, np.array([2, -1]), np.array([-1, 3]))
    assert [tuple(int(each) for each in np.argwhere(one)[0]) for one in moved] == [(3, 1), (0, 5)]
    gone = shifted(pictures, np.array([0, 4]), np.array([5, 0]))
    assert gone.sum() == 0  # what leaves does not come in on the other side


def test_a_quarter_turn_is_anticlockwise_and_exact() -> None:
    pictures = np.random.default_rng(0).random((3, 6, 6), np.float32)
    once = turned(pictures, np.array([90.0, 0.0, -90.0]))
    assert np.allclose(once[0], np.rot90(pictures[0]), atol=1e-5)
    assert np.allclose(once[1], pictures[1], atol=1e-6)
    assert np.allclose(once[2], np.rot90(pictures[2], -1), atol=1e-5)


def test_moved_digits_are_the_same_digits_and_the_same_every_time() -> None:
    plain, moved = data.load("images.digits", {}, 0), data.load("moved.digits", {"distance": 4}, 0)
    assert np.array_equal(plain.test_targets, moved.test_targets)
    assert np.array_equal(moved.test_inputs, data.load("moved.digits", {"distance": 4}, 7).test_inputs)
    unmoved = data.load("moved.digits", {"distance": 0}, 0)
    assert np.array_equal(unmoved.test_inputs, plain.test_inputs)
    places = [_middle(one.test_inputs[:, 0] - one.test_inputs.min()) for one in (plain, moved)]
    far = np.abs(places[1] - places[0])
    assert 1.5 < far.mean() < 2.5  # even over −4 … 4: the mean distance is 20/9
    assert data.load("moved.digits", {"distance": 4, "turn": 30.0}, 0).source.endswith("turned by up to 30 degrees")


def _middle(pictures: np.ndarray) -> np.ndarray:
    rows = np.arange(pictures.shape[1])
    weights = pictures.sum((1, 2))
    return np.stack([(pictures.sum(3 - axis) * rows).sum(1) / weights for axis in (1, 2)], 1)


def test_overlapping_digits_are_of_two_kinds_and_made_of_their_parts() -> None:
    pairs = data.load("moved.overlapping", {"distance": 4}, 0)
    assert isinstance(pairs, Overlapping)
    first, second = divmod(pairs.test_targets, 10)
    assert (first != second).all()
    assert pairs.test_parts.shape == (1000, 2, 28, 28)
    both = pairs.test_inputs[:, 0]
    ink = (both - both.min()) / (both.max() - both.min()) * 255
    assert np.abs(ink - pairs.test_parts.max(1)).max() < 1
    assert np.array_equal(first, data.load("images.digits", {}, 0).test_targets)
    singles = data.load("images.digits", {}, 0)
    assert np.array_equal(pairs.train_inputs, singles.train_inputs)
