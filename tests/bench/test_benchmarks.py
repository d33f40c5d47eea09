"""Every benchmark does its work at a small scale and hands back figures; how fast they are is not tested here."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from explorer import bench
from explorer.bench.report import SMALL, Judged


@pytest.mark.parametrize("name", bench.NAMES)
def test_benchmark_measures_every_figure(name: str):
    (report,) = bench.run([name], SMALL)
    assert report.name == name
    assert report.figures
    for figure in report.figures:
        assert math.isfinite(figure.value), figure
        assert figure.value >= 0, figure
        if figure.judged is Judged.RATIO and figure.reference_what:
            assert figure.reference > 0, figure


def test_every_benchmark_that_can_be_named_is_a_module():
    folder = bench.__path__[0]
    modules = {path.stem for path in Path(folder).glob("*.py")} - {"__init__", "report", "server", "visitor", "browser"}
    assert modules == set(bench.NAMES)
