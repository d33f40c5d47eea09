"""Counts of the ResNet, GoogLeNet and SqueezeNet variants, worked out here without the models."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from explorer import catalog
from explorer.spec import SpecError, Variant
from explorer.tracing.trace import blueprint


@dataclass(frozen=True)
class Count:
    """Parameters and multiply-adds; they add up."""

    parameters: int
    macs: int

    def __add__(self, other: Count) -> Count:
        return Count(self.parameters + other.parameters, self.macs + other.macs)


NOTHING = Count(0, 0)


def held(variant: Variant) -> Count:
    assert variant.macs is not None
    return Count(variant.parameters, variant.macs)


def drawn(key: str, variant: str, **knobs: object) -> Count:
    found = blueprint(key, variant, knobs)  # type: ignore[arg-type]
    return Count(found.trainable, found.macs)


def conv_norm(before: int, after: int, kernel: int, side: int) -> Count:
    """A convolution without bias onto a map of this side, and two numbers a channel of its normalisation."""
    weights = before * after * kernel**2
    return Count(weights + 2 * after, weights * side**2)


def dense(before: int, after: int) -> Count:
    return Count((before + 1) * after, before * after)


# ---- ResNet ----------------------------------------------------------------------------------------------------------

STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}  # Table 1
CIFAR = {20: 3, 32: 5, 44: 7, 56: 9, 110: 18}  # section 4.2: n


def imagenet_resnet(layers: int, plain: bool = False, stride_in: str = "3×3") -> Count:
    wide = 4 if layers >= 50 else 1
    total, before, side = conv_norm(3, 64, 7, 112), 64, 56
    for channels, blocks in zip((64, 128, 256, 512), STAGES[layers], strict=True):
        out = channels * wide
        for block in range(blocks):
            halved = side // 2 if block == 0 and channels > 64 else side
            if wide == 4:
                first = halved if stride_in == "1×1" else side
                total += conv_norm(before, channels, 1, first)
                total += conv_norm(channels, channels, 3, halved) + conv_norm(channels, out, 1, halved)
            else:
                total += conv_norm(before, channels, 3, halved) + conv_norm(channels, channels, 3, halved)
            if not plain and before != out:
                total += conv_norm(before, out, 1, halved)
            before, side = out, halved
    return total + dense(before, 1000)


def cifar_resnet(n: int) -> Count:
    """Option A: neither shortcuts nor anything else but 6n + 1 convolutions and a linear layer."""
    total = conv_norm(3, 16, 3, 32)
    for before, channels, side in ((16, 16, 32), (16, 32, 16), (32, 64, 8)):
        total += conv_norm(before, channels, 3, side)
        for _ in range(2 * n - 1):
            total += conv_norm(channels, channels, 3, side)
    return total + dense(64, 10)


@pytest.mark.parametrize("layers", STAGES)
def test_resnets_of_table_1_layer_by_layer(layers: int) -> None:
    variant = catalog.get("resnet").variant(f"resnet{layers}")
    assert held(variant) == imagenet_resnet(layers)
    assert sum(STAGES[layers]) * (3 if layers >= 50 else 2) + 2 == layers


@pytest.mark.parametrize("layers", CIFAR)
def test_resnets_for_cifar_layer_by_layer(layers: int) -> None:
    n = CIFAR[layers]
    assert held(catalog.get("resnet").variant(f"resnet{layers}-cifar")) == cifar_resnet(n)
    assert 6 * n + 2 == layers
    assert drawn("resnet", f"resnet{layers}-cifar", shortcut="plain") == cifar_resnet(n)


@pytest.mark.parametrize("layers", STAGES)
def test_plain_nets_lack_exactly_the_projections(layers: int) -> None:
    assert drawn("resnet", f"resnet{layers}", shortcut="plain") == imagenet_resnet(layers, plain=True)


@pytest.mark.parametrize(("layers", "printed"), [(50, 3.8), (101, 7.6), (152, 11.3)])
def test_the_papers_stride_gives_the_papers_multiply_adds(layers: int, printed: float) -> None:
    found = drawn("resnet", f"resnet{layers}", stride_in="1×1")
    assert found == imagenet_resnet(layers, stride_in="1×1")
    assert found.parameters == imagenet_resnet(layers).parameters
    assert abs(found.macs / 1e9 - printed) < 0.06


@pytest.mark.parametrize("chosen", [(3, 4, 6), (3, 4, 6, 3, 2)])
def test_a_wrong_number_of_stages_is_refused_with_one_that_works(chosen: tuple[int, ...]) -> None:
    with pytest.raises(SpecError, match=r"needs 4.*Try 3-4-6-3"):
        blueprint("resnet", "resnet50", {"blocks": chosen})
    with pytest.raises(SpecError, match=r"needs 3, .*conv4. Try 9-9-9"):
        blueprint("resnet", "resnet20-cifar", {"blocks": (3, 3)})


# ---- GoogLeNet -------------------------------------------------------------------------------------------------------

# Table 1: side of the maps; channels in; 1×1; 3×3 reduce, 3×3; 5×5 reduce, 5×5; pool proj
INCEPTION = (
    (28, 192, 64, 96, 128, 16, 32, 32),
    (28, 256, 128, 128, 192, 32, 96, 64),
    (14, 480, 192, 96, 208, 16, 48, 64),
    (14, 512, 160, 112, 224, 24, 64, 64),
    (14, 512, 128, 128, 256, 24, 64, 64),
    (14, 512, 112, 144, 288, 32, 64, 64),
    (14, 528, 256, 160, 320, 32, 128, 128),
    (7, 832, 256, 160, 320, 32, 128, 128),
    (7, 832, 384, 192, 384, 48, 128, 128),
)


def conv_bias(before: int, after: int, kernel: int, side: int) -> Count:
    weights = before * after * kernel**2
    return Count(weights + after, weights * side**2)


def googlenet(modern: bool) -> Count:
    conv, large = (conv_norm, 3) if modern else (conv_bias, 5)
    total = conv(3, 64, 7, 112) + conv(64, 64, 1, 56) + conv(64, 192, 3, 56)
    for side, before, one, reduce3, three, reduce5, five, proj in INCEPTION:
        total += conv(before, one, 1, side) + conv(before, proj, 1, side)
        total += conv(before, reduce3, 1, side) + conv(reduce3, three, 3, side)
        total += conv(before, reduce5, 1, side) + conv(reduce5, five, large, side)
    return total + dense(1024, 1000)


def heads(modern: bool) -> Count:
    conv = conv_norm if modern else conv_bias
    both = [conv(channels, 128, 1, 4) + dense(128 * 16, 1024) + dense(1024, 1000) for channels in (512, 528)]
    return both[0] + both[1]


def idle(count: Count) -> Count:
    return Count(count.parameters, 0)


def test_the_modules_channels_lead_from_one_to_the_next() -> None:
    given = [one + three + five + proj for _, _, one, _, three, _, five, proj in INCEPTION]
    assert [row[1] for row in INCEPTION[1:]] == given[:-1]
    assert given[-1] == 1024


@pytest.mark.parametrize("modern", [False, True])
def test_googlenet_layer_by_layer_with_and_without_heads(modern: bool) -> None:
    card, name = catalog.get("googlenet"), "googlenet-torchvision" if modern else "googlenet"
    assert held(card.variant(f"{name}-noaux")) == googlenet(modern)
    working, sleeping = googlenet(modern) + heads(modern), googlenet(modern) + idle(heads(modern))
    assert held(card.variant(f"{name}-aux")) == (sleeping if modern else working)
    assert drawn("googlenet", f"{name}-aux", phase="training") == working
    assert drawn("googlenet", f"{name}-aux", phase="inference") == sleeping


def test_without_reductions_every_pooling_branch_passes_on_all_that_it_gets() -> None:
    total = conv_bias(3, 64, 7, 112) + conv_bias(64, 64, 1, 56) + conv_bias(64, 192, 3, 56)
    before = 192
    for side, _, one, _, three, _, five, _ in INCEPTION:
        total += conv_bias(before, one, 1, side) + conv_bias(before, three, 3, side) + conv_bias(before, five, 5, side)
        before += one + three + five
    assert drawn("googlenet", "googlenet-noaux", reductions="none") == total + dense(before, 1000)


def test_half_the_width_leaves_a_quarter_of_the_weights_between_convolutions() -> None:
    half = drawn("googlenet", "googlenet-noaux", width=0.5)
    weights = sum(
        before * (one + reduce3 + reduce5 + proj) + 9 * reduce3 * three + 25 * reduce5 * five
        for _, before, one, reduce3, three, reduce5, five, proj in INCEPTION
    )
    weights += 64 * 64 + 64 * 192 * 9
    biases = sum(sum(row[2:]) for row in INCEPTION) + 64 + 64 + 192
    assert half.parameters == weights // 4 + 3 * 32 * 49 + biases // 2 + (512 + 1) * 1000


def test_a_picture_too_small_for_the_heads_is_refused_with_the_sum() -> None:
    with pytest.raises(SpecError, match=r"image_size = 64 .* 4 × 4 cells.* Try 80"):
        blueprint("googlenet", "googlenet-aux", {"image_size": 64})
    for variant in ("googlenet-noaux", "googlenet-torchvision-noaux", "googlenet-torchvision-aux"):
        assert blueprint("googlenet", variant, {"image_size": 32}).macs > 0
    assert blueprint("googlenet", "googlenet-aux", {"image_size": 80}).macs > 0


# ---- SqueezeNet ------------------------------------------------------------------------------------------------------

FIRE = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))  # Table 1: s, each e
SIDES_1_0 = (54, 54, 54, 27, 27, 27, 27, 13)  # of fire2 to fire9, for a picture of 224
SIDES_1_1 = (55, 55, 27, 27, 13, 13, 13, 13)


def fire(before: int, squeeze: int, each: int, side: int) -> Count:
    squeezed = conv_bias(before, squeeze, 1, side)
    return squeezed + conv_bias(squeeze, each, 1, side) + conv_bias(squeeze, each, 3, side)


def squeezenet(first: Count, before: int, sides: tuple[int, ...], complex_bypass: bool = False) -> Count:
    total = first
    for (squeeze, each), side in zip(FIRE, sides, strict=True):
        total += fire(before, squeeze, each, side)
        if complex_bypass and before != 2 * each:
            total += conv_bias(before, 2 * each, 1, side)
        before = 2 * each
    return total + conv_bias(512, 1000, 1, sides[-1])


def test_squeezenets_layer_by_layer() -> None:
    card = catalog.get("squeezenet")
    first = conv_bias(3, 96, 7, 109)
    assert held(card.variant("squeezenet1_0")) == squeezenet(first, 96, SIDES_1_0)
    assert held(card.variant("squeezenet1_0-simple-bypass")) == squeezenet(first, 96, SIDES_1_0)
    assert held(card.variant("squeezenet1_0-complex-bypass")) == squeezenet(first, 96, SIDES_1_0, complex_bypass=True)
    assert held(card.variant("squeezenet1_1")) == squeezenet(conv_bias(3, 64, 3, 111), 64, SIDES_1_1)


def test_the_first_module_has_the_parameters_that_table_1_prints_and_fewer_than_a_full_convolution() -> None:
    assert fire(96, 16, 64, 1).parameters == 11_920
    assert conv_bias(96, 128, 3, 1).parameters == 110_720


@pytest.mark.parametrize(("ratio", "share", "printed"), [(0.125, 0.5, 4.8), (0.5, 0.5, 13), (0.75, 0.5, 19)])
def test_squeeze_ratio_makes_the_sizes_of_figure_3(ratio: float, share: float, printed: float) -> None:
    """Figure 3 prints megabytes of 32-bit weights in whole numbers."""
    found = drawn("squeezenet", "squeezenet1_0", squeeze_ratio=ratio, pct_3x3=share)
    assert abs(4 * found.parameters / 2**20 - printed) < 0.6


@pytest.mark.parametrize("variant", ["squeezenet1_0-simple-bypass", "squeezenet1_0-complex-bypass", "squeezenet1_1"])
@pytest.mark.parametrize("chosen", [(0.01, 0.01, 16, 0), (1.0, 0.99, 16, 512), (0.333, 0.777, 40, 24)])
def test_any_metaparameters_can_be_built(variant: str, chosen: tuple[float, float, int, int]) -> None:
    ratio, share, base, growth = chosen
    found = drawn("squeezenet", variant, squeeze_ratio=ratio, pct_3x3=share, base_e=base, incr_e=growth, image_size=32)
    assert found.parameters > 0
