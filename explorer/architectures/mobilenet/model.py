"""MobileNet, the first version (Howard et al. 2017): thirteen depthwise separable blocks, as thin as you ask for."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, float_of, int_of

# Table 1: stride and channels of each block before and after the five of 14 × 14 × 512.
# It prints stride 2 for the last block as well, but with 7 × 7 on both sides: that needs stride 1.
BEFORE = ((1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512))
AFTER = ((2, 1024), (1, 1024))


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


def _thinned(channels: int, width: float) -> int:
    """Return α times the channels; raises SpecError if that is not a whole number."""
    thinned = channels * width
    if thinned != int(thinned):
        near = round(32 * width) / 32  # 32 is the smallest layer, all others are multiples of it
        raise SpecError(
            f"width {width:g} does not fit: {channels} channels × {width:g} = {thinned:g} is not a whole number. "
            f"Try {near:g}."
        )
    return int(thinned)


def build(settings: Settings) -> nn.Module:
    """Build MobileNet with the width, depth and kind of convolution that the settings name."""
    separable = settings["convolutions"] == "separable"
    return MobileNet(float_of(settings, "width"), int_of(settings, "blocks_512"), separable)
