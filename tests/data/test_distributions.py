"""Points in the plane that a generator is to imitate."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import data
from explorer.data.distributions import DATASETS, FINE, SPREAD, shape

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
