"""Fully convolutional networks (Long, Shelhamer & Darrell 2014): VGG-16 as a filter, its scores drawn up to size."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.architectures.vgg.model import stages


class Crop(nn.Module):
    """Cuts out of a map what lies over another; `offset`: where it begins, which follows from the padding of 100."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset

    def forward(self, x: Tensor, like: Tensor) -> Tensor:  # B C H W and B … h w
        height, width = like.shape[-2:]
        return x[..., self.offset : self.offset + height, self.offset : self.offset + width]  # B C h w


class Fuse(nn.Module):
    """Scores a finer pooling with a 1 × 1 convolution and adds that to what came up from the coarser one."""

    def __init__(self, channels: int, classes: int, offset: int) -> None:
        super().__init__()
        self.score = nn.Conv2d(channels, classes, 1)
        self.crop = Crop(offset)

    def forward(self, coarse: Tensor, pooled: Tensor) -> Tensor:  # B classes h w and B channels H W
        return coarse + self.crop(self.score(pooled), coarse)  # B classes h w


class FCN(nn.Module):
    """FCN-32s, 16s or 8s (figure 3): `stride` is how many pixels the last upsampling makes of one cell's side.

    `learn_upsampling`: the upsampling between the fusions is trained, as in the paper; the last one never is.
    """

    def __init__(self, stride: int = 8, learn_upsampling: bool = True, num_classes: int = 21) -> None:
        super().__init__()
        # 100 pixels of border, so that the 7 × 7 of fc6 fits on any picture; rounding up, as in the authors' framework
        self.stages = nn.ModuleList(stages(border=100, ceil_mode=True))
        self.fc6 = _convolutionised(512, 4096, 7)
        self.fc7 = _convolutionised(4096, 4096, 1)
        self.score = nn.Conv2d(4096, num_classes, 1)
        finer, finest = stride <= 16, stride <= 8
        self.upscore_score = _upsampling(num_classes, 2, learn_upsampling) if finer else None
        self.fuse_pool4 = Fuse(512, num_classes, offset=5) if finer else None
        self.upscore_pool4 = _upsampling(num_classes, 2, learn_upsampling) if finest else None
        self.fuse_pool3 = Fuse(256, num_classes, offset=9) if finest else None
        self.upscore = _upsampling(num_classes, stride, learned=False)
        self.crop = Crop({32: 19, 16: 27, 8: 31}[stride])

    def forward(self, image: Tensor) -> Tensor:  # B 3 500 500
        x, pools = image, []
        for stage in self.stages:
            x = stage(x)  # sides 349, 175, 88, 44, 22
            pools.append(x)
        x = self.score(self.fc7(self.fc6(x)))  # B 21 16 16
        if self.upscore_score is not None and self.fuse_pool4 is not None:
            x = self.fuse_pool4(self.upscore_score(x), pools[3])  # B 21 34 34
        if self.upscore_pool4 is not None and self.fuse_pool3 is not None:
            x = self.fuse_pool3(self.upscore_pool4(x), pools[2])  # B 21 70 70
        return self.crop(self.upscore(x), image)  # B 21 500 500


def _convolutionised(before: int, after: int, kernel_size: int) -> nn.Module:
    """A fully connected layer as a convolution: the same weights, at every place where they fit (figure 2)."""
    conv = nn.Conv2d(before, after, kernel_size)
    return nn.Sequential(OrderedDict(conv=conv, relu=nn.ReLU(), dropout=nn.Dropout(0.5)))


def _upsampling(classes: int, factor: int, learned: bool) -> nn.ConvTranspose2d:
    """A transposed convolution that starts, and if not learned stays, as bilinear interpolation of each class."""
    layer = nn.ConvTranspose2d(classes, classes, 2 * factor, stride=factor, bias=False)
    layer.weight = nn.Parameter(bilinear(classes, factor), requires_grad=learned)
    return layer


def bilinear(classes: int, factor: int) -> Tensor:
    """Return the kernel (classes, classes, 2·factor, 2·factor) that interpolates between neighbours `factor` apart."""
    places = torch.arange(2 * factor) - (factor - 0.5)
    tent = 1 - places.abs() / factor
    return torch.eye(classes)[:, :, None, None] * (tent[:, None] * tent)
