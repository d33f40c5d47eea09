from __future__ import annotations

import json
import math

import pytest

from explorer import bench
from explorer.bench.report import SMALL, Figure, Judged, Report, machine, percentile
from explorer.spec import SpecError


def test_percentile_is_the_nearest_rank():
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.95) == 5.0
    assert math.isnan(percentile([], 0.5))


def test_a_goal_bounds_the_value_or_the_ratio():
    assert Figure("x", 2.0, "s", judged=Judged.VALUE, at_most=2.0).reached is True
    assert Figure("x", 2.1, "s", judged=Judged.VALUE, at_most=2.0).reached is False
    assert Figure("x", 9.0, "per s", 10.0, "a loop", Judged.RATIO, at_least=0.95).reached is False
    assert Figure("x", 9.6, "per s", 10.0, "a loop", Judged.RATIO, at_least=0.95).reached is True


def test_without_a_goal_or_a_reference_nothing_is_claimed():
    assert Figure("x", 2.0, "s").reached is None
    assert Figure("x", 2.0, "s", judged=Judged.RATIO, at_least=2.0).reached is None


def test_a_report_is_json_and_text():
    figure = Figure("speed", 9.6, "per s", 10.0, "a loop", Judged.RATIO, at_least=0.95)
    report = Report("watching", "Training while watched", machine(), (figure, Figure("gap", math.nan, "s")))
    data = json.loads(json.dumps(report.json(), allow_nan=False))
    assert data["figures"][0]["ratio"] == pytest.approx(0.96)
    assert data["figures"][0]["goal"] == "≥ 0.95 × reference"
    assert data["figures"][1]["value"] is None
    assert "reached" in report.text()
    assert "not measured" in report.text()
    assert "cores" in data["machine"]


def test_an_unknown_benchmark_names_the_nearest():
    with pytest.raises(SpecError, match="did you mean 'playground'"):
        list(bench.run(["playgruond"], SMALL))
