"""A network's blueprint: its graph and its numbers, as plain data that travels as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from explorer.spec import Kind


@dataclass(frozen=True)
class Node:
    """One operation of the traced forward pass."""

    id: str
    path: str  # module path that ran it, e.g. "features.0"; "" for the network itself
    op: str  # e.g. "Conv2d", "add", "flatten"
    kind: Kind
    label: str  # short name drawn in the node, e.g. "5×5 convolution"
    detail: str  # one line, e.g. "6→16, stride 1"
    in_shapes: tuple[tuple[int, ...], ...]  # without batch
    out_shape: tuple[int, ...]
    parameters: int  # learnable, counted at the first use of each tensor
    macs: int
    activation_bytes: int  # 32-bit output kept for backward
    receptive_field: int | None = None  # pixels of the input that one unit sees, one side
    shared: str = ""  # id of the node whose weights it uses again; they are counted there
    times: int = 1  # how often one module ran, one after the other; macs and bytes are those of all the times
    source: str = ""  # "file.py:42": the line of code that made it
    code: str = ""  # that line


@dataclass(frozen=True)
class Group:
    """A module that holds operations or other groups; drawn as a block that opens and closes."""

    path: str
    title: str
    type: str  # class name
    kind: Kind  # attention or recurrent where it holds such a block, else the kind of most of its parameters
    members: tuple[str, ...]  # node ids and group paths, directly inside, in order
    parameters: int
    macs: int
    repeats: tuple[str, ...] = ()  # paths of the following siblings of the same shape, folded into this one as × N
    alike: int = 1  # how many layers of one type stand in it side by side, each reading the same; drawn as × N


@dataclass(frozen=True)
class LayerRow:
    """One row of the layer table."""

    path: str
    type: str
    kind: Kind
    depth: int
    out_shape: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Blueprint:
    architecture: str
    variant: str
    parameters: int  # trainable + fixed
    trainable: int
    fixed: int
    buffers: int
    macs: int
    activation_bytes: int
    receptive_field: int | None
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    layers: tuple[LayerRow, ...]
    notes: tuple[str, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()  # ties that no data flow along: source path, target path, text


WORDS = {
    "conv": "convolution", "pool": "pooling", "act": "activation", "norm": "normalisation", "attn": "attention",
    "hidden": "hidden layer", "fc": "output layer", "output": "output layer", "self_attention": "self-attention",
    "cross_attention": "cross-attention", "feed_forward": "feed-forward",
}  # fmt: skip

NAMES = {
    "ReLU": "ReLU", "ReLU6": "ReLU6", "SiLU": "SiLU", "ELU": "ELU", "LeakyReLU": "leaky ReLU", "PReLU": "PReLU",
    "RBF": "distances",
}  # fmt: skip


def title_of(path: str) -> str:
    """Return the last part of a module path as people write it, counted from one: `hidden.0` → `hidden layer 1`."""
    *_, before, last = ("", *path.split("."))
    if last.isdecimal():
        return f"{_words(_one_of(before)) or 'part'} {int(last) + 1}"
    return _words(last)


SILENT = {"features", "layers", "net", "stages"}  # containers that say nothing about what is in them


def layer_name(path: str, last: int = 0) -> str:
    """Return a module's name with those of the blocks around it: `stages.conv2.block1` → `conv2 · block 1`.

    `last`: of how many of the path's parts at most, counted from its end; 0: of all. "" is "the network".
    """
    steps = path.split(".")
    shown = [at for at in range(len(steps)) if not _silent(steps, at)]
    return " · ".join(block_title_of(".".join(steps[: at + 1])) for at in shown[-last:]) or "the network"


def _silent(steps: list[str], at: int) -> bool:
    """Whether a part of a path says nothing: it only holds others, or its number stands behind its name."""
    follows = steps[at + 1] if at + 1 < len(steps) else ""
    return not steps[at] or (steps[at] in SILENT and bool(follows)) or follows.isdecimal()


def block_title_of(path: str) -> str:
    """Return the title of a block of layers: as `title_of`, but `conv2` and `fc6` stay as papers write them."""
    name = path.rpartition(".")[2]
    return name if re.fullmatch(r"(conv|fc)\d+", name) else title_of(path)


def words_of(name: str) -> str:
    """Return a class name as words: `PositionalEncoding` → `positional encoding`, `LSTMCell` → `LSTM cell`."""
    if name in NAMES:
        return NAMES[name]
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split()
    return " ".join(part.lower() if part[1:] == part[1:].lower() and len(part) > 1 else part for part in parts)


def folded(blueprint: Blueprint, path: str = "") -> tuple[str, ...]:
    """Return what stands in a block with each row of equal blocks folded into its first: the picture of it, closed."""
    groups = {group.path: group for group in blueprint.groups}
    members = groups[path].members
    again = {repeat for member in members if member in groups for repeat in groups[member].repeats}
    return tuple(member for member in members if member not in again)


def full_name(blueprint: Blueprint, id: str) -> str:
    """Return the name of a node or block after those of the blocks around it: `hidden layer 1 · linear`."""
    names = {group.path: group.title for group in blueprint.groups} | {node.id: node.label for node in blueprint.nodes}
    parents = {member: group.path for group in blueprint.groups for member in group.members}
    found = [names[id]]
    while parents.get(id):
        id = parents[id]
        found.insert(0, names[id])
    return " · ".join(found)


def _one_of(many: str) -> str:
    return many[:-1] if re.fullmatch(r"[a-z_]{2,}[^su]s", many) and many != "features" else many


def _words(name: str) -> str:
    sized = re.fullmatch(r"([a-z]+)_?(\d+)x(\d+)", name)
    if sized:
        size = f"{sized[2]}×{sized[3]}"
        return f"{size} convolution" if sized[1] == "conv" else f"{sized[1]} {size}"
    counted = re.fullmatch(r"([a-z_]{3,}?)_?(\d+)", name)
    stem, number = (counted[1], f" {counted[2]}") if counted else (name, "")
    return WORDS.get(stem, stem.replace("_", " ")) + number


class BlueprintError(ValueError):
    """A text that is not a blueprint; the message names the field, its value and what was expected."""


class _MisfitError(ValueError):
    """A value of the wrong type; the message has the place where it stands put in front on the way up."""


def to_json(blueprint: Blueprint) -> str:
    """Return the blueprint as one line of JSON."""
    return json.dumps(blueprint, ensure_ascii=False, allow_nan=False, default=vars)


@lru_cache(maxsize=8)
def from_json(text: str) -> Blueprint:
    """Read a blueprint back; raises BlueprintError for anything else than what `to_json` writes."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BlueprintError(f"a blueprint has to be JSON: {error}") from error
    try:
        return _reader(Blueprint)(value)
    except _MisfitError as error:
        raise BlueprintError(f"blueprint{error}") from error


