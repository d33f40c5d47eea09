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
