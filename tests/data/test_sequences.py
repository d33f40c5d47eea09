"""Series to continue and tests of memory."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from explorer import data, paths
from explorer.data import memory, series
from explorer.data.memory import Endless
from explorer.data.series import Continued

SERIES = {"sines": (1936, 64, 200, 50), "mackey_glass": (2300, 300, 40, 84), "sunspots": (156, 64, 79, 11)}


def continued(name: str, **settings: float) -> Continued:
    one = data.load(f"series.{name}", settings, seed=3)
    assert isinstance(one, Continued)
    return one


@pytest.mark.parametrize("name", SERIES)
def test_a_window_is_followed_by_its_targets_and_its_future(name: str) -> None:
    one, (count, window, held_out, horizon) = continued(name), SERIES[name]
    assert one.train_inputs.shape == (count, window, 1)
    assert one.test_inputs.shape == (held_out, window, 1)
    assert one.future.shape == (held_out, horizon)
    assert np.array_equal(one.train_inputs[5, 1:, 0], one.train_targets[5, :-1])
    assert np.array_equal(one.train_targets[5, -1], one.train_inputs[6, -1, 0])
    assert np.array_equal(one.test_targets, one.future[:, 0])
    assert np.allclose(one.train_inputs[0, :, 0], one.learnt[:window])
    step = one.stride
    assert np.allclose(one.test_inputs[1, :-step, 0], one.test_inputs[0, step:, 0])
    assert np.allclose(one.future[1, :-step] if step < horizon else 0, one.future[0, step:] if step < horizon else 0)


def test_the_held_out_values_of_the_sines_are_judged_without_their_noise() -> None:
    still, noisy = continued("sines", noise=0.0), continued("sines", noise=0.2)
    assert np.array_equal(still.future, noisy.future)
    assert 0.15 < float((noisy.test_inputs - still.test_inputs).std()) < 0.25
    assert np.allclose(still.test_inputs[0, 4:, 0], still.test_inputs[1, :-4, 0])


def test_the_chaotic_series_obeys_its_equation() -> None:
    """Held against the rule of Euler at a fiftieth of a step: the two integrations agree for a while."""
    found = np.arctanh(series.mackey_glass(np.random.default_rng(0), 400)) + 1
    assert 0.2 < found.min() < 0.6
    assert 1.1 < found.max() < 1.5
    fine, lag = 50, series.DELAY * 50
    x = list(np.interp(np.arange(0, lag + 1) / fine, np.arange(series.DELAY + 1), found[: series.DELAY + 1]))
    for t in range(40 * fine):
        x.append(x[-1] + (0.2 * x[t] / (1 + x[t] ** 10) - 0.1 * x[-1]) / fine)
    again = np.array(x[lag::fine])
    assert np.abs(again - found[series.DELAY : series.DELAY + len(again)]).max() < 0.02


def test_sunspots_are_those_of_the_file_and_no_year_held_out_is_learnt() -> None:
    one = continued("sunspots")
    with open(paths.assets() / "data" / "sunspots.csv", encoding="utf-8") as file:
        counts = {int(row["year"]): float(row["sunspots"]) for row in csv.DictReader(file)}
    assert (min(counts), max(counts), counts[1957]) == (1700, 2008, 190.2)
    assert one.written(one.future[37, :1]) == pytest.approx([counts[1957]], abs=1e-3)
    assert one.written(one.learnt) == pytest.approx([counts[year] for year in range(1700, 1920)], abs=1e-3)
    assert float(one.train_inputs.max()) <= float(one.learnt.max()) + 1e-6


def test_two_numbers_are_marked_and_their_sum_is_asked() -> None:
    inputs, sums = memory.draw_sums(np.random.default_rng(0), 4000, 100)
    marks = inputs[:, :, 1]
    assert (marks[:, :50].sum(1) == 1).all()
    assert (marks[:, 50:].sum(1) == 1).all()
    assert np.allclose((inputs[:, :, 0] * marks).sum(1), sums)
    assert float(((sums - 1) ** 2).mean()) == pytest.approx(1 / 6, abs=0.01)


def test_letters_come_back_after_the_question_and_only_there() -> None:
    inputs, targets = memory.draw_copies(np.random.default_rng(0), 200, letters=4, delay=9)
    assert inputs.shape == targets.shape == (200, 17)
    assert np.array_equal(targets[:, -4:], inputs[:, :4])
    assert (targets[:, :-4] == memory.NOT_ASKED).all()
    assert (inputs[:, 13] == 9).all()
    assert (inputs[:, 4:13] == 8).all()
    assert set(np.unique(inputs[:, :4])) == set(range(8))


@pytest.mark.parametrize("name", memory.DATASETS)
def test_every_batch_is_new_and_the_same_for_the_same_seed(name: str) -> None:
    one = data.load(f"memory.{name}", {}, seed=5)
    assert isinstance(one, Endless)
    first, again, next_one = one.batch(5, 1, 8), one.batch(5, 1, 8), one.batch(5, 2, 8)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], next_one[0])
    assert not np.array_equal(one.batch(6, 1, 8)[0], first[0])
    assert not np.array_equal(one.test_inputs[:8], one.batch(5, 0, 8)[0])
