"""ResNet (He, Zhang, Ren & Sun 2015): the nets of Table 1 for ImageNet, and those of section 4.2 for CIFAR-10.

Other architectures grow on its trunk: `resnet50_trunk(width_multiplier)` is ResNet-50 without `fc`. It takes pictures
B 3 H W and returns their averaged last maps, B 2048·width_multiplier; that width is its attribute `features`.

Lenses know a residual block by two things: a method `branch(x)`, what its own layers make of x, and an attribute
`shortcut`, the module that leads around them, or None.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of, widths_of

EXPANSION = 4  # a bottleneck gives four times as many maps as its 3 × 3 convolution has (Table 1)


@dataclass(frozen=True)
class Design:
    """What all blocks of a net have in common."""

    bottleneck: bool
    residual: bool = True  # False: the plain net of section 3.3, without any shortcut
    stride_in: str = "3×3"  # the convolution of a bottleneck that halves the map; the paper's is the "1×1"
    padded: bool = False  # shortcuts to more channels: zeros (option A) instead of projections (option B)
    normalised: bool = True  # batch normalisation after each convolution, as in the paper

    def out_channels(self, channels: int) -> int:
        return channels * EXPANSION if self.bottleneck else channels


class PaddedShortcut(nn.Module):
    """Option A: every second pixel, and zeros for the channels that are missing. No parameters."""

    def __init__(self, extra: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = extra, stride

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = x[:, :, :: self.stride, :: self.stride]  # B in H/stride W/stride
        return F.pad(x, (0, 0, 0, 0, 0, self.extra))  # B in+extra H/stride W/stride


class BasicBlock(nn.Module):
    """Two 3 × 3 convolutions, and what came in added to what they make of it (figure 5, left)."""

    def __init__(self, in_channels: int, channels: int, stride: int, design: Design) -> None:
        super().__init__()
        self.conv1 = _conv(in_channels, channels, 3, stride)
        self.norm1 = _norm(channels, design)
        self.relu1 = nn.ReLU()
        self.conv2 = _conv(channels, channels, 3)
        self.norm2 = _norm(channels, design)
        self.shortcut = _shortcut(in_channels, channels, stride, design)
        self.relu2 = nn.ReLU()

    def branch(self, x: Tensor) -> Tensor:  # F(x): B in H W
        y = self.relu1(self.norm1(self.conv1(x)))  # B C H/stride W/stride
        return self.norm2(self.conv2(y))  # B C H/stride W/stride

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        y = self.branch(x)  # B C H/stride W/stride
        if self.shortcut is not None:
            y = y + self.shortcut(x)  # F(x) + x, eq. 1
        return self.relu2(y)


class Bottleneck(nn.Module):
    """1 × 1 to fewer channels, 3 × 3 among these, 1 × 1 back to four times as many (figure 5, right)."""

    def __init__(self, in_channels: int, channels: int, stride: int, design: Design) -> None:
        super().__init__()
        out_channels = channels * EXPANSION
        # the paper puts the stride into conv1; conv2 then sees the whole map, for 6 % more multiply-adds in ResNet-50
        first, second = (stride, 1) if design.stride_in == "1×1" else (1, stride)
        self.conv1 = _conv(in_channels, channels, 1, first)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = _conv(channels, channels, 3, second)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()
        self.conv3 = _conv(channels, out_channels, 1)
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.shortcut = _shortcut(in_channels, out_channels, stride, design)
        self.relu3 = nn.ReLU()

    def branch(self, x: Tensor) -> Tensor:  # F(x): B in H W
        y = self.relu1(self.norm1(self.conv1(x)))  # B C H W
        y = self.relu2(self.norm2(self.conv2(y)))  # B C H/stride W/stride
        return self.norm3(self.conv3(y))  # B 4C H/stride W/stride

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        y = self.branch(x)  # B 4C H/stride W/stride
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return self.relu3(y)


class Trunk(nn.Module):
    """conv1 to conv5 of Table 1, and the mean of every map of conv5: all of the net but its last layer."""

    def __init__(self, blocks: tuple[int, ...], width: int, design: Design) -> None:
        super().__init__()
        first, second, third, fourth = _counted(blocks, "conv2, conv3, conv4 and conv5", (3, 4, 6, 3))
        out = [design.out_channels(width * 2**number) for number in range(4)]
        self.conv1 = _stem(width, kernel_size=7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = _stage(first, width, width, 1, design)
        self.conv3 = _stage(second, out[0], 2 * width, 2, design)
        self.conv4 = _stage(third, out[1], 4 * width, 2, design)
        self.conv5 = _stage(fourth, out[2], 8 * width, 2, design)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.features = out[3]

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x = self.pool(self.conv1(image))  # B 64 56 56
        x = self.conv2(x)  # B 256 56 56, or 64 with basic blocks
        x = self.conv3(x)  # B 512 28 28, or 128
        x = self.conv4(x)  # B 1024 14 14, or 256
        x = self.conv5(x)  # B 2048 7 7, or 512
        return torch.flatten(self.average(x), 1)  # B 2048, or 512


class ResNet(Trunk):
    """A net of Table 1: 18 or 34 layers of basic blocks; 50, 101 or 152 of bottlenecks."""

    def __init__(self, blocks: tuple[int, ...], width: int, design: Design, num_classes: int = 1000) -> None:
        super().__init__(blocks, width, design)
        self.fc = nn.Linear(self.features, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        return self.fc(super().forward(image))  # B 1000


class CifarResNet(nn.Module):
    """The nets of section 4.2: 6n + 2 layers on maps of side 32, 16 and 8, n blocks on each."""

    def __init__(self, blocks: tuple[int, ...], width: int, design: Design, num_classes: int = 10) -> None:
        super().__init__()
        first, second, third = _counted(blocks, "conv2, conv3 and conv4", (9, 9, 9))
        self.conv1 = _stem(width, kernel_size=3, stride=1)
        self.conv2 = _stage(first, width, width, 1, design)
        self.conv3 = _stage(second, width, 2 * width, 2, design)
        self.conv4 = _stage(third, 2 * width, 4 * width, 2, design)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 32 32
        x = self.conv2(self.conv1(image))  # B 16 32 32
        x = self.conv3(x)  # B 32 16 16
        x = self.conv4(x)  # B 64 8 8
        return self.fc(torch.flatten(self.average(x), 1))  # B 10


class SmallResNet(nn.Module):
    """The net that trains live: a first convolution, one stage of basic blocks for each size of map, their means."""

    def __init__(self, stem: nn.Sequential, stages: OrderedDict[str, nn.Module], features: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = stem
        self.stages = nn.Sequential(stages)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(features, outputs)

    def forward(self, image: Tensor) -> Tensor:  # B C H W
        x = self.stages(self.conv1(image))  # B channels h w
        return self.fc(torch.flatten(self.average(x), 1))  # B classes


def _norm(channels: int, design: Design) -> nn.Module:
    return nn.BatchNorm2d(channels) if design.normalised else nn.Identity()


def _conv(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the map at stride 1; batch normalisation follows, so it needs no bias."""
    return nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)


