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


# Tables 1 and 3 of the OverFeat paper: maps, kernel, side of the convolution's output
OVERFEAT_LAYERS = {
    "overfeat-fast": (
        (96, 11, 56), (256, 5, 24), (512, 3, 12), (1024, 3, 12), (1024, 3, 12),
        (3072, 6, 1), (4096, 1, 1), (1000, 1, 1),
    ),
    "overfeat-accurate": (
        (96, 7, 108), (256, 7, 30), (512, 3, 15), (512, 3, 15), (1024, 3, 15), (1024, 3, 15),
        (4096, 5, 1), (4096, 1, 1), (1000, 1, 1),
    ),
}  # fmt: skip
OVERFEAT_TABLE_4 = {"overfeat-fast": (145, 2810), "overfeat-accurate": (144, 5369)}  # millions


@pytest.mark.parametrize("id", OVERFEAT_LAYERS)
def test_overfeat_layer_by_layer(id: str) -> None:
    channels, parameters, macs = 3, 0, 0
    for maps, kernel, side in OVERFEAT_LAYERS[id]:
        parameters += (kernel * kernel * channels + 1) * maps
        macs += kernel * kernel * channels * maps * side * side
        channels = maps
    variant = variant_of("overfeat", id)
    assert (variant.parameters, variant.macs) == (parameters, macs)
    millions, connections = OVERFEAT_TABLE_4[id]
    assert variant.parameters // 10**6 == millions
    assert round(100 * (1 - macs / 1e6 / connections), 1) == 0.3


@pytest.mark.parametrize(("id", "boxes"), [("overfeat-regressor-scr", 1), ("overfeat-regressor-pcr", 1000)])
def test_overfeats_regressors_are_three_dense_layers(id: str, boxes: int) -> None:
    variant = variant_of("overfeat", id)
    assert (variant.parameters, variant.macs) == dense(256 * 5 * 5, 4096, 1024, 4 * boxes)
    wide, _ = dense(1024 * 5 * 5, 4096, 1024, 4 * boxes)
    assert wide - variant.parameters == 78_643_200


def test_the_released_weights_of_the_fast_model_are_as_many() -> None:
    assert variant_of("overfeat", "overfeat-fast").parameters == 145_919_872 + 1000


def test_the_catalog_holds_exactly_the_named_overfeats() -> None:
    named = {*OVERFEAT_LAYERS, "overfeat-regressor-scr", "overfeat-regressor-pcr"}
    assert {one.id for one in catalog.get("overfeat").variants} == named


# The authors' NiN files: kernel, maps of the convolution and of the two 1 × 1 layers, side
NIN_LAYERS = {
    "nin-cifar10": ((5, (192, 160, 96), 32), (5, (192, 192, 192), 16), (3, (192, 192, 10), 8)),
    "nin-cifar100": ((5, (192, 160, 96), 32), (5, (192, 192, 192), 16), (3, (192, 192, 100), 8)),
    "nin-imagenet": (
        (11, (96, 96, 96), 54), (5, (256, 256, 256), 27), (3, (384, 384, 384), 13), (3, (1024, 1024, 1000), 6),
    ),
}  # fmt: skip
NIN_COUNTS = {
    "nin-cifar10": (966_986, 222_486_528),
    "nin-cifar100": (984_356, 223_592_448),
    "nin-imagenet": (7_595_176, 1_100_188_800),
}


def nin(id: str) -> tuple[int, int, int]:
    """Parameters, multiply-adds, and parameters of the 1 × 1 layers alone."""
    channels, parameters, macs, inside = 3, 0, 0, 0
    for kernel, widths, side in NIN_LAYERS[id]:
        parameters += (kernel * kernel * channels + 1) * widths[0]
        macs += kernel * kernel * channels * widths[0] * side * side
        more, work = dense(*widths)
        parameters, macs, inside = parameters + more, macs + work * side * side, inside + more
        channels = widths[-1]
    return parameters, macs, inside


@pytest.mark.parametrize("id", NIN_LAYERS)
def test_nin_layer_by_layer(id: str) -> None:
    variant = variant_of("nin", id)
    assert (variant.parameters, variant.macs) == nin(id)[:2] == NIN_COUNTS[id]


def test_what_the_lesson_on_nin_says_of_its_numbers() -> None:
    parameters, _, inside = nin("nin-cifar10")
    assert round(100 * inside / parameters) == 16
    ratio = variant_of("alexnet", "alexnet-2012").parameters / variant_of("nin", "nin-imagenet").parameters
    assert round(ratio) == 8


def test_the_catalog_holds_exactly_the_named_nins() -> None:
    assert {one.id for one in catalog.get("nin").variants} == set(NIN_LAYERS)
