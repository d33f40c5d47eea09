"""Blueprints of paper-scale networks, beside torchview on the same models."""

from __future__ import annotations

import importlib
import importlib.util
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged
from explorer.engine.client import Client
from explorer.spec import Card, Variant
from explorer.tracing import trace

TITLE = "Blueprints of paper-scale networks"
WAY = "torchview; both build on meta and trace in this process, best of five"


def measure(effort: Effort) -> Iterator[Figure]:
    places = [(card, variant) for card in catalog.cards() for variant in card.variants]
    places = places[: effort.networks or None]
    with tempfile.TemporaryDirectory() as data:
        client = Client.open(Path(data), workers=1, device="cpu")
        try:
            client.devices()  # the desk is up
            client.source(places[0][0].key, places[0][1].id)
            for card, variant in places:
                yield from _variant(client, card, variant)
        finally:
            client.close()


def _variant(client: Client, card: Card, variant: Variant) -> Iterator[Figure]:
    ask = lambda: client.blueprint(card.key, variant.id)  # noqa: E731
    name = f"{card.key} {variant.id}"
    yield Figure(f"{name}: asked for, first time", _time(ask), "s", judged=Judged.VALUE, at_most=1.0)
    yield Figure(f"{name}: asked for, cached", _best(ask), "s", judged=Judged.VALUE, at_most=0.05)
    ours = _best(lambda: trace.blueprint(card.key, variant.id, {}))
    reference = _torchview(card, variant)
    if not math.isnan(reference):
        what = f"{name}: traced, networks a second"
        yield Figure(what, 1 / ours, "per s", 1 / reference, WAY, Judged.RATIO, at_least=3.0)


def _torchview(card: Card, variant: Variant) -> float:
    """Return torchview's seconds; nan where it is not installed or cannot draw the network."""
    if importlib.util.find_spec("torchview") is None:
        return math.nan
    import torch
    from torchview import draw_graph

    build = importlib.import_module(f"explorer.architectures.{card.key}.model").build
    settings = card.settings(variant, {})

    def draw() -> None:
        with torch.device("meta"):
            model = build(settings)
            draw_graph(model, input_data=torch.empty(1, *variant.input_shape), device="meta", expand_nested=True)

    try:
        return _best(draw)
    except RuntimeError:  # what torchview raises for a forward pass it cannot follow
        return math.nan


def _best(act: Callable[[], object]) -> float:
    return min(_time(act) for _ in range(5))


def _time(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
