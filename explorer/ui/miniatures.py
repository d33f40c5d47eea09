"""True miniatures of the networks: one bar for each layer, its height and width from the layer's real shape."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass

import streamlit as st

from explorer import catalog
from explorer.blueprint import Blueprint, Node
from explorer.engine.client import Client
from explorer.engine.errors import EngineError
from explorer.engine.messages import DeviceInfo
from explorer.spec import Kind
from explorer.ui.session import client

LOG = logging.getLogger("explorer.miniatures")
DRAWN = frozenset(set(Kind) - {Kind.ACTIVATION, Kind.RESHAPE, Kind.NORMALISATION})
MOST_BARS = 36


@dataclass(frozen=True)
class Bar:
    """One layer: its kind, and its height (space or units) and width (channels), both from 0 to 1."""

    kind: Kind
    height: float
    width: float
    units: int  # of a dense layer, 0 for maps


def bars(blueprint: Blueprint) -> tuple[Bar, ...]:
    """Return the input and the layers that have weights or pool, thinned evenly to what fits into a thumbnail.

    Layers side by side, of one kind and depth, are one bar with the channels of all.
    """
    columns: dict[tuple[int, Kind, tuple[int, ...]], list[Node]] = {}
    depths = _depths(blueprint)
    for node in blueprint.nodes:
        if node.kind in DRAWN and node.out_shape:
            columns.setdefault((depths[node.id], node.kind, node.out_shape[1:]), []).append(node)
    layers = [
        _bar(kind, (sum(node.out_shape[0] for node in nodes), *rest))
        for (_, kind, rest), nodes in sorted(columns.items(), key=lambda column: column[0][0])
    ]
    whole = [_bar(Kind.RESHAPE, blueprint.input_shape), *layers]
    step = max(1.0, len(whole) / MOST_BARS)
    return tuple(whole[int(i * step)] for i in range(int(len(whole) / step)))


def _depths(blueprint: Blueprint) -> dict[str, int]:
    """Return for every node the length of the longest way to it from the input; nodes stand in the order they ran."""
    depths = {node.id: 0 for node in blueprint.nodes}
    before: dict[str, list[str]] = {}
    for source, target in blueprint.edges:
        before.setdefault(target, []).append(source)
    for node in blueprint.nodes:
        depths[node.id] = 1 + max((depths.get(each, 0) for each in before.get(node.id, ())), default=0)
    return depths


def _bar(kind: Kind, shape: tuple[int, ...]) -> Bar:
    if len(shape) >= 3:
        return Bar(kind, _share(max(shape[1:]), 224), 0.35 + 0.65 * _share(shape[0], 1024), 0)
    units = shape[-1] if shape else 1
    return Bar(kind, _share(units, 4096), 0.3, units)


def _share(size: int, largest: int) -> float:
    """Return a size on a logarithmic scale, 0.12 for one, 1 for the largest or more."""
    return min(1.0, 0.12 + 0.88 * math.log(max(1, size)) / math.log(largest))


class Miniatures:
    """Fetches every card's blueprint in the background, so that Home is painted before the workers are warm."""

    def __init__(self, engine: Client) -> None:
        self._engine, self._found, self._missed = engine, dict[str, tuple[Bar, ...]](), set[str]()
        self.devices: tuple[DeviceInfo, ...] = ()  # none as long as the workers have not told
        self.said = False  # whether they have, or cannot
        for work in (self._ask_devices, self._fetch):
            threading.Thread(target=work, name=f"miniatures{work.__name__}", daemon=True).start()

    def get(self, key: str) -> tuple[Bar, ...]:
        """Return a card's bars, none as long as its blueprint is not there."""
        return self._found.get(key, ())

    @property
    def done(self) -> bool:
        """Return whether every card's blueprint has been asked for and answered."""
        return all(card.key in self._found or card.key in self._missed for card in catalog.cards())

    def _ask_devices(self) -> None:
        try:
            self.devices = self._engine.devices()
        except EngineError:
            LOG.exception("the workers did not tell which devices there are")
        self.said = True

    def _fetch(self) -> None:
        for card in catalog.cards():
            try:
                self._found[card.key] = bars(self._engine.blueprint(card.key, card.usual.id))
            except (EngineError, ValueError):
                self._missed.add(card.key)
                LOG.exception("no miniature of %s", card.key)


@st.cache_resource(show_spinner=False)
def miniatures() -> Miniatures:
    """Return the miniatures, one set for the whole server."""
    return Miniatures(client())
