"""Blueprints of paper-scale networks, beside torchview on the same models."""

from __future__ import annotations

import importlib
import importlib.util
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged
from explorer.engine.client import Client
from explorer.spec import Card, Variant
from explorer.tracing import trace

if TYPE_CHECKING:
    from torch import nn

TITLE = "Blueprints of paper-scale networks"
WAY = "torchview; both build on meta and trace in this process, CPU seconds, best of three"
LARGE = 5_000_000  # parameters from which the ratio is held to a goal; below, building a network takes most of the time
RATIO = 3.0


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
    yield from _deep()


def _deep() -> Iterator[Figure]:
    """Measure two networks as large as those of the later papers, made for the purpose."""
    from torch import nn

    def residual() -> nn.Module:
        widths = [64] * 3 + [128] * 4 + [256] * 6 + [512] * 3
        return nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), *map(_block, [64, *widths], widths))

    def encoder() -> nn.Module:
        return nn.Sequential(*(nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True) for _ in range(12)))

    for name, build, shape in (("residual, 16 blocks", residual, (3, 224, 224)), ("encoder, 12", encoder, (128, 512))):
        ours = _best(lambda build=build, shape=shape: trace.built(build, (shape,)), time.process_time)
        reference = _drawn(build, lambda shape=shape: (shape,))
        if not math.isnan(reference):
            yield Figure(
                f"{name}: traced, networks a second",
                1 / ours,
                "per s",
                1 / reference,
                WAY,
                Judged.RATIO,
                at_least=RATIO,
            )


def _block(inputs: int, width: int) -> nn.Module:
    """Return convolution, normalisation and ReLU, twice, and two pointwise convolutions."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(inputs, width, 1), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1),
        nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 4 * width, 1), nn.Conv2d(4 * width, width, 1),
    )  # fmt: skip


def _variant(client: Client, card: Card, variant: Variant) -> Iterator[Figure]:
    ask = lambda: client.blueprint(card.key, variant.id)  # noqa: E731
    name = f"{card.key} {variant.id}"
    yield Figure(f"{name}: asked for, first time", _time(ask), "s", judged=Judged.VALUE, at_most=1.0)
    yield Figure(f"{name}: asked for, cached", _best(ask), "s", judged=Judged.VALUE, at_most=0.05)
    if variant is not card.usual:
        return  # torchview takes seconds for a large network: one of each architecture is compared
    ours = _best(lambda: trace.blueprint(card.key, variant.id, {}), time.process_time)
    reference = _torchview(card, variant)
    if not math.isnan(reference):
        what = f"{name}: traced, networks a second"
        goal = RATIO if variant.parameters >= LARGE else 1.0
        yield Figure(what, 1 / ours, "per s", 1 / reference, WAY, Judged.RATIO, at_least=goal)


def _torchview(card: Card, variant: Variant) -> float:
    module = importlib.import_module(f"explorer.architectures.{card.key}.model")
    settings = card.settings(variant, {})
    return _drawn(lambda: module.build(settings), lambda: trace.inputs_of(module, variant, settings))


def _drawn(build: Callable[[], nn.Module], inputs: Callable[[], tuple[trace.Input, ...]]) -> float:
    """Return torchview's CPU seconds; nan where it is not installed or cannot draw the network."""
    if importlib.util.find_spec("torchview") is None:
        return math.nan
    import torch
    from torchview import draw_graph

    def draw() -> None:
        with torch.device("meta"):
            given = [torch.empty(1, *each) if isinstance(each, tuple) else each for each in inputs()]
            draw_graph(build(), input_data=given, device="meta", expand_nested=True)

    try:
        return _best(draw, time.process_time)
    except RuntimeError:  # what torchview raises for a forward pass it cannot follow
        return math.nan


def _best(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    return min(_time(act, clock) for _ in range(3))


def _time(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begin = clock()
    act()
    return clock() - begin
