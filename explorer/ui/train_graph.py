"""The graph of the network that trains, coloured by what happens in each layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from explorer.engine.blueprints import small_key
from explorer.engine.errors import EngineError
from explorer.engine.messages import LayerStats, Snapshot
from explorer.spec import SpecError
from explorer.ui.graph import Overlay, Reading, graph
from explorer.ui.later import later
from explorer.ui.session import client

LEAST_GRADIENT, DECADES = 1e-4, 5  # the scale of the gradient norm: 0.0001 … 10


@dataclass(frozen=True)
class Look:
    """One way to colour the graph: the figure read from a layer, its place 0 … 1 on the colour map, its words."""

    figure: Callable[[LayerStats], float]
    place: Callable[[float, float], float]  # (figure, largest figure of all layers)
    words: Callable[[float], str]
    map: str


LOOKS: dict[str, Look] = {
    "gradient norm": Look(
        lambda layer: layer.gradient_norm,
        lambda norm, _: min(1.0, max(0.0, math.log10(max(norm, 1e-12) / LEAST_GRADIENT) / DECADES)),
        lambda norm: f"{norm:.2g}",
        "gradient",
    ),
    "activation": Look(
        lambda layer: layer.activation_mean,
        lambda mean, most: mean / max(most, 1e-12),
        lambda mean: f"{mean:.2g}",
        "magnitude",
    ),
    "dead units": Look(
        lambda layer: layer.dead_share, lambda share, _: share, lambda share: f"{100 * share:.0f}\u2009%", "magnitude"
    ),
}


def show(snapshot: Snapshot) -> None:
    """Draw the graph of the run's network with the colouring that was chosen."""
    if not snapshot.layers:
        return
    name = st.segmented_control("Colour the layers by", list(LOOKS), default="gradient norm", key="train_overlay")
    try:
        engine = client()
        blueprint = later(("blueprint", small_key(snapshot.spec)), lambda: engine.small_blueprint(snapshot.spec))
    except (EngineError, SpecError) as error:
        st.warning(str(error))
        return
    if blueprint is None:
        return  # the next refresh asks again
    graph(blueprint, key="train_graph", overlay=overlay(name, snapshot.layers) if name else None, height=260)
    if name == "dead units" and all(math.isnan(each.dead_share) for each in snapshot.layers):
        st.caption("Only ReLU units can die: their zero passes no gradient back. This network has none.")


def overlay(name: str, layers: tuple[LayerStats, ...]) -> Overlay:
    """Return the colouring called `name` for these layers; layers for which the figure means nothing are left out."""
    look = LOOKS[name]
    figures = {each.path: look.figure(each) for each in layers if math.isfinite(look.figure(each))}
    most = max(figures.values(), default=0.0)
    return Overlay(name, {path: Reading(look.place(f, most), look.words(f)) for path, f in figures.items()}, look.map)
