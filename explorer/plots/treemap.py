"""Where the parameters sit: a rectangle a layer, its area their number."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from explorer.blueprint import Blueprint
from explorer.plots.theme import KIND_COLOURS, SANS, TOKENS, Theme, template
from explorer.spec import Kind

ROOT = "/"  # no module path begins so


def treemap(blueprint: Blueprint, theme: Theme, selected: str = "") -> go.Figure:
    """Return the treemap; ids are node ids and block paths, the selected one is framed in the hand's colour."""
    rows = _rows(blueprint)
    tokens, kinds = TOKENS[theme], KIND_COLOURS[theme]
    figure = go.Figure(
        go.Treemap(
            ids=[row[0] for row in rows],
            labels=[html.escape(row[1]) for row in rows],
            parents=[row[2] for row in rows],
            values=[row[3] for row in rows],
            customdata=[row[0] for row in rows],
            branchvalues="total",
            sort=True,
            pathbar={"visible": False},
            tiling={"pad": 2},
            marker={
                "colors": [tokens["bg"] if row[0] == ROOT else kinds[row[4]] for row in rows],
                "line": {
                    "width": [3.0 if row[0] == selected else 0.5 for row in rows],
                    "color": [tokens["hand"] if row[0] == selected else tokens["bg"] for row in rows],
                },
            },
            texttemplate="%{label}<br>%{percentRoot:.1%}",
            hovertemplate="%{label}: %{value:,} parameters<extra></extra>",
            textfont={"family": SANS, "size": 13, "color": tokens["bg"]},
            root={"color": tokens["bg"]},
        )
    )
    return figure.update_layout(template=template(theme), margin={"l": 0, "r": 0, "t": 0, "b": 0}, height=260)


def _rows(blueprint: Blueprint) -> list[tuple[str, str, str, int, Kind]]:
    """Return (id, label, parent, parameters, kind) of all that has parameters, the whole network first."""
    titles = {group.path: (group.title, group.parameters, group.kind) for group in blueprint.groups}
    titles |= {node.id: (node.label, node.parameters, node.kind) for node in blueprint.nodes}
    rows = [(ROOT, "all", "", titles[""][1], titles[""][2])]
    for group in blueprint.groups:
        for member in group.members:
            label, parameters, kind = titles[member]
            if parameters:
                rows.append((member, label, group.path or ROOT, parameters, kind))
    return rows
