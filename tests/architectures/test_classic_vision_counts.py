"""Counts of VGG, AlexNet, OverFeat and Network in Network, worked out from the papers' tables without the models."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer import catalog
from explorer.spec import Variant

# Table 1 of the VGG paper, column by column: kernel and maps of each convolution, "M" for max pooling
VGG_TABLE_1 = {
    "A": "3-64 M 3-128 M 3-256 3-256 M 3-512 3-512 M 3-512 3-512 M",
    "B": "3-64 3-64 M 3-128 3-128 M 3-256 3-256 M 3-512 3-512 M 3-512 3-512 M",
    "C": "3-64 3-64 M 3-128 3-128 M 3-256 3-256 1-256 M 3-512 3-512 1-512 M 3-512 3-512 1-512 M",
    "D": "3-64 3-64 M 3-128 3-128 M 3-256 3-256 3-256 M 3-512 3-512 3-512 M 3-512 3-512 3-512 M",
    "E": "3-64 3-64 M 3-128 3-128 M 3-256 3-256 3-256 3-256 M 3-512 3-512 3-512 3-512 M 3-512 3-512 3-512 3-512 M",
}
VGG_COLUMN = {
    "vgg11": "A", "vgg13": "B", "vgg16-c": "C", "vgg16": "D", "vgg19": "E",
    "vgg11_bn": "A", "vgg13_bn": "B", "vgg16_bn": "D", "vgg19_bn": "E",
}  # fmt: skip
VGG_TABLE_2 = {"vgg11": 133, "vgg13": 133, "vgg16-c": 134, "vgg16": 138, "vgg19": 144}  # millions


def variant_of(key: str, id: str) -> Variant:
    return catalog.get(key).variant(id)


def dense(*widths: int) -> tuple[int, int]:
    """Parameters and multiply-adds of fully connected layers of these widths."""
    pairs = list(pairwise(widths))
    return sum((before + 1) * after for before, after in pairs), sum(before * after for before, after in pairs)


def vgg(column: str, batch_norm: bool) -> tuple[int, int]:
    parameters = macs = 0
    channels, side = 3, 224
    for entry in VGG_TABLE_1[column].split():
        if entry == "M":
            side //= 2
            continue
        kernel, maps = (int(number) for number in entry.split("-"))
        weights = kernel * kernel * channels * maps
        parameters += weights + maps + (2 * maps if batch_norm else 0)
        macs += weights * side * side
        channels = maps
    assert (channels, side) == (512, 7)
    more, work = dense(512 * 7 * 7, 4096, 4096, 1000)
    return parameters + more, macs + work


@pytest.mark.parametrize("id", VGG_COLUMN)
def test_vgg_column_by_column(id: str) -> None:
    variant = variant_of("vgg", id)
    assert (variant.parameters, variant.macs) == vgg(VGG_COLUMN[id], id.endswith("_bn"))
    assert variant.fixed == 0


@pytest.mark.parametrize("id", VGG_TABLE_2)
def test_vgg_counts_round_to_the_millions_of_table_2(id: str) -> None:
    assert round(variant_of("vgg", id).parameters / 1e6) == VGG_TABLE_2[id]


def test_vggs_fc6_holds_three_quarters_of_the_parameters_and_hardly_any_work() -> None:
    variant = variant_of("vgg", "vgg16")
    parameters, macs = dense(512 * 7 * 7, 4096)
    assert parameters == 102_764_544
    assert variant.macs
    assert round(100 * parameters / variant.parameters) == 74
    assert macs / variant.macs < 0.01
    convolutions = variant.parameters - dense(512 * 7 * 7, 4096, 4096, 1000)[0]
    assert round(100 * convolutions / variant.parameters) == 11


def test_the_catalog_holds_exactly_the_named_vggs() -> None:
    assert {one.id for one in catalog.get("vgg").variants} == set(VGG_COLUMN)


# sec. 3.5 and Figure 2 of the AlexNet paper: kernel, maps that one kernel reads, maps made, side of the output
ALEXNET_LAYERS = {
    "alexnet-2012": ((11, 3, 96, 55), (5, 48, 256, 27), (3, 256, 384, 13), (3, 192, 384, 13), (3, 192, 256, 13)),
    "alexnet-ungrouped": ((11, 3, 96, 55), (5, 96, 256, 27), (3, 256, 384, 13), (3, 384, 384, 13), (3, 384, 256, 13)),
    "alexnet-torchvision": ((11, 3, 64, 55), (5, 64, 192, 27), (3, 192, 384, 13), (3, 384, 256, 13), (3, 256, 256, 13)),
}
ALEXNET_COUNTS = {
    "alexnet-2012": (60_965_224, 724_406_816),
    "alexnet-ungrouped": (62_378_344, 1_135_256_096),
    "alexnet-torchvision": (61_100_840, 714_188_480),
}


@pytest.mark.parametrize("id", ALEXNET_LAYERS)
def test_alexnet_layer_by_layer(id: str) -> None:
    parameters, macs = dense(256 * 6 * 6, 4096, 4096, 1000)
    for kernel, reads, maps, side in ALEXNET_LAYERS[id]:
        parameters += (kernel * kernel * reads + 1) * maps
        macs += kernel * kernel * reads * maps * side * side
    variant = variant_of("alexnet", id)
    assert (variant.parameters, variant.macs) == (parameters, macs) == ALEXNET_COUNTS[id]


def test_what_the_lesson_on_alexnet_says_of_its_numbers() -> None:
    maps = [maps * side * side for _, _, maps, side in ALEXNET_LAYERS["alexnet-2012"]]
    assert maps == [290_400, 186_624, 64_896, 64_896, 43_264]  # the caption prints 253,440 for the first
    assert sum(maps) + 4096 + 4096 + 1000 == 659_272
    two, one = (variant_of("alexnet", id) for id in ("alexnet-2012", "alexnet-ungrouped"))
    assert two.macs
    assert one.macs
    assert round(100 * (1 - two.macs / one.macs)) == 36
    assert round(100 * dense(9216, 4096, 4096, 1000)[0] / two.parameters) == 96
    assert round(100 * dense(9216, 4096, 4096, 1000)[1] / two.macs) == 8


def test_the_catalog_holds_exactly_the_named_alexnets() -> None:
    assert {one.id for one in catalog.get("alexnet").variants} == set(ALEXNET_LAYERS)
