"""The graph component: a blueprint in, what the learner clicked out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Protocol

from streamlit.components.v2 import component

from explorer.blueprint import Blueprint
from explorer.ui.graph_wire import wire


@dataclass(frozen=True)
class Reading:
    """What one layer shows in an overlay: 0…1 on the colour map, and the number as words."""

    value: float
    label: str


@dataclass(frozen=True)
class Overlay:
    """What happens in each layer, by module path, for tinting the graph; `map` is a colour map of kit.js."""

    name: str  # e.g. "gradient norm"
    layers: Mapping[str, Reading]
    map: str = "gradient"


@dataclass(frozen=True)
class GraphEvent:
    """What the learner did; `selected` is a node id or a block's path, "" if nothing was clicked since the last run."""

    selected: str = field(default="")


class _Mounted(Protocol):
    select: str | None


def graph(
    blueprint: Blueprint,
    key: str,
    selected: str = "",
    overlay: Overlay | None = None,
    height: int = 520,
    title: str = "",
) -> GraphEvent:
    """Draw a blueprint, at most `height` pixels high; a change of `overlay` or `selected` does not lay it out again."""
    shown, signature = _wire(blueprint)
    data = {
        "blueprint": shown,
        "signature": signature,
        "selected": selected,
        "overlay": _overlay(overlay),
        "height": height,
        "title": title or f"{blueprint.architecture} {blueprint.variant}",
    }
    mounted: _Mounted = _component()(key=key, data=data, on_select_change=lambda: None)  # type: ignore[assignment]
    return GraphEvent(str(mounted.select or ""))


@cache
def _component():  # type: ignore[no-untyped-def] - Streamlit's own mounting function
    return component("explorer.graph", js="graph.js", css="graph.css")


@lru_cache(maxsize=64)
def _wire(blueprint: Blueprint) -> tuple[dict[str, object], str]:
    """Return what the component needs of a blueprint, and a digest by which it knows one from another."""
    return wire(blueprint), hashlib.sha256(repr(blueprint).encode()).hexdigest()[:16]


def _overlay(overlay: Overlay | None) -> dict[str, object] | None:
    if overlay is None:
        return None
    layers = {path: {"value": each.value, "label": each.label} for path, each in overlay.layers.items()}
    return {"name": overlay.name, "map": overlay.map, "layers": layers}
