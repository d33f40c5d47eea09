"""Seed and journal give the same run again; anything else is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.data import Dataset
from explorer.engine.messages import Edit, RunState, SetHypers
from explorer.training.checkpoint import CheckpointError
from explorer.training.replay import replay
from explorer.training.run import Run

from .states import steps

MakeRun = Callable[..., Run]


def _changed_run(make_run: MakeRun) -> Run:
    run = steps(make_run(dropout=0.2, steps=60), 20)
    run.apply(SetHypers({"learning_rate": 0.03, "noise": 0.7}))
    run.apply(Edit("4.bias", (0,), 0.5))
    return steps(run, 40)


def test_a_run_with_changes_replays_to_the_last_bit(make_run: MakeRun) -> None:
    run = _changed_run(make_run)
    assert run.state is RunState.FINISHED
    report = replay(run.directory)
    assert report.bit_exact, report.differing
    assert (report.step, report.made_with) == (60, report.replayed_with)


def test_a_missing_change_is_noticed(make_run: MakeRun) -> None:
    run = _changed_run(make_run)
    lines = (run.directory / "journal.jsonl").read_text().splitlines(keepends=True)
    (run.directory / "journal.jsonl").write_text(lines[0])
    report = replay(run.directory)
    assert not report.bit_exact
    assert "module/model/4.bias" in report.differing


def test_another_seed_is_noticed(make_run: MakeRun) -> None:
    run = steps(make_run(steps=5), 5)
    record = json.loads((run.directory / "run.json").read_text())
    record["spec"]["seed"] = 1
    (run.directory / "run.json").write_text(json.dumps(record))
    assert not replay(run.directory).bit_exact


def test_the_learners_own_points_are_kept_with_the_run(tiny_spec: Callable[..., object], tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    points, classes = random.standard_normal((40, 2)).astype(np.float32), random.integers(0, 2, 40)
    own = Dataset(points, classes, points, classes, ("a", "b"), "yours")
    run = steps(Run.create(tiny_spec(), tmp_path / "own", own), 10)  # type: ignore[arg-type]
    run.checkpoint()
    assert replay(run.directory).bit_exact
    assert Run.open(run.directory).trainer.dataset.source == "yours"  # type: ignore[attr-defined]


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"holds no run: there is no run\.json"):
        replay(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"spec": {"architecture": "tiny"}}', '{"spec": {"knobs": 3}}'])
def test_a_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"run\.json cannot be read"):
        replay(tmp_path)


def test_a_directory_holds_one_run(make_run: MakeRun) -> None:
    make_run("same")
    with pytest.raises(FileExistsError, match="already holds a run"):
        make_run("same")


def test_a_torn_checkpoint_is_named(make_run: MakeRun) -> None:
    run = make_run()
    path = run.directory / "checkpoints" / "0.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"0\.safetensors cannot be read"):
        Run.open(run.directory)
