"""Our graphs beside those that others exported: operations by kind, and the shapes of all weights.

The onnx package carries the graphs of well-known networks, without their weights. Differences are listed one by one.
"""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper
from torch import nn

from explorer import catalog
from explorer.tracing.trace import META, blueprint, without_initialisation

GRAPHS = Path(onnx.__file__).parent / "backend/test/data/light"
OURS = {
    "Conv2d": "Conv", "ReLU": "Relu", "MaxPool2d": "MaxPool", "AdaptiveAvgPool2d": "average over the map",
    "cat": "Concat", "Linear": "Gemm", "Dropout": "Dropout", "LocalResponseNorm": "LRN", "add": "Sum",
    "BatchNorm2d": "BatchNormalization",
}  # fmt: skip
THEIRS = {"AveragePool": "average over the map", "GlobalAveragePool": "average over the map"}  # theirs have its size
NOT_DRAWN = ("ConstantOfShape", "Reshape")  # stand-ins for weights; changes of shape alone


@dataclass(frozen=True)
class Pair:
    """One of our variants and the graph of the same network; `more` of a kind in theirs, fewer where negative."""

    key: str
    variant: str
    graph: str
    more: dict[str, int] = field(default_factory=dict)
    same_weights: bool = True


SOFTMAX = {"Softmax": 1}  # ours end in logits, the softmax is part of the loss
PAIRS = [
    Pair("alexnet", "alexnet-2012", "bvlc_alexnet", SOFTMAX | {
        # Caffe's has one layer with two groups where the paper and ours have two columns, one on each GPU
        "Conv": -5, "Relu": -5, "MaxPool": -3, "LRN": -2,
        # the columns are put together where the third and the sixth layer read both
        "Concat": -2,
    }, same_weights=False),
    Pair("alexnet", "alexnet-ungrouped", "bvlc_alexnet", SOFTMAX, same_weights=False),  # ours without groups
    Pair("vgg", "vgg19", "vgg19", SOFTMAX),
    Pair("googlenet", "googlenet-noaux", "inception_v1", SOFTMAX),
    Pair("resnet", "resnet50", "resnet50", SOFTMAX),
    Pair("squeezenet", "squeezenet1_0", "squeezenet", SOFTMAX, same_weights=False),
    Pair("squeezenet", "squeezenet1_1", "squeezenet", SOFTMAX),
]  # fmt: skip


def theirs(pair: Pair) -> onnx.GraphProto:
    return onnx.load(GRAPHS / f"light_{pair.graph}.onnx").graph


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.variant)
def test_operations_are_those_of_the_exported_graph(pair: Pair) -> None:
    found = blueprint(pair.key, pair.variant, {})
    ours = Counter(OURS[node.op] for node in found.nodes if node.op != "input")
    counted = Counter(THEIRS.get(node.op_type, node.op_type) for node in theirs(pair).node)
    expected = {kind: counted[kind] - pair.more.get(kind, 0) for kind in {*counted, *pair.more} - {*NOT_DRAWN}}
    assert ours == {kind: many for kind, many in expected.items() if many}


def weights(pair: Pair) -> tuple[Counter[tuple[int, ...]], Counter[tuple[int, ...]]]:
    """Return the shapes of the kernels and matrices in our network and in the exported one."""
    card = catalog.get(pair.key)
    with without_initialisation(), META:
        build = importlib.import_module(f"explorer.architectures.{pair.key}.model").build
        model: nn.Module = build(card.settings(card.variant(pair.variant), {}))
    ours = Counter(tuple(each.weight.shape) for each in model.modules() if isinstance(each, nn.Conv2d | nn.Linear))
    graph = theirs(pair)
    values = {each.name: tuple(numpy_helper.to_array(each).tolist()) for each in graph.initializer}
    made = {node.output[0]: values[node.input[0]] for node in graph.node if node.op_type == "ConstantOfShape"}
    reshaped = (node for node in graph.node if node.op_type == "Reshape" and node.input[0] in made)
    made |= {node.output[0]: values[node.input[1]] for node in reshaped}
    return ours, Counter(made[node.input[1]] for node in graph.node if node.op_type in ("Conv", "Gemm"))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.same_weights], ids=lambda pair: pair.variant)
def test_weights_have_the_shapes_of_the_exported_graph(pair: Pair) -> None:
    ours, exported = weights(pair)
    assert ours == exported


def test_two_columns_have_as_many_weights_as_two_groups() -> None:
    ours, exported = (sum(prod(shape) * many for shape, many in each.items()) for each in weights(PAIRS[0]))
    assert ours == exported
