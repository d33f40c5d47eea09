"""From the command to the first useful paint."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from explorer.bench.browser import chromium, page
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.bench.server import App, app
from explorer.bench.visitor import visit

TITLE = "Cold start: from the command to the first useful paint"
GOAL = 2.0


def measure(effort: Effort) -> Iterator[Figure]:
    rounds = max(1, min(5, effort.rounds // 8))
    with tempfile.TemporaryDirectory() as data:
        if rounds > 1:
            _with_app(Path(data), _first_delta)  # so that the disk is warm
        deltas = [_with_app(Path(data), _first_delta) for _ in range(rounds)]
        paints = _paints(Path(data), rounds)
    judged = Judged.NOTHING if paints else Judged.VALUE
    note = "" if paints else "no Chromium here: the first message of the page stands for its paint"
    yield Figure(
        "command → first message of the home page", percentile(deltas, 0.5), "s", judged=judged, at_most=GOAL, note=note
    )
    if paints:
        yield Figure(
            "command → gallery visible in Chromium", percentile(paints, 0.5), "s", judged=Judged.VALUE, at_most=GOAL
        )


def _with_app(data: Path, seconds_until: Callable[[App], float]) -> float:
    with app(data) as running:
        return seconds_until(running)


def _first_delta(running: App) -> float:
    async def first() -> float:
        async with visit(running.url) as visitor:
            sent = time.perf_counter()
            await visitor.open("")
            return sent + visitor.first_delta - running.started

    return asyncio.run(first())


def _paints(data: Path, rounds: int) -> list[float]:
    if not chromium():
        return []
    with page() as tab:
        tab.goto("about:blank")

        def paint(running: App) -> float:
            tab.goto(running.url, wait_until="commit")
            tab.get_by_text("Perceptron").locator("visible=true").first.wait_for()
            return time.perf_counter() - running.started

        return [_with_app(data, paint) for _ in range(rounds)]
