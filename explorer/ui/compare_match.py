"""Which layer of one network is the counterpart of a layer of another, and by which rule.

Pure: blueprints in, words out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from explorer.blueprint import Blueprint, Group, Node
from explorer.spec import Kind

WEIGHT_KINDS = frozenset({Kind.CONVOLUTION, Kind.LINEAR, Kind.ATTENTION, Kind.RECURRENT, Kind.LOSS})
NOT_COUNTED = frozenset({"Embedding"})  # a table that is looked up, no product
NOUNS = {
    Kind.CONVOLUTION: "convolution", Kind.LINEAR: "linear layer", Kind.ATTENTION: "attention layer",
    Kind.NORMALISATION: "normalisation", Kind.ACTIVATION: "activation", Kind.POOLING: "pooling",
    Kind.RECURRENT: "recurrent layer", Kind.RESHAPE: "operation without weights", Kind.LOSS: "distance or loss",
}  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(number: int) -> str:
    """Return the place counted from one as a word: third, 11th, 22nd."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@dataclass(frozen=True)
class Counterpart:
    """`id` is a node id or a block's path, empty where there is none; `rule` says which rule found it, or why none."""

    id: str
    rule: str


@dataclass(frozen=True)
class _Layer:
    """A node, a block, or layers side by side that count as one."""

    id: str
    kind: Kind
    weights: bool
    type: str = ""  # of a block


def counterpart(first: Blueprint, id: str, second: Blueprint) -> Counterpart:
    """Return what in `second` corresponds to the node or block `id` of `first`.

    The same module path comes first, where both have weights or neither has; then the same place: among the layers of
    its kind, weighted and weightless ones apart, or for a block among the blocks of its type.
    """
    here = next((layer for layer in _all(first) if layer.id == id), None)
    if here is None:
        return Counterpart("", f"there is no layer called {id}")
    there = next((layer for layer in _all(second) if layer.id == id), None)
    if there and there.weights == here.weights:
        return Counterpart(id, f"the same module path, {id}")
    return _block(first, here, second) if here.type else _nth(first, here, second)


def _block(first: Blueprint, here: _Layer, second: Blueprint) -> Counterpart:
    before = [group.path for group in first.groups if group.path and group.type == here.type]
    after = [group.path for group in second.groups if group.path and group.type == here.type]
    at = before.index(here.id)
    if at < len(after):
        return Counterpart(after[at], f"the same place: {ordinal(at + 1)} block of type {here.type} in both")
    found = _by_size(first, here, second) or _by_first_layer(first, here, second)
    return found or Counterpart("", _missing(len(after), _blocks(here.type, after), at))


def _blocks(type: str, found: list[str]) -> str:
    return f"block{_s(found)} of type {type}"


def _by_size(first: Blueprint, here: _Layer, second: Blueprint) -> Counterpart | None:
    """Return the first block of its kind, in as many blocks, that leaves the picture as small."""
    row = next(row for row in first.layers if row.path == here.id)
    size = halvings(first, row.out_shape)
    if size is None or not here.weights:
        return None
    blocks = {group.path for group in second.groups if group.parameters}
    for other in second.layers:
        alike = other.path in blocks and (other.depth, other.kind) == (row.depth, row.kind)
        if alike and halvings(second, other.out_shape) == size:
            part = f"1⁄{2**size} of its side" if size > 0 else "as large as it came"
            return Counterpart(other.path, f"the same place: both leave the picture at {part}")
    return None


def _by_first_layer(first: Blueprint, here: _Layer, second: Blueprint) -> Counterpart | None:
    """Return the counterpart of the first layer with weights in a block that has none itself."""
    inside = (each for each in _sequence(first) if each.weights and each.id.startswith(f"{here.id}."))
    layer = next((each for each in inside if each.kind in WEIGHT_KINDS), None)
    found = _nth(first, layer, second) if layer else Counterpart("", "")
    return Counterpart(found.id, f"its first layer has {found.rule}") if found.id else None


def _nth(first: Blueprint, here: _Layer, second: Blueprint) -> Counterpart:
    def alike(blueprint: Blueprint) -> list[str]:
        found = _sequence(blueprint)
        return [each.id for each in found if each.kind is here.kind and each.weights == here.weights]

    before, after = alike(first), alike(second)
    holder = next((each for each in before if each == here.id or here.id.startswith(f"{each}.")), "")
    if not holder:
        return Counterpart("", "what stands side by side has no place of its own")
    at, noun = before.index(holder), NOUNS[here.kind]
    if at < len(after):
        return Counterpart(after[at], f"the same place: {ordinal(at + 1)} {noun} in both")
    return Counterpart("", _missing(len(after), noun + _s(after), at))


def _missing(count: int, noun: str, at: int) -> str:
    return f"it has {count or 'no'} {noun}, and this is the {ordinal(at + 1)}"


def _s(many: list[str]) -> str:
    return "" if len(many) == 1 else "s"


def halvings(blueprint: Blueprint, shape: tuple[int, ...]) -> int | None:
    """Return how often the picture's side has been halved in maps of this shape; None for what are no maps."""
    if len(shape) != 3 or len(blueprint.input_shape) != 3 or not min(shape[-1], blueprint.input_shape[-1]):
        return None
    return round(math.log2(blueprint.input_shape[-1] / shape[-1]))


def has_weights(node: Node) -> bool:
    """Return whether it multiplies with weights of its own or of another layer."""
    return bool(node.parameters or node.shared)


def weight_depth(blueprint: Blueprint) -> int:
    """Return how many layers with weights the longest way passes, without normalisation, pooling and embeddings."""
    before: dict[str, list[str]] = {}
    for source, target in blueprint.edges:
        before.setdefault(target, []).append(source)
    depth: dict[str, int] = {}
    for node in blueprint.nodes:  # they stand in the order they ran; what comes from later is a loop
        counts = node.kind in WEIGHT_KINDS and has_weights(node) and node.op not in NOT_COUNTED
        depth[node.id] = counts + max((depth.get(each, 0) for each in before.get(node.id, ())), default=0)
    return max(depth.values(), default=0)


def _all(blueprint: Blueprint) -> Iterator[_Layer]:
    for node in blueprint.nodes:
        yield _Layer(node.id, node.kind, has_weights(node))
    for group in blueprint.groups:
        if group.path:
            yield _of(group)


def _of(group: Group) -> _Layer:
    return _Layer(group.path, group.kind, bool(group.parameters), group.type)


def _sequence(blueprint: Blueprint) -> list[_Layer]:
    """Return the layers in order; those that stand side by side, reading the same, are one."""
    groups, nodes = {group.path: group for group in blueprint.groups}, {node.id: node for node in blueprint.nodes}

    def walk(path: str) -> Iterator[_Layer]:
        for member in groups[path].members:
            if member in nodes:
                node = nodes[member]
                if node.op != "input":
                    yield _Layer(node.id, node.kind, has_weights(node))
            elif groups[member].alike > 1:
                yield _of(groups[member])
            else:
                yield from walk(member)

    return list(walk(""))