def _stem(channels: int, kernel_size: int, stride: int) -> nn.Sequential:
    conv = _conv(3, channels, kernel_size, stride)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(channels), relu=nn.ReLU()))


def _stage(blocks: int, in_channels: int, channels: int, stride: int, design: Design) -> nn.Sequential:
    """So many blocks on one size of map; the first may halve the map and change the number of channels."""
    block = Bottleneck if design.bottleneck else BasicBlock
    out_channels = design.out_channels(channels)
    stage = OrderedDict[str, nn.Module](block1=block(in_channels, channels, stride, design))
    for number in range(2, blocks + 1):
        stage[f"block{number}"] = block(out_channels, channels, 1, design)
    return nn.Sequential(stage)


def _shortcut(in_channels: int, out_channels: int, stride: int, design: Design) -> nn.Module | None:
    """The identity where shapes agree (eq. 1); else zeros or a projection to the new shape (eq. 2, options A and B)."""
    if not design.residual:
        return None
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    if design.padded:
        return PaddedShortcut(out_channels - in_channels, stride)
    conv = _conv(in_channels, out_channels, 1, stride)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels)))


def _small_stem(in_channels: int, channels: int, quarter: bool, design: Design) -> nn.Sequential:
    """Halve the picture by a 5 × 5 convolution and, if it is to be a quarter, once more by pooling, as Table 1 does."""
    layers = OrderedDict[str, nn.Module](conv=_conv(in_channels, channels, 5, 2))
    layers |= {"norm": _norm(channels, design), "relu": nn.ReLU()}
    if quarter:
        layers["pool"] = nn.MaxPool2d(3, stride=2, padding=1)
    return nn.Sequential(layers)


