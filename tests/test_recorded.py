from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from explorer import paths
from explorer.training.run import Run

RUNS = sorted(path.parent for path in paths.recorded().glob("*/*/run.json"))


def test_the_digits_are_recorded() -> None:
    assert "cnn/mnist" in [f"{run.parent.name}/{run.name}" for run in RUNS]


@pytest.mark.parametrize("recorded", RUNS, ids=lambda run: f"{run.parent.name}-{run.name}")
def test_a_recorded_run_opens_and_scores_what_it_says(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert (run.spec.architecture, run.spec.task) == recorded.parts[-2:]
    scores = run.trainer.evaluate()
    assert scores["test_accuracy"] == pytest.approx(run.curves.latest["test_accuracy"], abs=1.5 / 1000)
    name = f"{recorded.parent.name}/{recorded.name}"
    (line,) = [line for line in (paths.recorded() / "README.md").read_text().splitlines() if f"`{name}`" in line]
    says = re.search(r"([\d.]+) % of", line)
    assert says is not None
    assert 100 * scores["test_accuracy"] == pytest.approx(float(says[1]), abs=0.15)
    assert sum(file.stat().st_size for file in recorded.rglob("*") if file.is_file()) <= 300_000
