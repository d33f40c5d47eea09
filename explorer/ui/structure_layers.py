"""The layer table beside the graph, and what is known of the layer that is selected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import streamlit as st
from streamlit.components.v2 import component

from explorer.blueprint import Blueprint, Group, Node, full_name, title_of
from explorer.engine.messages import Json
from explorer.plots.dot import shape_text
from explorer.spec import Kind
from explorer.ui.text import escape, percent

FEW = 3  # equal blocks after the first that are listed one by one
REST = "~rest"


def layer_table(blueprint: Blueprint, key: str, selected: str) -> str:
    """Draw the table; return the id of the row clicked since the last run, or ""."""
    rows = [row.sent() for row in rows_of(blueprint)]
    data = {
        "rows": rows,
        "selected": selected,
        "around": _opened(blueprint, selected),
        "signature": f"{blueprint.architecture}/{blueprint.variant}/{len(rows)}",
    }
    chosen = str(_component()(key=key, data=data, on_select_change=lambda: None).select or "")
    return chosen.removesuffix(REST)


@dataclass(frozen=True)
class Row:
    """One line of the table; `id` is a layer's or a block's, or the first of a row of equal blocks with REST behind."""

    id: str
    name: str
    kind: Kind
    depth: int
    block: bool
    shape: str
    parameters: int
    macs: int

    def sent(self) -> dict[str, Json]:
        """Return the line as the browser reads it; quiet lines neither learn nor multiply."""
        return {**vars(self), "kind": self.kind.value, "quiet": not self.parameters and not self.macs}


def rows_of(blueprint: Blueprint) -> Iterator[Row]:
    """Return the table's lines: many equal blocks in a row stand under one line that opens them."""
    blocks = {group.path for group in blueprint.groups}
    names = {group.path: group.title for group in blueprint.groups} | {node.id: node.label for node in blueprint.nodes}
    rests = {group.repeats[0]: group.repeats for group in blueprint.groups if len(group.repeats) > FEW}
    deeper = {path for repeats in rests.values() for path in repeats}
    parents = _parents(blueprint)
    for row in blueprint.layers:
        above = sum(path in deeper for path in (row.path, *_holders(parents, row.path)))
        if row.path in rests:
            repeats = rests[row.path]
            name = f"{names[row.path]}–{names[repeats[-1]].rpartition(' ')[2]}"
            count, shape = len(repeats), shape_text(row.out_shape)
            yield Row(
                row.path + REST, name, row.kind, row.depth + above - 1, True, shape, count * row.parameters,
                count * row.macs,
            )  # fmt: skip
        yield Row(
            row.path, names[row.path], row.kind, row.depth + above, row.path in blocks, shape_text(row.out_shape),
            row.parameters, row.macs,
        )  # fmt: skip


@cache
def _component():  # type: ignore[no-untyped-def] - Streamlit's own mounting function
    return component("explorer.layers", js="layers.js", css="layers.css")


def around(blueprint: Blueprint, id: str) -> list[str]:
    """Return the blocks that hold a node or block, innermost first."""
    return _holders(_parents(blueprint), id)


def _parents(blueprint: Blueprint) -> dict[str, str]:
    return {member: group.path for group in blueprint.groups for member in group.members}


def _holders(parents: Mapping[str, str], id: str) -> list[str]:
    found: list[str] = []
    while parents.get(id):
        id = parents[id]
        found.append(id)
    return found


def _opened(blueprint: Blueprint, selected: str) -> list[str]:
    """Return the ids of the lines that have to be open for the selected one to be seen."""
    holders = [selected, *around(blueprint, selected)]
    rests = [group.repeats[0] + REST for group in blueprint.groups if set(group.repeats) & set(holders)]
    return [*holders[1:], *rests]


