"""Counts of the perceptron, feed-forward and LeNet variants, worked out here without the models."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer import catalog

LAYERS = {
    ("perceptron", "perceptron-2"): (2, 1),
    ("perceptron", "perceptron-784-1"): (784, 1),
    ("perceptron", "perceptron-784-10"): (784, 10),
    ("feed_forward", "mlp-xor"): (2, 2, 1),
    ("feed_forward", "mlp-784-300-10"): (784, 300, 10),
    ("feed_forward", "mlp-784-1000-10"): (784, 1000, 10),
    ("feed_forward", "mlp-784-300-100-10"): (784, 300, 100, 10),
    ("feed_forward", "mlp-784-500-150-10"): (784, 500, 150, 10),
}
PUBLISHED = {"mlp-784-300-100-10": 266_610, "mlp-784-300-10": 238_510, "mlp-784-1000-10": 795_010, "mlp-xor": 9}
C3_FAN_IN = (3,) * 6 + (4,) * 9 + (6,)  # maps of S2 that each map of C3 reads, table I of the paper


@pytest.mark.parametrize(("key", "id"), LAYERS)
def test_dense_layers_have_a_weight_for_each_input_and_a_bias(key: str, id: str) -> None:
    variant = catalog.get(key).variant(id)
    widths = LAYERS[key, id]
    assert variant.parameters == sum((before + 1) * after for before, after in pairwise(widths))
    assert variant.macs == sum(before * after for before, after in pairwise(widths))
    assert variant.parameters == PUBLISHED.get(id, variant.parameters)


def test_lenet_of_1998_layer_by_layer() -> None:
    variant = catalog.get("cnn").variant("lenet5-1998")
    c1, s2 = (25 + 1) * 6, 2 * 6
    c3, s4 = sum(25 * maps + 1 for maps in C3_FAN_IN), 2 * 16
    c5, f6 = (25 * 16 + 1) * 120, (120 + 1) * 84
    assert (c1, s2, c3, s4, c5, f6) == (156, 12, 1516, 32, 48_120, 10_164)
    assert variant.parameters == c1 + s2 + c3 + s4 + c5 + f6 == 60_000
    assert variant.fixed == 84 * 10


def test_lenet_as_built_today_layer_by_layer() -> None:
    variant = catalog.get("cnn").variant("lenet5-modern")
    convolutions = (25 + 1) * 6 + (25 * 6 + 1) * 16
    dense = (400 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
    assert variant.parameters == convolutions + dense == 61_706
    assert variant.macs == 25 * 6 * 28**2 + 25 * 6 * 16 * 10**2 + 400 * 120 + 120 * 84 + 84 * 10


def test_catalog_holds_exactly_the_named_variants_of_the_standard_networks() -> None:
    named = {key: {id for owner, id in LAYERS if owner == key} for key in ("perceptron", "feed_forward")}
    named["cnn"] = {"lenet5-1998", "lenet5-modern"}
    assert {key: {one.id for one in catalog.get(key).variants} for key in named} == named
