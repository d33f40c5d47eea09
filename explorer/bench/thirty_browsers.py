"""Thirty learners, each with a page that trains and refreshes, on one server with two workers."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from explorer import catalog
from explorer.bench.controls import TASKS
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.bench.server import App, app
from explorer.bench.visitor import visit
from explorer.engine.client import Client
from explorer.runspec import make_spec

TITLE = "Many browser sessions, each training and watching"


def measure(effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data:
        links = _prepare(Path(data), effort.crowd)
        with app(Path(data)) as running:
            refreshes, memory = asyncio.run(_class(running, links, effort.seconds))
    name = f"{effort.crowd} sessions"
    yield Figure(
        f"{name}: refresh, median", percentile(refreshes, 0.5) * 1000, "ms", note=f"{len(refreshes):,} refreshes"
    )
    yield Figure(f"{name}: refresh, p95", percentile(refreshes, 0.95) * 1000, "ms", judged=Judged.VALUE, at_most=200.0)
    yield Figure(f"{name}: memory of server and workers", memory, "MB", judged=Judged.VALUE, at_most=1500.0)


def _prepare(data: Path, count: int) -> list[tuple[str, str]]:
    """Start as many runs and put them to sleep; return page and query of each. Whoever opens the link wakes its run."""
    client = Client.open(data, workers=1, device="cpu")
    links = []
    try:
        for index in range(count):
            key, task = TASKS[index % len(TASKS)]
            run = client.start(make_spec(catalog.get(key), task, seed=index))
            links.append((key, f"view=train&task={task}&run={run}"))
        for _, query in links:
            while client.snapshot(query.rpartition("=")[2]).step == 0:
                time.sleep(0.01)
    finally:
        client.close()
    return links


async def _class(running: App, links: list[tuple[str, str]], seconds: float) -> tuple[list[float], float]:
    sessions = [asyncio.create_task(_learner(running.url, *link, seconds)) for link in links]
    await asyncio.sleep(0.8 * seconds)
    memory = await asyncio.to_thread(running.memory)
    return [each for times in await asyncio.gather(*sessions) for each in times], memory


async def _learner(url: str, page: str, query: str, seconds: float) -> list[float]:
    async with visit(url) as visitor:
        await visitor.open(page, query)
        await visitor.poll(0.3 * seconds)  # everyone has arrived
        times = await visitor.poll(0.7 * seconds)
        if visitor.exceptions:
            raise RuntimeError(f"a page showed an error: {visitor.exceptions[0]}")
    if not times:
        raise RuntimeError(f"/{page}?{query} polls nothing: the run it names is not shown as training")
    return times
