"""Counts of Xception, MobileNet, CapsNet and the deconvolutional family, worked out here without the models."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer import catalog
from explorer.blueprint import Blueprint
from explorer.spec import Value
from explorer.tracing.trace import blueprint

Count = tuple[int, int]  # parameters, multiply–adds


def conv(k: int, before: int, after: int, side: int, bias: bool = True, norm: bool = False) -> Count:
    weights = k * k * before * after
    return weights + after * (bias + 2 * norm), weights * side * side


def dense(before: int, after: int) -> Count:
    return (before + 1) * after, before * after


def depthwise(channels: int, side: int, norm: bool) -> Count:
    return channels * (9 + 2 * norm), 9 * channels * side * side


def summed(counts: list[Count]) -> Count:
    return sum(each[0] for each in counts), sum(each[1] for each in counts)


def traced(key: str, id: str, **knobs: Value) -> Blueprint:
    return blueprint(key, id, knobs)


def on_card(key: str, id: str) -> Count:
    variant = catalog.get(key).variant(id)
    assert variant.macs is not None
    return variant.parameters, variant.macs


# ---- Xception: figure 5, as (in, out, side of its maps); the last number of a shortcut is the side it halves to ------

SEPARABLE = (
    (64, 128, 147), (128, 128, 147), (128, 256, 74), (256, 256, 74), (256, 728, 37), (728, 728, 37),
    *((728, 728, 19),) * 24,
    (728, 728, 19), (728, 1024, 19), (1024, 1536, 10), (1536, 2048, 10),
)  # fmt: skip
SHORTCUTS = ((64, 128, 74), (128, 256, 37), (256, 728, 19), (728, 1024, 10))


def test_xception_layer_by_layer() -> None:
    plain = [conv(3, 3, 32, 149, False, True), conv(3, 32, 64, 147, False, True)]
    separable = [depthwise(before, side, norm=False) for before, _, side in SEPARABLE]
    separable += [conv(1, before, after, side, False, True) for before, after, side in SEPARABLE]
    shortcuts = [conv(1, before, after, side, False, True) for before, after, side in SHORTCUTS]
    assert len(plain) + len(SEPARABLE) == 36  # sec. 3
    found = summed([*plain, *separable, *shortcuts, dense(2048, 1000)])
    assert found == on_card("xception", "xception") == (22_855_952, 8_357_403_496)


def test_xceptions_hidden_layers_and_shortcuts_cost_what_they_hold() -> None:
    whole = on_card("xception", "xception")[0]
    hidden = summed([dense(2048, 4096), dense(4096, 4096), dense(4096, 1000)])[0] - dense(2048, 1000)[0]
    shortcuts = sum(before * after + 2 * after for before, after, _ in SHORTCUTS)
    assert traced("xception", "xception", hidden_layers=True).trainable == whole + hidden
    assert traced("xception", "xception", residual=False).trainable == whole - shortcuts


@pytest.mark.parametrize("segments", [1, 2, 4])
def test_fewer_segments_than_channels_make_the_spatial_half_larger(segments: int) -> None:
    whole = on_card("xception", "xception")[0]
    more = sum(9 * before * before // segments - 9 * before for before, _, _ in SEPARABLE)
    assert traced("xception", "xception", segments=str(segments)).trainable == whole + more


# ---- MobileNet: Table 1, as (channels in, channels out, side before, side after) -------------------------------------

BLOCKS = (
    (32, 64, 112, 112), (64, 128, 112, 56), (128, 128, 56, 56), (128, 256, 56, 28), (256, 256, 28, 28),
    (256, 512, 28, 14), *((512, 512, 14, 14),) * 5, (512, 1024, 14, 7), (1024, 1024, 7, 7),
)  # fmt: skip


def mobilenet(alpha: float, rho: float = 1.0, blocks: tuple[tuple[int, int, int, int], ...] = BLOCKS) -> Count:
    def thin(channels: int) -> int:
        return round(alpha * channels)

    layers = [conv(3, 3, thin(32), round(rho * 112), False, True)]
    for before, after, _, side in blocks:
        layers.append(depthwise(thin(before), round(rho * side), norm=True))
        layers.append(conv(1, thin(before), thin(after), round(rho * side), False, True))
    return summed([*layers, dense(thin(1024), 1000)])


@pytest.mark.parametrize(
    ("width", "parameters", "macs"),
    [("1.0", 4_231_976, 568_740_352), ("0.75", 2_585_560, 325_400_448), ("0.5", 1_331_592, 149_497_088),
     ("0.25", 470_072, 41_030_272)],
)  # fmt: skip
def test_mobilenets_of_every_width_layer_by_layer(width: str, parameters: int, macs: int) -> None:
    assert mobilenet(float(width)) == on_card("mobilenet", f"mobilenet_v1_{width}") == (parameters, macs)


@pytest.mark.parametrize(("side", "millions"), [(224, 569), (192, 418), (160, 290), (128, 186)])
def test_a_smaller_picture_costs_what_table_7_prints_and_no_parameter_less(side: int, millions: int) -> None:
    found = traced("mobilenet", "mobilenet_v1_1.0", image_size=side)
    assert (found.trainable, found.macs) == mobilenet(1.0, side / 224)
    assert found.macs / 1e6 == pytest.approx(millions, abs=1)


def test_the_rivals_of_tables_4_and_5_cost_what_they_print() -> None:
    ordinary = traced("mobilenet", "mobilenet_v1_1.0", convolutions="ordinary")
    layers = [conv(3, 3, 32, 112, False, True)]
    layers += [conv(3, before, after, side, False, True) for before, after, _, side in BLOCKS]
    assert (ordinary.trainable, ordinary.macs) == summed([*layers, dense(1024, 1000)])
    assert ordinary.macs / 1e6 == pytest.approx(4866, abs=1.5)  # 4,867.3 counted
    assert round(ordinary.trainable / 1e6, 1) == 29.3
    shallow = traced("mobilenet", "mobilenet_v1_1.0", blocks_512=0)
    assert (shallow.trainable, shallow.macs) == mobilenet(1.0, blocks=(*BLOCKS[:6], *BLOCKS[11:]))
    assert (round(shallow.macs / 1e6), round(shallow.trainable / 1e6, 1)) == (307, 2.9)


def test_most_of_mobilenets_work_is_in_1x1_convolutions_as_table_2_prints() -> None:
    parameters, macs = summed([conv(1, before, after, side, False) for before, after, _, side in BLOCKS])
    assert 100 * macs / mobilenet(1.0)[1] == pytest.approx(94.86, abs=0.01)
    norms = sum(2 * (before + after) for before, after, _, _ in BLOCKS) + 2 * 32
    weights = mobilenet(1.0)[0] - norms - 1000  # the table counts neither norms nor the bias of the last layer
    assert 100 * parameters / weights == pytest.approx(74.59, abs=0.01)


# ---- CapsNet: figures 1 and 2 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "decoder", "bias"),
    [("capsnet-mnist", True, 0), ("capsnet-mnist-capsbias", True, 160), ("capsnet-mnist-nodecoder", False, 0),
     ("capsnet-mnist-nodecoder-capsbias", False, 160)],
)  # fmt: skip
def test_capsnet_layer_by_layer(id: str, decoder: bool, bias: int) -> None:
    matrices = 6 * 6 * 32 * 10 * 16 * 8
    layers = [conv(9, 1, 256, 20), conv(9, 256, 32 * 8, 6), (matrices + bias, matrices)]
    if decoder:
        layers += [dense(160, 512), dense(512, 1024), dense(1024, 784)]
    assert summed(layers) == on_card("capsnet", id)
    assert round(summed(layers)[0] / 1e6, 1) == (8.2 if decoder else 6.8)  # sec. 5


# ---- the deconvolutional family --------------------------------------------------------------------------------------


def test_zfnet_layer_by_layer_and_its_deconvnet_for_the_work_of_its_convolutions() -> None:
    convolutions = [
        conv(7, 3, 96, 110), conv(5, 96, 256, 26), conv(3, 256, 384, 13), conv(3, 384, 384, 13), conv(3, 384, 256, 13),
    ]  # fmt: skip
    up = summed([*convolutions, dense(6 * 6 * 256, 4096), dense(4096, 4096), dense(4096, 1000)])
    assert up == on_card("deconvolution", "zfnet") == (62_357_608, 1_168_032_896)
    for layer in range(1, 6):
        found = traced("deconvolution", "zfnet", deconvnet=f"layer {layer}")
        assert found.parameters == up[0], "the deconvnet has filters of its own"
        assert found.macs == up[1] + summed(convolutions[:layer])[1]


VGG16 = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))


def vgg16(sides: tuple[int, ...], norm: bool = False) -> list[Count]:
    stages = zip(VGG16, sides, strict=True)
    return [conv(3, before, after, side, True, norm) for stage, side in stages for before, after in pairwise(stage)]


@pytest.mark.parametrize(
    ("stride", "fusions", "learned", "fixed", "macs"),
    [
        (32, (), 134_346_581, 1_806_336, 181_365_854_976),
        (16, ((512, 44, 16),), 134_364_410, 451_584, 181_448_086_272),
        (8, ((512, 44, 16), (256, 88, 34)), 134_376_863, 112_896, 181_529_034_048),
    ],
)
def test_fcn_layer_by_layer(
    stride: int, fusions: tuple[tuple[int, int, int], ...], learned: int, fixed: int, macs: int
) -> None:
    """A fusion: channels and side of the pooling it scores, and side of the map that is brought up to it."""
    layers = vgg16((698, 349, 175, 88, 44))
    layers += [conv(7, 512, 4096, 16), conv(1, 4096, 4096, 16), conv(1, 4096, 21, 16)]
    between = 0
    for channels, pooled, coarse in fusions:
        kernel = 21 * 21 * 4 * 4
        layers += [conv(1, channels, 21, pooled), (kernel, kernel * coarse * coarse)]
        between += kernel
    last, coarse = 21 * 21 * (2 * stride) ** 2, {32: 16, 16: 34, 8: 70}[stride]
    trained, work = summed(layers)
    variant = catalog.get("deconvolution").variant(f"fcn{stride}s-vgg16")
    assert (trained, last, work + last * coarse * coarse) == (learned, fixed, macs)
    assert (variant.parameters, variant.fixed, variant.macs) == (learned, fixed, macs)
    if fusions:  # the authors' code trains none of the upsampling
        found = traced("deconvolution", variant.id, learn_upsampling=False)
        assert (found.trainable, found.fixed) == (learned - between, fixed + between)


MIRROR = ((512, 512, 512, 512), (512, 512, 512, 256), (256, 256, 256, 128), (128, 128, 64), (64, 64, 64))


@pytest.mark.parametrize("norm", [True, False])
def test_deconvnet_layer_by_layer(norm: bool) -> None:
    layers = vgg16((224, 112, 56, 28, 14), norm)
    layers += [conv(7, 512, 4096, 1, True, norm), conv(1, 4096, 4096, 1, True, norm), conv(7, 4096, 512, 1, True, norm)]
    for stage, side in zip(MIRROR, (14, 28, 56, 112, 224), strict=True):
        layers += [conv(3, before, after, side, True, norm) for before, after in pairwise(stage)]
    found = traced("deconvolution", "deconvnet-noh", batch_norm=norm)
    assert summed([*layers, conv(1, 64, 21, 224)]) == (found.trainable, found.macs)
    assert found.trainable == (251_805_653 if norm else 251_772_245)
    if norm:
        assert (found.trainable, found.macs) == on_card("deconvolution", "deconvnet-noh")


def test_catalog_holds_exactly_the_named_variants_of_these_four() -> None:
    named = {
        "xception": {"xception"},
        "mobilenet": {f"mobilenet_v1_{width}" for width in ("1.0", "0.75", "0.5", "0.25")},
        "capsnet": {f"capsnet-mnist{form}" for form in ("", "-capsbias", "-nodecoder", "-nodecoder-capsbias")},
        "deconvolution": {"zfnet", "fcn32s-vgg16", "fcn16s-vgg16", "fcn8s-vgg16", "deconvnet-noh"},
    }
    assert {key: {one.id for one in catalog.get(key).variants} for key in named} == named
