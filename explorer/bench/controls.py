"""From turning a slider to the worker having applied it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.engine.client import Client
from explorer.engine.messages import SetHypers
from explorer.runspec import make_spec

TITLE = "From a slider to the network, worker side"
TASKS = (("perceptron", "clouds"), ("feed_forward", "spirals"), ("cnn", "mnist"))


def measure(effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data:
        client = Client.open(Path(data), workers=2, device="cpu")
        try:
            alone = _latencies(client, _start(client, 1), effort.rounds)
            yield Figure("one run: control applied, median", percentile(alone, 0.5) * 1000, "ms")
            yield Figure(
                "one run: control applied, p95", percentile(alone, 0.95) * 1000, "ms",
                judged=Judged.VALUE, at_most=20.0, note="with the step in progress and the answer's way back",
            )  # fmt: skip
            crowd = _latencies(client, _start(client, effort.crowd - 1), effort.rounds)
            yield Figure(f"{effort.crowd} runs: control applied, median", percentile(crowd, 0.5) * 1000, "ms")
            yield Figure(f"{effort.crowd} runs: control applied, p95", percentile(crowd, 0.95) * 1000, "ms")
        finally:
            client.close()


def _start(client: Client, count: int) -> list[str]:
    """Start runs of mixed kinds and wait until each has done a step."""
    specs = [make_spec(catalog.get(key), task) for key, task in TASKS]
    runs = [client.start(specs[(index + 1) % len(specs)]) for index in range(count)]
    for run in runs:
        while client.snapshot(run).step == 0:
            time.sleep(0.01)
    return runs


def _latencies(client: Client, runs: list[str], rounds: int) -> list[float]:
    """Change the learning rate of one run after another; return the seconds until the worker says it is done."""
    taken = []
    for turn in range(rounds):
        held = client.pool.find(runs[turn % len(runs)])
        assert held is not None
        rate = 0.001 * (1 + turn % 9)
        begin = time.perf_counter()
        client.control(held.run, SetHypers({"learning_rate": rate}))
        while held.pending:
            time.sleep(0.0002)
        taken.append(time.perf_counter() - begin)
        time.sleep(0.05)
    return taken
