"""A network's blueprint: its graph and its numbers, as plain data that travels as JSON."""

from __future__ import annotations

from dataclasses import dataclass

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
