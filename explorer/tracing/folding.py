"""Groups from module nesting, runs of identical siblings folded into the first, and the layer table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from torch import nn

from explorer.blueprint import Group, LayerRow, Node, block_title_of
from explorer.spec import Kind
from explorer.tracing.describe import kind_by_name
from explorer.tracing.tidying import FEW

TELLING = (Kind.ATTENTION, Kind.RECURRENT)  # a block that holds one is known by it, whatever else weighs more


@dataclass
class _Branch:
    path: str
    members: dict[str, _Branch | Node] = field(default_factory=dict)
    alike: int = 1
    call: int = 1  # which call of its module it is

    @property
    def module(self) -> str:
        """The path of the module."""
        return self.path.split("~")[0]


@dataclass(frozen=True)
class Again:
    """Modules that run more than once: every call makes a block of its own."""

    calls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by node: the modules around it, which call
    unrolled: bool = False  # calls are steps in time, and nothing is folded into × N

    @cached_property
    def paths(self) -> frozenset[str]:
        """The modules that make more than one block."""
        return frozenset(path for around in self.calls.values() for path in around)

    def title(self, branch: _Branch, around: str) -> str:
        """Return the block's title, with the number of the call unless that of the block around it tells."""
        path = branch.module
        if path not in self.paths or around in self.paths:
            return block_title_of(path)
        return f"{block_title_of(path)}, {'step' if self.unrolled else 'call'} {branch.call}"


def groups_of(
    model: nn.Module, nodes: tuple[Node, ...], edges: tuple[tuple[str, str], ...] = (), again: Again | None = None
) -> tuple[Group, ...]:
    """Return every module that holds more than one operation, outermost first; the network itself is "".

    Layers of one list that stand side by side, of one type and reading the same, make a block too: `alike` many.
    """
    again = again or Again()
    root = _Branch("")
    modules = dict(model.named_modules())
    lists = {path for path, module in modules.items() if isinstance(module, nn.ModuleList | nn.ModuleDict)}
    for node in nodes:
        parts = node.path.split(".") if node.path else []
        if node.id.split("~")[0] == node.path:
            parts = parts[:-1]  # the module is the node itself
        _branch(root, parts, lists, again.calls.get(node.id, {})).members[node.id] = node
    _gather(root, lists, _sources(edges))
    return tuple(_groups(root, modules, again, ""))


def _branch(root: _Branch, parts: list[str], lists: set[str], calls: Mapping[str, int]) -> _Branch:
    """Return the block of a module; lists of modules are never called themselves, so they make no block."""
    here, path, call = root, "", 1
    for part in parts:
        path = f"{path}.{part}" if path else part
        if path in lists:
            continue
        call = calls.get(path, call)  # one that is not called itself goes with the one around it
        name = f"{path}~{call}" if call > 1 else path
        found = here.members.setdefault(f"/{name}", _Branch(name, call=call))
        assert isinstance(found, _Branch)
        here = found
    return here


