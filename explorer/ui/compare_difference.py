"""What two networks share and where they differ: their layers and blocks laid beside each other.

Pure: two blueprints in, rows out. First what is exactly alike is found (difflib over the signatures of the layers and
of the folded blocks); between those, what has the same name or does the same is paired, and blocks are looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import Enum
from typing import TypeAlias

from explorer.blueprint import Blueprint, Group, Node
from explorer.spec import Kind
from explorer.ui.compare_match import halvings

Signature: TypeAlias = "tuple[str | int | Signature, ...]"
CONTAINERS = frozenset({"Sequential", "ModuleList"})  # types that say nothing of what is in them


class Change(Enum):
    """How the two sides of a row differ."""

    SAME = "the same"
    NUMBER = "another number"
    SIZE = "another size"
    KIND = "another operation"
    FIRST = "only in the first"
    SECOND = "only in the second"


@dataclass(frozen=True)
class Part:
    """A layer or block, or `count` of them in a row that are exactly alike."""

    id: str  # of the first of them
    name: str
    what: str  # what it does, e.g. "3×3, 64→64", or a block's type
    type: str  # operation or class
    kind: Kind
    block: bool
    parameters: int  # of all of them together
    size: int | None  # how often the picture is halved when it leaves
    signature: Signature
    count: int = 1
    alike: int = 1  # layers that stand in it side by side
    last: str = ""  # the name of the last of them
    tied: bool = False  # its weights are those of another layer, counted there


@dataclass(frozen=True)
class Row:
    """One line of the comparison; `depth` is how many blocks it lies in, `opened` whether its inside follows.

    `times` is how often it stands in both, being inside of blocks that are repeated.
    """

    change: Change
    first: Part | None
    second: Part | None
    depth: int = 0
    opened: bool = False
    times: int = 1

    @property
    def meets(self) -> bool:
        """Whether layers with weights stand beside each other in it."""
        return bool(self.first and self.second and self.first.parameters and self.second.parameters)

    @property
    def shared(self) -> int:
        """Return the parameters that are exactly alike in both."""
        if self.first is None or self.second is None or self.change not in (Change.SAME, Change.NUMBER):
            return 0
        return self.times * min(self.first.parameters, self.second.parameters)


@dataclass(frozen=True)
class Difference:
    rows: tuple[Row, ...]

    def count(self, change: Change) -> int:
        """Return how many parts changed in this way; of an opened block its inside is counted, not the block."""
        return sum(_most(row) for row in self.rows if row.change is change and not row.opened)

    @property
    def shared(self) -> int:
        """Return the parameters of all that is exactly alike in both."""
        return sum(row.shared for row in self.rows)

    @property
    def alike(self) -> bool:
        return all(row.change is Change.SAME for row in self.rows)


def _most(row: Row) -> int:
    return max(part.count for part in (row.first, row.second) if part)


def difference(first: Blueprint, second: Blueprint) -> Difference:
    """Lay two networks beside each other, in the order in which they compute."""
    return Difference(tuple(_Pair(_Book(first), _Book(second)).rows("", "", 0, 1)))


class _Book:
    """A blueprint with its layers and blocks by id, and the signature of each."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._nodes = {node.id: node for node in blueprint.nodes}
        self._groups = {group.path: group for group in blueprint.groups}
        self._sizes = {row.path: halvings(blueprint, row.out_shape) for row in blueprint.layers}
        self._known: dict[str, Part] = {}

    def unwrapped(self, part: Part, others: Sequence[Part]) -> list[Part]:
        """Return what a block holds, if that and not the block itself has its like among the others; else the part.

        A block with one thing in it is that thing, however often: an encoder of twelve layers, twelve layers.
        """
        if not part.block or part.alike > 1 or any(_related(part, other) for other in others):
            return [part]
        within, known = self.parts(part.id), {other.signature for other in others if other.parameters}
        inside = [found for each in within for found in self.unwrapped(each, others)]
        if part.count == 1 and (len(within) == 1 or known & {each.signature for each in inside}):
            return inside
        if known & {each.signature for each in inside}:
            left, one = part.count - 1, part.parameters // part.count
            return [*inside, replace(part, name=part.last, last="", count=left, parameters=left * one)]
        return [part]

    def parts(self, path: str) -> list[Part]:
        """Return what is in a block, those in a row that are exactly alike as one."""
        found: list[Part] = []
        for id in self._groups[path].members:
            part = self._part(id)
            if part.type == "input":
                continue
            if found and found[-1].signature == part.signature:
                last = found[-1]
                count, parameters = last.count + 1, last.parameters + part.parameters
                found[-1] = replace(last, count=count, parameters=parameters, last=part.name)
            else:
                found.append(part)
        return found

    def _part(self, id: str) -> Part:
        if id not in self._known:
            self._known[id] = self._layer(self._nodes[id]) if id in self._nodes else self._block(self._groups[id])
        return self._known[id]

    def _layer(self, node: Node) -> Part:
        what = node.detail or node.label
        signature = (node.op, node.detail, node.parameters, bool(node.shared), node.times)
        return Part(
            node.id, node.label, what, node.op, node.kind, False, node.parameters,
            self._sizes.get(node.id), signature, tied=bool(node.shared),
        )  # fmt: skip

    def _block(self, group: Group) -> Part:
        members = tuple(self._part(id).signature for id in group.members)
        signature = (group.type, group.alike, members)
        what = "" if group.type in CONTAINERS else group.type
        return Part(
            group.path, group.title, what, group.type, group.kind, True, group.parameters,
            self._sizes.get(group.path), signature, alike=group.alike,
        )  # fmt: skip