def details(blueprint: Blueprint, selected: str) -> None:
    """Show what is known of the selected node or block."""
    nodes, groups = {node.id: node for node in blueprint.nodes}, {group.path: group for group in blueprint.groups}
    if selected in nodes:
        _node(nodes[selected], blueprint)
    elif selected and selected in groups:
        _group(groups[selected], blueprint)
    else:
        if selected:
            st.caption(f"This network has no layer called {selected}.")
        heaviest = max(blueprint.nodes, key=lambda node: node.parameters)
        _node(heaviest, blueprint)
        st.html(
            '<p class="ex-caption">The layer with most parameters, as an example. '
            "Click another in the graph, the map or the table to read its numbers here.</p>"
        )


def _node(node: Node, blueprint: Blueprint) -> None:
    ins = ", ".join(dict.fromkeys(map(shape_text, node.in_shapes)))
    facts = {
        "In → out": f"{ins or '–'} → {shape_text(node.out_shape)}",
        "Kind": words(node),
        "Parameters": formula(node),
        "Multiply–adds": f"{node.macs:,}",
        "Kept for backward": f"{node.activation_bytes:,} bytes",
    }
    if node.receptive_field:
        facts["Sees"] = f"{node.receptive_field} px of the image"
    if node.times > 1:
        facts["Runs"] = f"{node.times} times, each on what the last one left"
    if node.shared:
        facts["Weights"] = f"shared with {title_of(node.shared)}, counted there"
    if node.path:
        facts["In the code"] = node.path
    _facts(full_name(blueprint, node.id), facts)
    if node.code:
        st.html(f'<p class="ex-small">{escape(node.source)}</p>')
        st.code(node.code, language=None, wrap_lines=True)


def _group(group: Group, blueprint: Blueprint) -> None:
    share = percent(group.parameters / blueprint.parameters) if blueprint.parameters else "0"
    facts = {
        "Kind": group.type,
        "Parameters": f"{group.parameters:,} ({share} of all)",
        "Multiply–adds": f"{group.macs:,}",
        "Holds": f"{len(group.members)} parts",
    }
    if group.alike > 1:
        facts["Side by side"] = f"{group.alike} layers that read the same"
    if group.repeats:
        facts["Repeated"] = f"{len(group.repeats) + 1} times in a row"
    _facts(full_name(blueprint, group.path), facts)


def words(node: Node) -> str:
    """Return what it does in words, e.g. `convolution 5×5, 6→16`."""
    if node.kind is Kind.RESHAPE or not node.parameters:
        return node.detail or node.label
    if node.op == "Embedding":
        return f"embedding {node.detail}"
    return f"{node.kind} {node.detail}".strip()


def formula(node: Node) -> str:
    """Return the count with the product it comes from, where the product is exact, e.g. `156 = 6·1·5·5 + 6`."""
    total = f"{node.parameters:,}"
    if not node.in_shapes or not node.parameters:
        return total
    ins, outs = node.in_shapes[0], node.out_shape
    if node.op == "Conv2d" and "×" in node.detail:
        sides = node.detail.split(",")[0].split("×")
        weights, words = outs[0] * ins[0] * math.prod(map(int, sides)), f"{outs[0]}·{ins[0]}·{'·'.join(sides)}"
    elif node.op == "Linear":
        weights, words = ins[-1] * outs[-1], f"{outs[-1]}·{ins[-1]}"
    else:
        return total
    width = outs[0] if node.op == "Conv2d" else outs[-1]
    if node.parameters == weights:
        return f"{total} = {words}"
    return f"{total} = {words} + {width}" if node.parameters == weights + width else total


def _facts(title: str, facts: dict[str, str]) -> None:
    rows = "".join(
        f'<dt style="font-weight:400;color:var(--text2)">{escape(name)}</dt><dd style="margin:0">{escape(value)}</dd>'
        for name, value in facts.items()
    )
    columns = "display:grid;grid-template-columns:fit-content(46%) minmax(0,1fr);gap:4px 14px"
    style = f"{columns};overflow-wrap:anywhere;margin:8px 0 0;padding:0"
    st.html(
        f'<div style="border-left:3px solid var(--hand);padding-left:16px">'
        f'<p style="color:var(--hand);font-weight:600;margin:0">{escape(title)}</p>'
        f'<dl style="{style}">{rows}</dl></div>'
    )
