"""The map of where the parameters sit: a click on a rectangle chooses its layer."""

from __future__ import annotations

from functools import cache

from streamlit.components.v2 import component

from explorer.blueprint import Blueprint
from explorer.plots.treemap import summary, tiles


def parameter_map(blueprint: Blueprint, key: str, selected: str) -> str:
    """Draw the map; return the id of the rectangle clicked since the last run, or ""."""
    rows = [
        {"id": tile.id, "label": tile.label, "parent": tile.parent, "parameters": tile.parameters, "kind": tile.kind}
        for tile in tiles(blueprint)
    ]
    data = {
        "rows": rows,
        "total": blueprint.parameters,
        "selected": selected,
        "label": f"Map of {blueprint.parameters:,} parameters. {summary(blueprint)} The layer table holds the numbers.",
    }
    return str(_component()(key=key, data=data, on_select_change=lambda: None).select or "")


@cache
def _component():  # type: ignore[no-untyped-def] - Streamlit's own mounting function
    return component("explorer.treemap", js="treemap.js", css="treemap.css")