def _sources(edges: tuple[tuple[str, str], ...]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        found[target].add(source)
    return {target: frozenset(sources) for target, sources in found.items()}


def _gather(branch: _Branch, lists: set[str], sources: Mapping[str, frozenset[str]]) -> None:
    """Put layers side by side into a block of their own, at the place of the first."""
    alike: dict[tuple[object, ...], list[Node]] = defaultdict(list)
    for each in branch.members.values():
        if isinstance(each, _Branch):
            _gather(each, lists, sources)
        elif (within := each.path.rpartition(".")[0]) in lists and each.id == each.path:
            alike[within, each.op, each.out_shape, sources.get(each.id)].append(each)
    blocks = {str(key[0]): nodes for key, nodes in alike.items() if len(nodes) > FEW}  # one block for each list
    for path, nodes in blocks.items():
        inside: dict[str, _Branch | Node] = {node.id: node for node in nodes}
        block = _Branch(path, inside, len(nodes))
        kept = ((id, each) for id, each in branch.members.items() if id == nodes[0].id or id not in inside)
        branch.members = {id: block if id == nodes[0].id else each for id, each in kept}


def _groups(branch: _Branch, modules: Mapping[str, nn.Module], again: Again, around: str) -> list[Group]:
    inner: list[Group] = []
    for each in branch.members.values():
        if isinstance(each, _Branch):
            inner.extend(_groups(each, modules, again, branch.module))
    nodes = list(_nodes(branch))
    folded = {} if again.unrolled else _repeats(branch)
    inner = [_with_repeats(group, folded.get(group.path, ())) for group in inner]
    kind_name = nodes[0].op if branch.alike > 1 else type(modules[branch.module]).__name__
    members = tuple(each.path if isinstance(each, _Branch) else each.id for each in branch.members.values())
    parameters, macs = sum(node.parameters for node in nodes), sum(node.macs for node in nodes)
    title, kind = (
        again.title(branch, around),
        _main_kind(kind_name, nodes, again.unrolled and branch.module in again.paths),
    )
    return [Group(branch.path, title, kind_name, kind, members, parameters, macs, (), branch.alike), *inner]


def _with_repeats(group: Group, repeats: tuple[str, ...]) -> Group:
    if not repeats:
        return group
    return replace(group, repeats=repeats)


def _nodes(branch: _Branch) -> list[Node]:
    found: list[Node] = []
    for each in branch.members.values():
        found.extend([each] if isinstance(each, Node) else _nodes(each))
    return found


def _repeats(branch: _Branch) -> dict[str, tuple[str, ...]]:
    """Return, for the first of each run of identical sibling blocks, the paths of the others."""
    found: dict[str, tuple[str, ...]] = {}
    leader, shape = None, ()
    for each in branch.members.values():
        block = each if isinstance(each, _Branch) else None
        new = _shape(block) if block else ()
        if leader and block and new == shape and _in_a_row(leader.module, block.module):
            found[leader.path] = (*found.get(leader.path, ()), block.path)
        else:
            leader, shape = block, new
    return found


def _in_a_row(first: str, second: str) -> bool:
    """Tell whether two paths differ in their last number alone: `blocks.0` and `blocks.1`, `layer1` and `layer2`."""
    return first != second and first.rstrip("0123456789") == second.rstrip("0123456789")


def _shape(branch: _Branch) -> tuple[object, ...]:
    """Return what makes two blocks the same: their operations with shapes and sizes, in order; not their names."""
    return tuple(
        (node.op, node.detail, node.in_shapes, node.out_shape, node.parameters, node.macs) for node in _nodes(branch)
    )


def _main_kind(type_name: str, nodes: list[Node], step: bool) -> Kind:
    """Return attention or recurrent for a block that is of the kind or holds such a layer, else what weighs most."""
    own = Kind.RECURRENT if step or any(node.times > 1 for node in nodes) else kind_by_name(type_name)
    if own is not None and own in TELLING:
        return own
    weights: dict[Kind, tuple[int, int]] = {}
    for node in nodes:
        parameters, macs = weights.get(node.kind, (0, 0))
        weights[node.kind] = (parameters + node.parameters, macs + node.macs)
    if len(weights) > 1:
        telling = next((kind for kind in TELLING if kind in weights), None)
        if telling:
            return telling
    return max(weights, key=lambda kind: weights[kind]) if weights else Kind.RESHAPE


def layers_of(nodes: tuple[Node, ...], groups: tuple[Group, ...]) -> tuple[LayerRow, ...]:
    """Return the layer table: blocks and what is in them, in the order in which they run."""
    blocks, leaves = {group.path: group for group in groups}, {node.id: node for node in nodes}
    last = _last_shapes(blocks, leaves)
    rows: list[LayerRow] = []

    def add(member: str, depth: int) -> None:
        if member in blocks:
            group = blocks[member]
            if member:
                rows.append(LayerRow(member, group.type, group.kind, depth, last[member], group.parameters, group.macs))
            for each in group.members:
                add(each, depth + bool(member))
        else:
            node = leaves[member]
            rows.append(LayerRow(node.id, node.op, node.kind, depth, node.out_shape, node.parameters, node.macs))

    add("", 0)
    return tuple(rows)


def _last_shapes(blocks: Mapping[str, Group], leaves: Mapping[str, Node]) -> dict[str, tuple[int, ...]]:
    def shape(member: str) -> tuple[int, ...]:
        return leaves[member].out_shape if member in leaves else shape(blocks[member].members[-1])

    return {path: shape(path) for path in blocks}
