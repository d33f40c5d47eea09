"""TensorFlow Playground's default task: epochs a second, every unit's heat map made after each."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    seconds = effort.seconds / 3
    turns = [(_ours(seconds), _loop(seconds), _page(seconds)) for _ in range(3 if effort.rounds > 2 else 1)]
    ours = max(turn[0] for turn in turns)
    loop, shown = (max((turn[way] for turn in turns), key=_or_zero) for way in (1, 2))
    name = "epochs a second with every unit's heat map"
    note = f"grid of {_grid()}, in turns, the best of each"
    if not math.isnan(shown):
        what = "the Playground's page re-implemented, in Chromium: an epoch a frame, maps painted"
        yield Figure(name, ours, "per s", shown, what, Judged.RATIO, at_least=2.0, note=note)
    if not math.isnan(loop):
        what = "its loop alone in Node, as fast as it goes: 100 × 100 grid, nothing painted"
        judged = Judged.RATIO if math.isnan(shown) else Judged.NOTHING
        yield Figure(name, ours, "per s", loop, what, judged, at_least=2.0, note=note)
    if math.isnan(shown) and math.isnan(loop):
        yield Figure(name, ours, "per s", note=f"{note}; neither Node nor Chromium is here for the reference")


def _ours(seconds: float) -> float:
    """Return epochs per second of a run that is scored and looked at after each epoch."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with _run() as run:
            _epochs(run, seconds / 5)
            return _epochs(run, seconds)
    finally:
        torch.set_num_threads(threads)


@contextmanager
def _run() -> Iterator[Run]:
    with tempfile.TemporaryDirectory() as directory:
        yield Run.create(
            make_spec(catalog.get("feed_forward"), "circles", KNOBS, HYPERS, DATA), Path(directory) / "run"
        )


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


def _grid() -> str:
    """Return the resolution of the largest map, e.g. "100 × 100"."""
    with _run() as run:
        arrays = run.look(PLANE).arrays.values()
    height, width = max((array.shape[-2:] for array in arrays if array.ndim >= 2), key=math.prod)
    return f"{height} × {width}"


def _loop(seconds: float) -> float:
    """Return epochs per second of the bare loop; nan without Node."""
    node = shutil.which("node")
    if not node:
        return math.nan
    done = subprocess.run([node, str(SCRIPT), str(seconds)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["epochsPerSecond"])


def _page(seconds: float) -> float:
    """Return epochs per second of the page; nan without Chromium."""
    if not chromium():
        return math.nan
    with page() as tab:
        found = tab.evaluate(f"() => {{ {SCRIPT.read_text(encoding='utf-8')}; return paced({seconds}); }}")
    return float(found["epochsPerSecond"])


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