def _initialise(model: nn.Module, design: Design) -> None:
    """Draw each convolution's weights by the size of what it gives (sec. 3.4: the initialisation of ref. 13).

    Without batch normalisation nothing keeps a long sum of blocks small, so each block begins by adding nothing.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    if design.residual and not design.normalised:
        for module in model.modules():
            if isinstance(module, BasicBlock):
                nn.init.zeros_(module.conv2.weight)


def _counted(blocks: tuple[int, ...], stages: str, example: tuple[int, ...]) -> tuple[int, ...]:
    if len(blocks) == len(example):
        return blocks
    raise SpecError(
        f"blocks = {_dashed(blocks)} has {len(blocks)} numbers and needs {len(example)}, one for each of {stages}. "
        f"Try {_dashed(blocks[: len(example)] if len(blocks) > len(example) else example)}."
    )


def _dashed(numbers: tuple[int, ...]) -> str:
    return "-".join(str(number) for number in numbers)


def resnet50_trunk(width_multiplier: int = 1, stride_in: str = "3×3") -> Trunk:
    """Build ResNet-50 without `fc`: B 3 H W → B 2048·width_multiplier, each of its layers so many times as wide."""
    return Trunk((3, 4, 6, 3), 64 * width_multiplier, Design(bottleneck=True, stride_in=stride_in))


def build(settings: Settings) -> nn.Module:
    """Build the net that the settings name: form "basic" or "bottleneck" for ImageNet, "cifar" for CIFAR-10."""
    form, residual = str(settings["form"]), settings["shortcut"] == "residual"
    sizes = (widths_of(settings, "blocks"), int_of(settings, "width"))
    num_classes = int_of(settings, "num_classes")
    if form == "cifar":
        return CifarResNet(*sizes, Design(bottleneck=False, residual=residual, padded=True), num_classes)
    stride_in = str(settings.get("stride_in", "3×3"))
    return ResNet(*sizes, Design(form == "bottleneck", residual, stride_in), num_classes)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the net that trains live: 2 · n · stages + 2 layers, n blocks on each size of map."""
    design = Design(
        bottleneck=False,
        residual=settings["shortcut"] == "residual",
        padded=True,
        normalised=bool(settings["batch_norm"]),
    )
    channels, blocks = widths_of(settings, "channels"), int_of(settings, "blocks")
    _checked_growth(channels)
    stages = OrderedDict[str, nn.Module]()
    for number, (before, after) in enumerate(pairwise((channels[0], *channels)), 2):
        stages[f"conv{number}"] = _stage(blocks, before, after, 1 if number == 2 else 2, design)
    stem = _small_stem(input_shape[0], channels[0], settings["first_maps"] == "1/4", design)
    model = SmallResNet(stem, stages, channels[-1], outputs)
    _initialise(model, design)
    # a fifth faster on a CPU, or more
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload] - torch's stubs do not know it


def _checked_growth(channels: tuple[int, ...]) -> None:
    """Raise SpecError where a stage has fewer channels than the one before: padding with zeros only adds channels."""
    rising = tuple(accumulate(channels, max))
    if rising != channels:
        raise SpecError(
            f"channels = {_dashed(channels)} fall from one stage to the next, and a shortcut that is padded with zeros "
            f"can only add channels. Try {_dashed(rising)}."
        )