@cache
def _reader(wanted: Any) -> Callable[[object], Any]:
    """Return what reads a value as the type wanted, built of fresh dataclasses and tuples; no scalar is converted."""
    if is_dataclass(wanted):
        return _record(wanted)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is tuple:
        return _many(_reader(inner[0])) if inner[-1] is ... else _few(tuple(map(_reader, inner)))
    if origin is UnionType:
        present = _reader(next(each for each in inner if each is not type(None)))
        return lambda value: None if value is None else present(value)
    return _kind if wanted is Kind else _scalar(wanted)


def _record(wanted: Any) -> Callable[[object], Any]:
    hints = get_type_hints(wanted)
    readers = {each.name: _reader(hints[each.name]) for each in fields(wanted)}

    def read(value: object) -> Any:
        if not isinstance(value, dict) or value.keys() != readers.keys():
            raise _MisfitError(f" has to be an object with exactly: {', '.join(readers)}")
        try:
            return wanted(*[reader(value[name]) for name, reader in readers.items()])
        except _MisfitError:
            raise _found([(f".{name}", value[name], reader) for name, reader in readers.items()]) from None

    return read


def _found(parts: list[tuple[str, object, Callable[[object], Any]]]) -> _MisfitError:
    """Read the parts once more, one by one, for the place of the first that does not fit."""
    for place, value, reader in parts:
        try:
            reader(value)
        except _MisfitError as error:
            return _MisfitError(f"{place}{error}")
    raise AssertionError("all parts fit")


def _many(reader: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _MisfitError(f" = {value!r:.60} is not a list")
        try:
            return tuple([reader(each) for each in value])
        except _MisfitError:
            raise _found([(f"[{i}]", each, reader) for i, each in enumerate(value)]) from None

    return read


def _few(readers: tuple[Callable[[object], Any], ...]) -> Callable[[object], tuple[Any, ...]]:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(readers):
            raise _MisfitError(f" = {value!r:.60} is not a list of {len(readers)}")
        return tuple([reader(each) for reader, each in zip(readers, value, strict=True)])

    return read


def _scalar(wanted: type) -> Callable[[object], Any]:
    def read(value: object) -> Any:
        if type(value) is not wanted:
            raise _MisfitError(f" = {value!r:.60} is not of type {wanted.__name__}")
        return value

    return read


KINDS = {kind.value: kind for kind in Kind}


def _kind(value: object) -> Kind:
    if not isinstance(value, str) or value not in KINDS:
        raise _MisfitError(f" = {value!r:.60} is not a kind")
    return KINDS[value]
