"""TensorFlow Playground's default task: epochs a second, every unit's heat map made after each."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from explorer import catalog
from explorer.bench.browser import chromium, page
from explorer.bench.report import Effort, Figure, Judged
from explorer.engine.messages import LensRequest
from explorer.runspec import make_spec
from explorer.training.run import Run

TITLE = "TensorFlow Playground's default task (circles, 4 and 2 tanh units, batch 10, 250 points)"
SCRIPT = Path(__file__).with_name("playground.js")
KNOBS = {"widths": (4, 2), "activation": "tanh", "optimizer": "sgd"}
HYPERS = {"learning_rate": 0.03, "momentum": 0.0, "batch_size": 10, "noise": 0.0}
DATA = {"points": 250, "test_points": 250}
PLANE = LensRequest("plane")


def measure(effort: Effort) -> Iterator[Figure]:
    begin = time.perf_counter()
    turns = [(_ours(effort.seconds / 3), _theirs(effort.seconds / 3)) for _ in range(3 if effort.rounds > 2 else 1)]
    ours, grid = max(pair[0] for pair in turns)
    reference, where = max(pair[1] for pair in turns)
    note = f"a grid of {grid}; {time.perf_counter() - begin:.0f} s in turns, the best of each"
    what = (
        f"the Playground's loop re-implemented in JavaScript on {where}: 100 × 100 grid, nothing painted"
        if where
        else ""
    )
    yield Figure(
        "epochs a second with every unit's heat map",
        ours,
        "per s",
        reference,
        what,
        Judged.RATIO,
        at_least=2.0,
        note=note,
    )


def _ours(seconds: float) -> tuple[float, str]:
    """Return epochs per second of a run that is scored and looked at after each epoch, and the size of the maps."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as directory:
            spec = make_spec(catalog.get("feed_forward"), "circles", KNOBS, HYPERS, DATA)
            run = Run.create(spec, Path(directory) / "run")
            _epochs(run, seconds / 5)
            return _epochs(run, seconds), _grid(run)
    finally:
        torch.set_num_threads(threads)


def _epochs(run: Run, seconds: float) -> float:
    begin, epochs = time.perf_counter(), 0
    length = round(run.trainer.steps_per_epoch)
    with run.randomness:
        while time.perf_counter() < begin + seconds:
            for _ in range(length):
                run.advance()
            run.trainer.evaluate()
            run.look(PLANE)
            epochs += 1
    return epochs / (time.perf_counter() - begin)


def _grid(run: Run) -> str:
    """Return the resolution of the largest map, e.g. "100 × 100"."""
    arrays = run.look(PLANE).arrays.values()
    height, width = max((array.shape[-2:] for array in arrays if array.ndim >= 2), key=math.prod)
    return f"{height} × {width}"


def _theirs(seconds: float) -> tuple[float, str]:
    """Return epochs per second of the reference and what ran it; nan and "" without Node and Chromium."""
    node = shutil.which("node")
    if node:
        done = subprocess.run([node, str(SCRIPT), str(seconds)], capture_output=True, text=True, check=True)
        return float(json.loads(done.stdout)["epochsPerSecond"]), "Node"
    if not chromium():
        return math.nan, ""
    with page() as tab:
        source = SCRIPT.read_text(encoding="utf-8").rpartition("console.log")[0]
        found = tab.evaluate(f"() => {{ {source}; return measure({seconds}); }}")
        return float(found["epochsPerSecond"]), "Chromium"
