"""Thirty learners press Train at once, on two workers."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from explorer import catalog
from explorer.bench.controls import TASKS
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.bench.server import proportional_memory
from explorer.engine.client import Client
from explorer.engine.messages import RunState
from explorer.runspec import make_spec

TITLE = "Many runs at once on two workers"


def measure(effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data:
        client = Client.open(Path(data), workers=2, device="cpu")
        try:
            client.devices()  # workers and desk are up
            yield Figure(
                "one run: start → first visible progress",
                _start(client, 1)[1][0] * 1000,
                "ms",
                judged=Judged.VALUE,
                at_most=200.0,
            )
            runs, first = _start(client, effort.crowd)
            name = f"{effort.crowd} runs"
            yield Figure(f"{name}: first visible progress, median", percentile(first, 0.5), "s")
            yield Figure(f"{name}: first visible progress, worst", max(first), "s", judged=Judged.VALUE, at_most=1.5)
            yield Figure(f"{name}: training time, least over most", _fairness(client, runs, effort.seconds), "")
            memory = sum(proportional_memory(child.pid) for child in psutil.Process(os.getpid()).children())
            yield Figure(f"{name}: memory of all workers", memory, "MB", note="shared pages counted once")
        finally:
            client.close()


def _start(client: Client, count: int) -> tuple[list[str], list[float]]:
    """Start runs at once, each watched as by its page; return them, and the seconds until each showed a step."""
    specs = [make_spec(catalog.get(key), task, seed=index) for index, (key, task) in enumerate(TASKS)]

    def learner(index: int) -> tuple[str, float]:
        begin = time.perf_counter()
        run = client.start(specs[index % len(specs)])
        while client.snapshot(run).step == 0:
            time.sleep(0.05)
        return run, time.perf_counter() - begin

    with ThreadPoolExecutor(count) as learners:
        done = list(learners.map(learner, range(count)))
    return [run for run, _ in done], [seconds for _, seconds in done]


def _fairness(client: Client, runs: list[str], seconds: float) -> float:
    """Return the least training time a run got over the most, among those still learning."""
    before = {run: client.snapshot(run) for run in runs}
    time.sleep(seconds)
    after = {run: client.snapshot(run) for run in runs}
    got = [after[run].seconds - before[run].seconds for run in runs if after[run].state is RunState.LIVE]
    return min(got) / max(got)
