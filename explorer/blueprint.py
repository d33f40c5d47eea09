"""A network's blueprint: its graph and its numbers, as plain data that travels as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
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
    kind: Kind  # the kind that holds most of its parameters
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
    "hidden": "hidden layer", "fc": "output layer", "output": "output layer",
}  # fmt: skip


def title_of(path: str) -> str:
    """Return the last part of a module path as people write it, counted from one: `hidden.0` → `hidden layer 1`."""
    *_, before, last = ("", *path.split("."))
    if last.isdecimal():
        return f"{_words(_one_of(before)) or 'part'} {int(last) + 1}"
    return _words(last)


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
    counted = re.fullmatch(r"([a-z_]{3,}?)_?(\d+)", name)
    stem, number = (counted[1], f" {counted[2]}") if counted else (name, "")
    return WORDS.get(stem, stem.replace("_", " ")) + number


class BlueprintError(ValueError):
    """A text that is not a blueprint; the message names the field, its value and what was expected."""


def to_json(blueprint: Blueprint) -> str:
    """Return the blueprint as one line of JSON."""
    return json.dumps(asdict(blueprint), ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Blueprint:
    """Read a blueprint back; raises BlueprintError for anything else than what `to_json` writes."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BlueprintError(f"a blueprint has to be JSON: {error}") from error
    return _read(Blueprint, value, "blueprint")


def _read(wanted: Any, value: object, place: str) -> Any:
    """Return `value` as the type wanted, built of fresh dataclasses and tuples; no scalar is converted."""
    if is_dataclass(wanted):
        return _read_record(wanted, value, place)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is tuple:
        return _read_tuple(inner, value, place)
    if origin is UnionType:
        return None if value is None else _read(next(each for each in inner if each is not type(None)), value, place)
    if wanted is Kind and value in set(Kind):
        return Kind(str(value))
    if type(value) is not wanted:
        raise BlueprintError(f"{place} = {value!r:.60} is not of type {getattr(wanted, '__name__', wanted)}")
    return value


def _read_record(wanted: Any, value: object, place: str) -> Any:
    hints = _hints(wanted)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise BlueprintError(f"{place} has to be an object with exactly: {', '.join(hints)}")
    return wanted(**{name: _read(hint, value[name], f"{place}.{name}") for name, hint in hints.items()})


def _read_tuple(inner: tuple[Any, ...], value: object, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise BlueprintError(f"{place} = {value!r:.60} is not a list")
    if inner[-1] is ...:
        return tuple(_read(inner[0], each, f"{place}[{i}]") for i, each in enumerate(value))
    if len(value) != len(inner):
        raise BlueprintError(f"{place} has {len(value)} entries, expected {len(inner)}")
    return tuple(_read(hint, each, f"{place}[{i}]") for i, (hint, each) in enumerate(zip(inner, value, strict=True)))


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    hints = get_type_hints(wanted)
    return {each.name: hints[each.name] for each in fields(wanted)}
