from __future__ import annotations

import numpy as np
import pytest

from explorer import data, paths
from explorer.data import Dataset, images, logic, plane
from explorer.spec import SpecError

PLANE = [f"plane.{name}" for name in plane.DATASETS]
IMAGES = {  # to learn from, held out, one picture's shape, classes
    "digits": (4000, 1000, (1, 28, 28), 10),
    "clothes": (12000, 3000, (1, 28, 28), 10),
    "emoji": (3058, 754, (3, 32, 32), 9),
}
ALL = [
    "own.points",
    *PLANE,
    *(f"logic.{name}" for name in logic.DATASETS),
    *(f"images.{name}" for name in images.DATASETS),
]


def same(one: Dataset, other: Dataset) -> bool:
    return np.array_equal(one.train_inputs, other.train_inputs) and np.array_equal(one.test_inputs, other.test_inputs)


@pytest.mark.parametrize("name", ALL)
def test_every_data_set_has_the_agreed_types_and_names_its_source(name: str) -> None:
    one = data.load(name, {}, seed=0)
    for inputs, targets in ((one.train_inputs, one.train_targets), (one.test_inputs, one.test_targets)):
        assert inputs.dtype == np.float32
        assert targets.dtype == np.int64
        assert len(inputs) == len(targets) > 0
        assert np.isfinite(inputs).all()
        assert set(np.unique(targets)) == set(range(len(one.classes)))
    assert one.source


@pytest.mark.parametrize("name", PLANE)
def test_points_follow_seed_count_and_noise(name: str) -> None:
    one = data.load(name, {"points": 120, "noise": 0.1}, seed=3)
    assert len(one.train_inputs) == len(one.test_inputs) == 120
    assert same(one, data.load(name, {"points": 120, "noise": 0.1}, seed=3))
    assert not same(one, data.load(name, {"points": 120, "noise": 0.1}, seed=4))
    assert not same(one, data.load(name, {"points": 120, "noise": 0.2}, seed=3))
    assert not np.isin(one.train_inputs[:, 0], one.test_inputs[:, 0]).any()


@pytest.mark.parametrize("name", PLANE)
def test_points_lie_in_the_unit_square_and_classes_are_balanced(name: str) -> None:
    one = data.load(name, {"points": 1000, "noise": 0.0}, seed=0)
    assert np.abs(one.train_inputs).max() <= 1.05
    assert 0.4 < one.train_targets.mean() < 0.6


def test_quadrants_are_exclusive_or() -> None:
    one = data.load("plane.quadrants", {"points": 400, "noise": 0.0}, seed=0)
    x, y = one.train_inputs.T
    assert np.array_equal(one.train_targets, (x * y > 0).astype(np.int64))


@pytest.mark.parametrize(("name", "table"), [("and", "0001"), ("or", "0111"), ("nand", "1110"), ("xor", "0110")])
def test_truth_tables(name: str, table: str) -> None:
    one = data.load(f"logic.{name}", {}, seed=0)
    assert one.train_inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert "".join(map(str, one.train_targets)) == table


@pytest.mark.parametrize("name", IMAGES)
def test_pictures_are_complete_and_normalised(name: str) -> None:
    one = data.load(f"images.{name}", {}, seed=0)
    assert (len(one.train_inputs), len(one.test_inputs), one.input_shape, len(one.classes)) == IMAGES[name]
    assert abs(float(one.train_inputs.mean())) < 0.05
    assert 0.9 < float(one.train_inputs.std()) < 1.1


@pytest.mark.parametrize("name", IMAGES)
def test_the_split_is_the_same_for_every_seed_and_pixels_come_back(name: str) -> None:
    one = data.load(f"images.{name}", {}, seed=0)
    assert same(one, data.load(f"images.{name}", {}, seed=1))
    pixels = images.pictured(one.test_inputs[:20], name)
    again = images.normalised(pixels, name)
    assert np.abs(again - one.test_inputs[:20]).max() < 1e-5


@pytest.mark.parametrize("name", IMAGES)
def test_training_and_held_out_pictures_are_of_every_class(name: str) -> None:
    one = data.load(f"images.{name}", {}, seed=0)
    for targets in (one.train_targets, one.test_targets):
        assert np.bincount(targets, minlength=len(one.classes)).min() > 0


def test_no_emoji_is_learnt_from_one_artist_and_tested_on_the_other() -> None:
    with np.load(paths.assets() / "data" / "emoji32.npz", allow_pickle=False) as file:
        pixels, labels, names = file["images"], file["labels"], file["names"]
    named: dict[bytes, set[str]] = {}
    for picture, name in zip(pixels[labels >= 0], names[labels >= 0], strict=True):
        named.setdefault(picture.tobytes(), set()).add(str(name))
    one = data.load("images.emoji", {}, seed=0)

    def names_in(inputs: np.ndarray) -> set[str]:
        pictures = images.pictured(inputs, "emoji").transpose(0, 2, 3, 1)
        return set().union(*(named[np.ascontiguousarray(picture).tobytes()] for picture in pictures))

    assert len(one.train_inputs) + len(one.test_inputs) == int((labels >= 0).sum())
    shared = names_in(one.train_inputs) & names_in(one.test_inputs)
    identical = {name for group in named.values() if len(group) > 1 for name in group}
    assert shared <= identical  # only pictures drawn exactly alike under two names could seem to cross


def test_zero_or_one_holds_only_these_digits() -> None:
    one = data.load("images.zero_or_one", {}, seed=0)
    digits = data.load("images.digits", {}, seed=0)
    assert len(one.train_inputs) == int((digits.train_targets < 2).sum())


@pytest.mark.parametrize(
    ("name", "near"), [("plain.spirals", "plane"), ("plane.spiral", "spirals"), ("nothing", "known:")]
)
def test_an_unknown_data_set_is_refused_with_the_nearest_name(name: str, near: str) -> None:
    with pytest.raises(SpecError, match=near):
        data.load(name, {}, seed=0)


def test_a_setting_that_is_no_number_is_refused() -> None:
    with pytest.raises(SpecError, match="noise = loud is not a number"):
        data.load("plane.moons", {"noise": "loud"}, seed=0)
