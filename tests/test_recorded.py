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
    """The score is the task's first metric; the list gives it, in percent or as it is, as its first number."""
    shutil.copytree(recorded, tmp_path / "run")
    comes_trained = not (recorded / "checkpoints").exists()  # its weights lie in the data: it stands at step 0
    run = Run.begin(tmp_path / "run") if comes_trained else Run.open(tmp_path / "run")
    assert (run.spec.architecture, run.spec.task) == recorded.parts[-2:]
    metric = run.task.metrics[0]
    scores = run.trainer.evaluate() if metric.held_out else run.trainer.batch_scores()
    score = float(scores[metric.key])
    kept = score if comes_trained else run.curves.latest[metric.key]
    says = float(_reached(recorded))
    if metric.percent:
        assert score == pytest.approx(kept, abs=1.5 / 1000)
        assert 100 * score == pytest.approx(says, abs=0.15)
    else:
        assert score == pytest.approx(kept, rel=0.01)
        assert score == pytest.approx(says, rel=0.06)
    most = 3_000_000 if run.task.dataset.startswith(("characters", "pieces", "spans", "verses")) else 1_500_000
    assert sum(file.stat().st_size for file in recorded.rglob("*") if file.is_file()) <= most


def _reached(recorded: Path) -> str:
    """Return the first number of what the list says that the run reached."""
    name = f"`{recorded.parent.name}/{recorded.name}`"
    (line,) = [line for line in (paths.recorded() / "README.md").read_text().splitlines() if name in line]
    found = re.search(r"\d+(\.\d+)?", line.split("|")[3])
    assert found is not None
    return found[0]