class _Pair:
    def __init__(self, first: _Book, second: _Book) -> None:
        self._first, self._second = first, second
        self._opened: set[tuple[str, str]] = set()  # blocks of two types that have been looked into once

    def rows(self, path: str, other: str, depth: int, times: int) -> Iterator[Row]:
        first, second = self._first.parts(path), self._second.parts(other)
        ours = [found for part in first for found in self._first.unwrapped(part, second)]
        others = [found for part in second for found in self._second.unwrapped(part, first)]
        for mine, theirs in _aligned(ours, others):
            if mine is None or theirs is None:
                yield Row(Change.SECOND if mine is None else Change.FIRST, mine, theirs, depth, times=times)
            elif mine.signature == theirs.signature:
                yield Row(
                    Change.SAME if mine.count == theirs.count else Change.NUMBER, mine, theirs, depth, times=times
                )
            else:
                yield from self._changed(mine, theirs, depth, times)

    def _changed(self, mine: Part, theirs: Part, depth: int, times: int) -> Iterator[Row]:
        alike = mine.kind is theirs.kind and mine.type == theirs.type
        change = Change.SIZE if alike else Change.KIND
        inside: list[Row] = []
        if (
            mine.block
            and theirs.block
            and mine.alike == theirs.alike == 1
            and (alike or self._first_time(mine, theirs))
        ):
            inside = list(self.rows(mine.id, theirs.id, depth + 1, times * min(mine.count, theirs.count)))
        opened = (alike and bool(inside)) or any(row.meets for row in inside)
        yield Row(change, mine, theirs, depth, opened, times)
        if opened:
            yield from inside

    def _first_time(self, mine: Part, theirs: Part) -> bool:
        """Whether these two types of block meet for the first time: once is enough to see how they differ."""
        types = (mine.type, theirs.type)
        known = types in self._opened
        self._opened.add(types)
        return not known


def _aligned(first: Sequence[Part], second: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair two sequences in order: the exactly alike by difflib, what lies between by name and kind."""
    matcher = SequenceMatcher(None, [each.signature for each in first], [each.signature for each in second], False)
    i = j = 0
    for block in _anchors(matcher, first):
        yield from _paired(first[i : block[0]], second[j : block[1]])
        yield first[block[0]], second[block[1]]
        i, j = block[0] + 1, block[1] + 1
    yield from _paired(first[i:], second[j:])


def _anchors(matcher: SequenceMatcher[Signature], first: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Yield the places of what is exactly alike and has weights; a ReLU alone is no reason to line two networks up."""
    for a, b, size in matcher.get_matching_blocks():
        run = range(size) if any(part.parameters for part in first[a : a + size]) else range(0)
        yield from ((a + step, b + step) for step in run)


def _paired(first: Sequence[Part], second: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair two sequences in order so that the sum of the likenesses is the greatest."""
    best = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            alike = _likeness(first[i], second[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], (best[i + 1][j + 1] + alike) if alike else 0)
    i = j = 0
    while i < len(first) and j < len(second):
        alike = _likeness(first[i], second[j])
        if alike and best[i][j] == best[i + 1][j + 1] + alike:
            yield first[i], second[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield first[i], None
            i += 1
        else:
            yield None, second[j]
            j += 1
    yield from ((part, None) for part in first[i:])
    yield from ((None, part) for part in second[j:])


def _likeness(one: Part, other: Part) -> int:
    """Return how much two parts are each other's counterpart, 0 for not at all."""
    named = _own_name(one) == _own_name(other) != ""
    if one.signature == other.signature:
        return 6 if one.parameters else 3
    if one.block != other.block:
        return 5 if named and one.parameters and other.parameters else 0
    if one.block:
        typed = one.type == other.type and one.type not in CONTAINERS
        related = one.kind is other.kind and one.size == other.size and bool(one.parameters and other.parameters)
        return 5 * named + 6 * typed + 3 * related
    if bool(one.parameters) != bool(other.parameters) and not named:
        return 0
    weight = 2 if one.parameters else 1
    return weight * ((one.kind is other.kind) + (one.type == other.type)) + 3 * named


def _related(one: Part, other: Part) -> bool:
    """Whether two parts have a name in common, or a type that says something."""
    named = _own_name(one) == _own_name(other) != ""
    return named or (one.type == other.type and one.type not in CONTAINERS)


def _own_name(part: Part) -> str:
    """Return the name in the code; a number is none, and neither is that of an operation without a module."""
    last = part.id.rsplit(".", 1)[-1]
    return "" if last.isdecimal() or ":" in last else last
