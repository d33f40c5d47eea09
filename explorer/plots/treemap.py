"""Where the parameters sit: what a map of them holds, a rectangle a layer, nested as the blocks are."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.blueprint import Blueprint, full_name
from explorer.spec import Kind

ROOT = ""  # the whole network: no member of a block has this path


@dataclass(frozen=True)
class Tile:
    """One rectangle; `id` is a node id or a block's path."""

    id: str
    label: str
    parent: str
    parameters: int
    kind: Kind


def tiles(blueprint: Blueprint) -> tuple[Tile, ...]:
    """Return everything that has parameters, outer blocks first; the parameters of a block are the sum of its own."""
    known = {group.path: (group.title, group.parameters, group.kind) for group in blueprint.groups}
    known |= {node.id: (node.label, node.parameters, node.kind) for node in blueprint.nodes}
    within = [(member, group.path) for group in blueprint.groups for member in group.members]
    return tuple(
        Tile(id, label, parent, parameters, kind)
        for id, parent in within
        for label, parameters, kind in (known[id],)
        if parameters
    )


def summary(blueprint: Blueprint) -> str:
    """Return one sentence that says what the map shows."""
    heaviest = max(blueprint.nodes, key=lambda node: node.parameters)
    share = heaviest.parameters / max(1, blueprint.parameters)
    return f"{100 * share:.0f} % of the parameters are in {full_name(blueprint, heaviest.id)}."
