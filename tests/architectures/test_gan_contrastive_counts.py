"""Counts of the GAN, MoCo and SimCLR variants, worked out here without the models."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer import catalog

PAIRS_2014 = {
    "gan-mnist-generator": (2_503_984, 2_500_800),
    "gan-mnist-discriminator": (1_231_441, 1_229_040),
    "gan-mnist-total": (3_735_425, 2_500_800 + 2 * 1_229_040),  # one picture made, two judged
}
# (in, out, kernel, side of the map that the weights slide over, batch normalised): from z to the picture
UP = {
    "dcgan-paper-generator": [(1024, 512, 5, 4), (512, 256, 5, 8), (256, 128, 5, 16), (128, 3, 5, 32)],
    "dcgan-pytorch-generator": [(100, 512, 4, 1), (512, 256, 4, 4), (256, 128, 4, 8), (128, 64, 4, 16), (64, 3, 4, 32)],
    "dcgan-pytorch-generator-ngf128":
        [(100, 1024, 4, 1), (1024, 512, 4, 4), (512, 256, 4, 8), (256, 128, 4, 16), (128, 3, 4, 32)],
}  # fmt: skip
DOWN = {
    "dcgan-paper-discriminator": [(3, 128, 5, 32), (128, 256, 5, 16), (256, 512, 5, 8), (512, 1024, 5, 4)],
    "dcgan-pytorch-discriminator": [(3, 64, 4, 32), (64, 128, 4, 16), (128, 256, 4, 8), (256, 512, 4, 4)],
    "dcgan-pytorch-discriminator-ndf128": [(3, 128, 4, 32), (128, 256, 4, 16), (256, 512, 4, 8), (512, 1024, 4, 4)],
}
DCGAN = {
    "dcgan-paper-generator": (18_885_760, 640_614_400),
    "dcgan-paper-discriminator": (17_232_768, 638_992_384),
    "dcgan-pytorch-generator": (3_576_704, 104_628_224),
    "dcgan-pytorch-discriminator": (2_765_568, 103_817_216),
    "dcgan-pytorch-generator-ngf128": (12_658_432, 410_583_040),
    "dcgan-pytorch-discriminator-ndf128": (11_036_160, 408_961_024),
}


def numbers(key: str, id: str) -> tuple[int, int | None]:
    variant = catalog.get(key).variant(id)
    return variant.parameters, variant.macs


def dense(*widths: int) -> tuple[int, int]:
    """Parameters and multiply-adds of dense layers with biases."""
    return sum((i + 1) * o for i, o in pairwise(widths)), sum(i * o for i, o in pairwise(widths))


def convolutions(layers: list[tuple[int, int, int, int]]) -> tuple[int, int]:
    """Parameters and multiply-adds of convolutions without biases."""
    weights = [i * o * kernel**2 for i, o, kernel, _ in layers]
    return sum(weights), sum(weight * side**2 for weight, (*_, side) in zip(weights, layers, strict=True))


def test_the_pair_of_2014_layer_by_layer() -> None:
    assert dense(100, 1200, 1200, 784) == PAIRS_2014["gan-mnist-generator"]
    first, second, last = (784 + 1) * 240 * 5, (240 + 1) * 240 * 5, 240 + 1
    products = (784 + 240) * 240 * 5 + 240
    assert (first + second + last, products) == PAIRS_2014["gan-mnist-discriminator"]
    for id, expected in PAIRS_2014.items():
        assert numbers("gan", id) == expected


@pytest.mark.parametrize("id", UP)
def test_dcgan_generators_layer_by_layer(id: str) -> None:
    weights, macs = convolutions(UP[id])
    gains = sum(2 * out for _, out, *_ in UP[id][:-1])  # the picture is not normalised
    if id == "dcgan-paper-generator":
        projection = 100 * 4 * 4 * 1024
        weights, macs, gains = weights + projection, macs + projection, gains + 2 * 4 * 4 * 1024
    assert numbers("gan", id) == (weights + gains, macs) == DCGAN[id]


@pytest.mark.parametrize("id", DOWN)
def test_dcgan_discriminators_layer_by_layer(id: str) -> None:
    weights, macs = convolutions(DOWN[id])
    gains = sum(2 * out for _, out, *_ in DOWN[id][1:])  # nor are the maps that see the picture
    last = DOWN[id][-1][1] * 4 * 4  # over the whole map, dense or as one convolution
    assert numbers("gan", id) == (weights + gains + last, macs + last) == DCGAN[id]


def test_catalog_holds_exactly_the_named_gans() -> None:
    assert {one.id for one in catalog.get("gan").variants} == {*PAIRS_2014, *DCGAN}
