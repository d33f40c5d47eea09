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


MOCO = {"moco_v1": (23_770_304, 4_087_398_400), "moco_v2": (27_966_656, 4_091_592_704)}  # one encoder of the two
QUEUE, KEY = 65_536, 128
SIMCLR = {
    "simclr-r50x1-encoder": (23_508_032, 4_087_136_256),
    "simclr-r50x2-encoder": (93_907_072, 16_112_517_120),
    "simclr-r50x4-encoder": (375_378_176, 63_978_012_672),
    "simclr-r50x1": (27_968_704, 4_091_592_704),
    "simclr-r50x2": (111_216_896, 16_129_818_624),
    "simclr-r50x4": (443_552_128, 64_046_170_112),
}
BOTTLENECKS = ((64, 3, 56), (128, 4, 28), (256, 6, 14), (512, 3, 7))  # channels, blocks, side: ResNet, Table 1


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


def trunk(width: int) -> tuple[int, int]:
    """ResNet-50 without its last layer, `width` times as wide, strides in the 3 × 3: each convolution normalised."""
    layers = [(3, 64 * width, 7, 112)]
    before = 64 * width
    for number, (channels, blocks, side) in enumerate(BOTTLENECKS):
        channels *= width
        layers.append((before, 4 * channels, 1, side))  # the projection of the first shortcut
        for block in range(blocks):
            reduced = 2 * side if number and not block else side  # the first 1 × 1 still sees the larger map
            layers += [(before, channels, 1, reduced), (channels, channels, 3, side), (channels, 4 * channels, 1, side)]
            before = 4 * channels
    weights, macs = convolutions(layers)
    return weights + sum(2 * out for _, out, *_ in layers), macs


def simclr_head(features: int) -> tuple[int, int]:
    """Two layers without biases, the first with gains and shifts, the last with gains alone."""
    products = features * features + features * 128
    return products + 2 * features + 128, products


@pytest.mark.parametrize(("id", "head"), [("moco_v1", (2048, 128)), ("moco_v2", (2048, 2048, 128))])
def test_moco_is_two_encoders_and_the_products_with_the_queue(id: str, head: tuple[int, ...]) -> None:
    (parameters, macs), (more, further) = trunk(1), dense(*head)
    assert (parameters + more, macs + further) == MOCO[id]
    assert numbers("moco", id) == (parameters + more, 2 * (macs + further) + KEY + QUEUE * KEY)
    assert catalog.get("moco").variant(id).fixed == parameters + more


@pytest.mark.parametrize("width", [1, 2, 4])
def test_simclr_is_a_wide_resnet_and_the_head_of_the_authors_code(width: int) -> None:
    (parameters, macs), (more, further) = trunk(width), simclr_head(2048 * width)
    assert numbers("simclr", f"simclr-r50x{width}-encoder") == (parameters, macs)
    assert numbers("simclr", f"simclr-r50x{width}") == (parameters + more, macs + further)
    assert (parameters, macs) == SIMCLR[f"simclr-r50x{width}-encoder"]
    assert (parameters + more, macs + further) == SIMCLR[f"simclr-r50x{width}"]


def test_two_views_cost_twice_and_own_their_weights_once() -> None:
    parameters, macs = SIMCLR["simclr-r50x1"]
    assert numbers("simclr", "simclr-r50x1-pair") == (parameters, 2 * macs + 2 * 2 * KEY)


def test_catalog_holds_exactly_the_named_variants() -> None:
    named = {"gan": {*PAIRS_2014, *DCGAN}, "moco": {*MOCO}, "simclr": {*SIMCLR, "simclr-r50x1-pair"}}
    assert {key: {one.id for one in catalog.get(key).variants} for key in named} == named
