"""A blueprint as DOT text, for those who want to lay it out or print it themselves."""

from __future__ import annotations

from collections.abc import Mapping

import graphviz

from explorer.blueprint import Blueprint, Group, Node
from explorer.plots.theme import KIND_COLOURS


def dot(blueprint: Blueprint) -> str:
    """Return the whole graph, nothing folded, blocks as clusters; every label is escaped."""
    groups, nodes = {each.path: each for each in blueprint.groups}, {each.id: each for each in blueprint.nodes}
    graph = graphviz.Digraph(
        f"{blueprint.architecture} {blueprint.variant}",
        graph_attr={"rankdir": "TB", "fontname": "Helvetica", "compound": "true"},
        node_attr={"shape": "box", "style": "rounded", "fontname": "Helvetica"},
    )
    names = {id: f"n{place}" for place, id in enumerate(nodes)}  # DOT reads a colon in a name as a port
    _fill(graph, groups[""], groups, nodes, names)
    for source, target in blueprint.edges:
        graph.edge(names[source], names[target], label=graphviz.escape(shape_text(nodes[source].out_shape)))
    for source, target, text in blueprint.links:
        (tail, around_tail), (head, around_head) = (_held(path, groups, blueprint.nodes) for path in (source, target))
        ends = {"ltail": around_tail, "lhead": around_head}
        graph.edge(
            names[tail], names[head], label=graphviz.escape(text), style="dashed", constraint="false",
            **{name: value for name, value in ends.items() if value},
        )  # fmt: skip
    return str(graph.source)


def _held(path: str, groups: Mapping[str, Group], nodes: tuple[Node, ...]) -> tuple[str, str]:
    """Return a node of the module and the cluster around it, "" where the module is that node."""
    if path not in groups:
        return next(node.id for node in nodes if node.path == path), ""
    first = path
    while first in groups:
        first = groups[first].members[0]
    return first, f"cluster_{path}"


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it: `6·28²`, `84`."""
    if len(shape) == 3 and shape[1] == shape[2]:
        return f"{shape[0]}·{shape[1]}²"
    return "·".join(str(side) for side in shape) or "1"


def _fill(
    graph: graphviz.Digraph,
    group: Group,
    groups: Mapping[str, Group],
    nodes: Mapping[str, Node],
    names: Mapping[str, str],
) -> None:
    for member in group.members:
        if member in nodes:
            node = nodes[member]
            label = graphviz.escape(f"{node.label}\n{node.detail}" if node.detail else node.label)
            tip = graphviz.escape(f"{node.parameters:,} parameters, {node.macs:,} multiply-adds")
            graph.node(names[member], label=label, color=KIND_COLOURS["light"][node.kind], tooltip=tip)
            continue
        inner = groups[member]
        block = graphviz.Digraph(f"cluster_{member}")
        block.attr(label=graphviz.escape(f"{inner.title}: {inner.type}"), color=KIND_COLOURS["light"][inner.kind])
        _fill(block, inner, groups, nodes, names)
        graph.subgraph(block)
