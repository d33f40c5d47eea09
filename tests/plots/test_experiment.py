"""An experiment's figures: means, bands, rings, names and reference lines, checked against numbers worked out here."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import catalog
from explorer.plots.experiment import aligned, curves, reading, seeds, smoothed
from explorer.spec import Experiment, Measured

STEPS = (0, 10, 20)


@pytest.fixture
def experiment() -> Experiment:
    return catalog.get("perceptron").experiment("xor")


def runs(figures: dict[str, tuple[float, ...]]) -> tuple[Measured, ...]:
    return tuple(
        Measured(arm, seed, {"test_accuracy": value}, {"accuracy": (STEPS, (0.5, value, value))})
        for arm, values in figures.items()
        for seed, value in enumerate(values)
    )


MEASURED = runs({"and": (1.0, 0.5), "xor": (0.5, 0.75)})


def test_the_band_runs_from_the_lowest_seed_to_the_highest_and_the_line_is_their_mean(experiment: Experiment) -> None:
    low, high, mean, end = curves(experiment, MEASURED, "light").data[:4]
    assert list(low.y) == [0.5, 0.5, 0.5]
    assert list(high.y) == [0.5, 1.0, 1.0]
    assert list(mean.y) == [0.5, 0.75, 0.75]
    assert (list(end.x), list(end.y)) == ([20], [0.75])


def test_the_axis_ends_where_the_runs_do(experiment: Experiment) -> None:
    assert curves(experiment, MEASURED, "light").to_dict()["layout"]["xaxis"]["range"] == [0, 20]
    assert curves(experiment, (), "light").to_dict()["layout"]["xaxis"]["range"] == [0, experiment.steps]


def test_names_at_the_lines_ends_never_lie_on_each_other(experiment: Experiment) -> None:
    figure = curves(experiment, runs({"and": (0.75, 0.75), "xor": (0.7500001, 0.75)}), "dark")
    shifts = sorted(note["yshift"] for note in figure.to_dict()["layout"]["annotations"])
    assert shifts[1] - shifts[0] >= 18


def test_reference_values_are_drawn_as_dotted_lines(experiment: Experiment) -> None:
    figure = curves(experiment, MEASURED, "light", (("guessing: 50 %", 0.5),)).to_dict()["layout"]
    (line,) = figure["shapes"]
    assert (line["y0"], line["y1"], line["line"]["dash"]) == (0.5, 0.5, "dot")
    assert "guessing: 50 %" in [note["text"] for note in figure["annotations"]]


def test_before_the_first_run_the_axes_say_so(experiment: Experiment) -> None:
    figure = curves(experiment, (), "light")
    assert not figure.data
    assert figure.to_dict()["layout"]["annotations"][0]["text"] == "Not measured yet"
    assert reading(experiment, ()) == "Not measured yet."


def test_every_seed_is_a_ring_beside_its_mean(experiment: Experiment) -> None:
    figure = seeds(experiment, MEASURED, "light")
    assert [list(trace.x) for trace in figure.data] == [[1.0, 0.5], [0.5, 0.75]]
    assert {trace.marker.symbol for trace in figure.data} == {"circle-open"}
    assert [note["text"] for note in figure.to_dict()["layout"]["annotations"]] == ["<b>0.75</b>", "<b>0.625</b>"]


def test_the_reading_says_it_in_words(experiment: Experiment) -> None:
    assert "AND 0.75, from 0.5 to 1 over 2 seeds" in reading(experiment, MEASURED)


def test_curves_of_different_length_are_compared_where_all_have_values() -> None:
    steps, rows = aligned([((0, 1, 2, 3), (0.0, 1.0, 2.0, float("nan"))), ((0, 1, 2), (4.0, 4.0, 4.0))])
    assert list(steps) == [0, 1, 2]
    assert rows.tolist() == [[0.0, 1.0, 2.0], [4.0, 4.0, 4.0]]


def test_smoothing_leaves_a_constant_as_it_is_and_is_not_biased_at_the_start() -> None:
    assert np.allclose(smoothed([2.0] * 100), 2.0)
    assert smoothed([1.0] + [0.0] * 99)[0] == pytest.approx(1.0)
