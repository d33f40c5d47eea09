"""Points in the plane that a generator is to imitate."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import data
from explorer.data.distributions import DATASETS, FINE, SPREAD, along, shape
from explorer.data.own import LEARNT, heart, lines
from explorer.spec import SpecError

NAMES = [f"distributions.{name}" for name in DATASETS]


@pytest.mark.parametrize("name", NAMES)
def test_points_follow_the_seed_and_fill_every_mode_alike(name: str) -> None:
    one, again, other = (data.load(name, {"points": 2000}, seed) for seed in (3, 3, 4))
    assert np.array_equal(one.train_inputs, again.train_inputs)
    assert not np.array_equal(one.train_inputs, other.train_inputs)
    counts = np.bincount(one.train_targets)
    assert len(counts) == len(one.classes) == shape(name).count
    assert counts.max() - counts.min() <= 2
    assert one.train_inputs.dtype == np.float32
    assert np.abs(one.train_inputs).max() < 2.5


@pytest.mark.parametrize("name", ["distributions.ring", "distributions.grid"])
def test_points_lie_around_the_centre_of_their_mode_with_the_spread_said(name: str) -> None:
    one = data.load(name, {"points": 4000}, 0)
    away = one.train_inputs - shape(name).centres[one.train_targets]
    assert np.abs(away.mean(0)).max() < 0.005
    assert away.std(0) == pytest.approx([SPREAD, SPREAD], rel=0.05)


def test_the_ring_is_eight_on_a_circle_of_radius_two() -> None:
    centres = shape("distributions.ring").centres
    assert np.linalg.norm(centres, axis=1) == pytest.approx([2.0] * 8)
    assert np.linalg.norm(centres - np.roll(centres, 1, 0), axis=1) == pytest.approx([4 * np.sin(np.pi / 8)] * 8)


def test_the_spiral_is_cut_into_stretches_of_equal_length() -> None:
    centres = shape("distributions.spiral").centres
    steps = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.02  # chords of equal arcs
    assert steps.max() < SPREAD  # so close that the arm has no gaps
    assert np.bincount(shape("distributions.spiral").modes).tolist() == [FINE] * 20


def test_two_lines_are_followed_and_the_gap_between_them_stays_empty() -> None:
    left, right = np.array([[-2.0, -1.0], [-2.0, 1.0]]), np.array([[1.0, 0.0], [2.0, 0.0], [2.0, 1.0]])
    centres = along([left, right]).centres
    on_left, on_right = centres[:, 0] < -1.99, centres[:, 0] > 0.99
    assert (on_left | on_right).all()
    assert on_left.sum() == pytest.approx(len(centres) / 2, abs=1)  # both are two long
    assert np.abs(centres[on_left][:, 1]).max() <= 1


def test_of_a_drawing_points_are_learnt_and_its_lines_are_held_out() -> None:
    one = lines([heart().astype(np.float32)])
    assert one.train_inputs.shape == (LEARNT, 2)
    away = np.linalg.norm(one.train_inputs[:, None] - one.test_inputs[None], axis=2).min(1)
    assert away.max() < 5 * SPREAD
    assert np.allclose(data.load("own.drawing", {}, 0).train_inputs, one.train_inputs, atol=1e-4)
    assert np.abs(heart()).max() < 2.5


def test_a_dot_is_no_drawing() -> None:
    with pytest.raises(SpecError, match=r"0.5 long all together; expected at least 1"):
        lines([np.array([[0.0, 0.0], [0.5, 0.0]])])
