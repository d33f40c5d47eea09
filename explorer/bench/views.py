"""Switching pages and views: what the server needs, seen from the other end of the websocket."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.bench.server import app
from explorer.bench.visitor import visit

TITLE = "Switching page or view, server side"
VIEWS = ("structure", "train", "inside", "learn")


def measure(effort: Effort) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data, app(Path(data)) as running:
        times = asyncio.run(_walk(running.url, effort))
    for view, taken in times.items():
        yield Figure(f"{view}: median", percentile(taken, 0.5) * 1000, "ms")
    everything = [each for taken in times.values() for each in taken]
    yield Figure("all: median", percentile(everything, 0.5) * 1000, "ms")
    yield Figure("all: p95", percentile(everything, 0.95) * 1000, "ms", judged=Judged.VALUE, at_most=100.0)


async def _walk(url: str, effort: Effort) -> dict[str, list[float]]:
    """Go through every view of every page again and again; the first round, which fills caches, does not count."""
    cards = catalog.cards()[: effort.networks or None]
    places = [("home", "", "")] + [(view, card.key, f"view={view}") for card in cards for view in VIEWS]
    times: dict[str, list[float]] = {name: [] for name, _, _ in places}
    async with visit(url) as visitor:
        for turn in range(1 + max(1, effort.rounds // 4)):
            for name, page, query in places:
                taken = await visitor.open(page, query)
                if turn:
                    times[name].append(taken)
        if visitor.exceptions:
            raise RuntimeError(f"a page showed an error: {visitor.exceptions[0]}")
    return times
