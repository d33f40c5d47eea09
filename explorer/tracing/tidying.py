"""What makes a trace readable: parts taken for many readers, and modules that run again and again, are drawn once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from explorer.blueprint import Node

Edges = tuple[tuple[str, str], ...]
FEW = 2  # up to so many of a kind are drawn one by one


def tidied(
    nodes: tuple[Node, ...], edges: Edges, places: Mapping[str, str], unrolled: bool = False
) -> tuple[tuple[Node, ...], Edges]:
    """Return nodes and edges with selections and, unless `unrolled`, repeated calls folded.

    `places`: each node's place within one call of its module; nodes of one place are the same step, one call later.
    """
    if unrolled:
        return _without_selections(nodes, edges)
    return _without_selections(*_without_repetitions(nodes, edges, places))


def _without_selections(nodes: tuple[Node, ...], edges: Edges) -> tuple[tuple[Node, ...], Edges]:
    """Let each reader of a part read the whole, where more than a few parts are taken of it: its input shape tells."""
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        before[target].append(source)
    parts = [node for node in nodes if node.op == "getitem" and len(before[node.id]) == 1 and not node.parameters]
    taken: Counter[str] = Counter()
    for node in parts:
        taken[before[node.id][0]] += node.times
    folded = {node.id: before[node.id][0] for node in parts if taken[before[node.id][0]] > FEW}
    kept = ((folded.get(source, source), target) for source, target in edges if target not in folded)
    return tuple(node for node in nodes if node.id not in folded), tuple(dict.fromkeys(kept))


def _without_repetitions(
    nodes: tuple[Node, ...], edges: Edges, places: Mapping[str, str]
) -> tuple[tuple[Node, ...], Edges]:
    """Merge the calls of a module that ran more than a few times; an edge to the next call then leads backwards."""
    alike: dict[tuple[str, tuple[int, ...]], list[Node]] = defaultdict(list)
    for node in nodes:
        alike[places[node.id], node.out_shape].append(node)
    merged = {each.id: _merged(same) for same in alike.values() if len(same) > FEW for each in same}
    names = {node.id: merged[node.id].id if node.id in merged else node.id for node in nodes}
    kept = {names[node.id]: merged.get(node.id, node) for node in nodes}
    return tuple(kept.values()), tuple(dict.fromkeys((names[source], names[target]) for source, target in edges))


def _merged(same: list[Node]) -> Node:
    return replace(
        same[0],
        times=len(same),
        parameters=sum(node.parameters for node in same),
        macs=sum(node.macs for node in same),
        activation_bytes=sum(node.activation_bytes for node in same),
    )
