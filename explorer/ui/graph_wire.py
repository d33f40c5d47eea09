"""A blueprint as the graph component takes it: equal blocks by reference to the first, edges by the places of nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from explorer.blueprint import Blueprint, Group, Node, words_of

Row = dict[str, object]
PLAIN = ("Sequential", "ModuleList", "ModuleDict")  # types that say nothing of what is in them


def wire(blueprint: Blueprint) -> Row:
    """Return what the component needs; `{"copy": [start, count, old, new]}` stands for rows that repeat earlier ones.

    Such rows are those from `start` on, counted with all copies written out, with the path `old` replaced by `new`.
    """
    groups = {group.path: group for group in blueprint.groups}
    order = {node.id: place for place, node in enumerate(blueprint.nodes)}
    leaves = _leaves(blueprint.groups)
    runs = [(group.path, repeat) for group in blueprint.groups for repeat in group.repeats]
    inside = {path: _inside(group, groups) for path, group in groups.items()}
    places = {path: place for place, path in enumerate(groups)}
    nodes = _by_reference(
        [_node(node) for node in blueprint.nodes],
        [(a, b, [order[id] for id in leaves[a]], [order[id] for id in leaves[b]]) for a, b in runs],
    )
    blocks = _by_reference(
        [_group(group, groups, leaves[group.path], blueprint.nodes, order) for group in blueprint.groups],
        [(a, b, [places[path] for path in inside[a]], [places[path] for path in inside[b]]) for a, b in runs],
    )
    return {
        "nodes": nodes,
        "edges": [[order[source], order[target]] for source, target in blueprint.edges],
        "groups": blocks,
        "links": [list(link) for link in blueprint.links],
        "parameters": blueprint.parameters,
    }


def _leaves(groups: Sequence[Group]) -> dict[str, list[str]]:
    """Return the nodes in each block, in the blocks' order."""
    found: dict[str, list[str]] = {}
    for group in reversed(groups):  # inner blocks come after those around them
        found[group.path] = [id for member in group.members for id in found.get(member, [member])]
    return found


def _inside(group: Group, groups: Mapping[str, Group]) -> list[str]:
    inner = [member for member in group.members if member in groups]
    return [path for member in inner for path in (member, *_inside(groups[member], groups))]


def _by_reference(rows: list[Row], runs: list[tuple[str, str, list[int], list[int]]]) -> list[Row]:
    """Return the rows with each run of them that repeats another but for its path written as a reference.

    A run: path and places of the first, path and places of the one that may repeat it.
    """
    copies: dict[int, tuple[int, int, str, str]] = {}
    for first, second, here, there in runs:
        old, new = first.split("~")[0], second.split("~")[0]
        if not here or len(here) != len(there) or not _contiguous(here) or not _contiguous(there):
            continue
        if all(_renamed(rows[i], old, new) == rows[k] for i, k in zip(here, there, strict=True)):
            copies[there[0]] = (here[0], len(here), old, new)
    return list(_written(rows, copies))


def _written(rows: list[Row], copies: Mapping[int, tuple[int, int, str, str]]) -> Iterator[Row]:
    place = 0
    while place < len(rows):
        copy = copies.get(place)
        yield {"copy": list(copy)} if copy else rows[place]
        place += copy[1] if copy else 1


def _contiguous(places: list[int]) -> bool:
    return places == list(range(places[0], places[0] + len(places)))


def _renamed(value: Row, old: str, new: str) -> Row:
    """Return the row with the path at the beginning of each of its names replaced."""

    def name(text: str) -> str:
        return (
            new + text[len(old) :] if text.startswith(old) and text[len(old) : len(old) + 1] in ("", *".:~") else text
        )

    return {
        key: name(each) if isinstance(each, str) and key in ("id", "path", "shared")
        else [name(one) for one in each] if isinstance(each, list) and key in ("members", "repeats")
        else each
        for key, each in value.items()
    }  # fmt: skip


def _node(node: Node) -> Row:
    return {
        "id": node.id,
        "path": node.path,
        "op": node.op,
        "kind": node.kind.value,
        "label": node.label,
        "detail": node.detail,
        "in_shapes": [list(shape) for shape in node.in_shapes],
        "out_shape": list(node.out_shape),
        "parameters": node.parameters,
        "shared": node.shared,
        "times": node.times,
    }


def _group(
    group: Group, groups: Mapping[str, Group], leaves: list[str], nodes: Sequence[Node], order: Mapping[str, int]
) -> Row:
    return {
        "path": group.path,
        "title": group.title,
        "type": group.type,
        "detail": _detail(group, groups),
        "kind": group.kind.value,
        "members": list(group.members),
        "parameters": group.parameters,
        "macs": group.macs,
        "repeats": list(group.repeats),
        "alike": group.alike,
        "shared": not group.parameters and any(nodes[order[id]].shared for id in leaves),
    }


def _detail(group: Group, groups: Mapping[str, Group]) -> str:
    """Return what kind of block it is: its class, or what stands in it where the class says nothing more than its name.

    Empty where neither says anything.
    """
    name = words_of(group.type)
    if group.type not in PLAIN and name != group.title.rstrip(" 0123456789"):
        return name
    types = {groups[member].type if member in groups else "" for member in group.members}
    if len(types) == 1 and (only := types.pop()) and only not in PLAIN and len(group.members) > 1:
        return f"{len(group.members)} × {words_of(only)}"
    return f"{len(group.members)} layers" if group.type in PLAIN else ""
