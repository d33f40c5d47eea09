"""A worker is killed: how soon its run lives again, and how much is done twice."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged
from explorer.engine.client import Client
from explorer.runspec import make_spec

TITLE = "A killed worker"
WARM_UP = 4.0  # seconds: past the first checkpoint


def measure(effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data:
        client = Client.open(Path(data), workers=2, device="cpu")
        try:
            run = client.start(make_spec(catalog.get("cnn"), "mnist"))
            _train(client, run, max(effort.seconds / 2, WARM_UP if effort.rounds > 2 else effort.seconds))
            yield from _kill(client, run)
        finally:
            client.close()


def _train(client: Client, run: str, seconds: float) -> None:
    while client.snapshot(run).step == 0:
        time.sleep(0.02)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        client.snapshot(run)
        time.sleep(0.05)


def _kill(client: Client, run: str) -> Iterator[Figure]:
    before = client.snapshot(run)
    slot = client.pool.slot_of(run)
    assert slot is not None
    begin = time.perf_counter()
    os.kill(slot.pid, signal.SIGKILL)
    while client.pool.slot_of(run) is slot or not (after := client.snapshot(run)).message:
        time.sleep(0.002)
    alive = time.perf_counter() - begin
    resumed = max((step for step in after.rewindable if step <= before.step), default=0)
    redone = max(0, before.step - resumed)
    yield Figure("killed → running again", alive, "s", judged=Judged.VALUE, at_most=5.0)
    yield Figure("steps done twice", redone, "steps")
    yield Figure("training done twice", redone * before.seconds / before.step, "s", judged=Judged.VALUE, at_most=5.0)
