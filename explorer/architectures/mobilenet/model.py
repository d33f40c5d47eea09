"""MobileNet, the first version (Howard et al. 2017): thirteen separable blocks, thin as you like; and a small one."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, float_of, int_of

# Table 1: stride and channels of each block before and after the five of 14 × 14 × 512.
# It prints stride 2 for the last block as well, but with 7 × 7 on both sides: that needs stride 1.
BEFORE = ((1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512))
AFTER = ((2, 1024), (1, 1024))
SMALL = ((1, 32), (2, 64), (1, 64), (2, 128))  # of the network that trains live: 14 × 14 → 7 × 7 → 4 × 4


class DepthwiseSeparable(nn.Module):
    """A 3 × 3 filter for each channel, then a 1 × 1 convolution across them, each with norm and ReLU (figure 3)."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, padding=1, groups=in_channels, bias=False)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.relu1(self.norm1(self.depthwise(x)))  # B in H/stride W/stride
        return self.relu2(self.norm2(self.pointwise(x)))  # B out H/stride W/stride


class MobileNet(nn.Module):
    """Table 1: one ordinary convolution, depthwise separable blocks, an average, a linear layer.

    `width` is the paper's α: it multiplies every number of channels. `blocks_512`: how many blocks of 512 channels
    follow each other at 14 × 14; without them it is the shallow network of table 5.
    """

    def __init__(
        self, width: float = 1.0, blocks_512: int = 5, separable: bool = True, num_classes: int = 1000
    ) -> None:
        super().__init__()
        in_channels = _thinned(32, width)
        self.stem = _convolution(3, in_channels, 2)
        blocks: list[nn.Module] = []
        for stride, channels in (*BEFORE, *((1, 512),) * blocks_512, *AFTER):
            out_channels = _thinned(channels, width)
            block = DepthwiseSeparable if separable else _convolution
            blocks.append(block(in_channels, out_channels, stride))
            in_channels = out_channels
        self.blocks = nn.ModuleList(blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(in_channels, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x = self.stem(image)  # B 32α 112 112
        for block in self.blocks:
            x = block(x)  # in the end B 1024α 7 7
        x = torch.flatten(self.pool(x), 1)  # B 1024α
        return self.fc(x)  # B 1000


def _convolution(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """An ordinary 3 × 3 convolution: the stem, and every block of the network that table 4 compares with."""
    conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels), relu=nn.ReLU()))


def _thinned(channels: int, width: float, smallest: int = 32) -> int:
    """Return α times the channels; raises SpecError if that is not a whole number.

    All layers are multiples of the `smallest`.
    """
    thinned = channels * width
    if thinned != int(thinned):
        near = round(smallest * width) / smallest
        raise SpecError(
            f"width {width:g} does not fit: {channels} channels × {width:g} = {thinned:g} is not a whole number. "
            f"Try {near:g}."
        )
    return int(thinned)


class SmallMobileNet(nn.Module):
    """Table 1 at a toy's size: one ordinary convolution, four blocks, an average, a linear layer.

    `resolution`: the picture is first brought to so many pixels a side, the paper's second dial. `memory_format`: how
    the maps lie in memory, which changes the speed and not the numbers.
    """

    def __init__(
        self, input_shape: tuple[int, ...], width: float, resolution: int, separable: bool, outputs: int
    ) -> None:
        super().__init__()
        in_channels, side, _ = input_shape
        self.memory_format = torch.channels_last
        channels = _thinned(16, width, smallest=16)
        self.resize = nn.Identity() if resolution == side else nn.AdaptiveAvgPool2d(resolution)
        self.stem = _convolution(in_channels, channels, 2)
        block = DepthwiseSeparable if separable else _convolution
        blocks: list[nn.Module] = []
        for stride, wide in SMALL:
            blocks.append(block(channels, _thinned(wide, width, smallest=16), stride))
            channels = _thinned(wide, width, smallest=16)
        self.blocks = nn.ModuleList(blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:  # B 1 28 28
        x = self.stem(self.resize(x))  # B 16α 14 14
        # usually the channels of a cell side by side: depthwise filters then run faster than over one plane a channel
        x = x.contiguous(memory_format=self.memory_format)
        for block in self.blocks:
            x = block(x)  # in the end B 128α 4 4
        x = torch.flatten(self.pool(x), 1)  # B 128α
        return self.fc(x)  # B classes


def build(settings: Settings) -> nn.Module:
    """Build MobileNet with the width, depth and kind of convolution that the settings name."""
    separable = settings["convolutions"] == "separable"
    return MobileNet(float_of(settings, "width"), int_of(settings, "blocks_512"), separable)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live, as wide and for pictures as large as the settings say."""
    separable = settings["convolutions"] == "separable"
    width, resolution = float_of(settings, "width"), int_of(settings, "resolution")
    return SmallMobileNet(input_shape, width, resolution, separable, outputs)
