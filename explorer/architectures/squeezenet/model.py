"""SqueezeNet (Iandola et al. 2016): eight Fire modules; version 1.0 of the paper with its bypasses, and version 1.1.

The nets that train live are in `small.py`, and there too version 1.1 with the weights that it learnt on ImageNet.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.spec import Settings, float_of, int_of

FIRES = range(2, 10)  # fire2 to fire9: Table 1 counts conv1 as the first layer
FREQUENCY = 2  # the number of expand filters grows after every second module (sec. 5.1)


@dataclass(frozen=True)
class Filters:
    """How many filters a Fire module has (sec. 3.2)."""

    squeeze: int  # s₁ₓ₁
    expand1x1: int  # e₁ₓ₁
    expand3x3: int  # e₃ₓ₃

    @property
    def expand(self) -> int:
        return self.expand1x1 + self.expand3x3


@dataclass(frozen=True)
class Metaparameters:
    """The few numbers from which section 5.1 derives the filters of all modules; the defaults are SqueezeNet's."""

    base_e: int = 128  # expand filters of fire2 and fire3
    incr_e: int = 128  # so many more after every second module
    pct_3x3: float = 0.5  # share of the expand filters that are 3 × 3
    squeeze_ratio: float = 0.125  # squeeze filters for each expand filter

    def filters(self, fire: int) -> Filters:
        """Return the filters of module `fire`, 2 to 9; every kind has at least one."""
        expand = self.base_e + self.incr_e * ((fire - FIRES.start) // FREQUENCY)
        expand3x3 = min(max(1, round(expand * self.pct_3x3)), expand - 1)
        return Filters(max(1, round(expand * self.squeeze_ratio)), expand - expand3x3, expand3x3)


@dataclass(frozen=True)
class Version:
    """What distinguishes 1.1 from 1.0."""

    conv1_filters: int
    conv1_size: int
    pooled: tuple[int, ...]  # the modules after which the map is halved


V1_0 = Version(96, 7, (4, 8))  # Table 1
V1_1 = Version(64, 3, (3, 5))  # the authors' repository: fewer and smaller filters, earlier pooling


class Fire(nn.Module):
    """A layer of few 1 × 1 filters, and one of many 1 × 1 and 3 × 3 that reads only these few (figure 1)."""

    def __init__(self, in_channels: int, filters: Filters) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(in_channels, filters.squeeze, 1)
        self.squeeze_relu = nn.ReLU()
        self.expand1x1 = nn.Conv2d(filters.squeeze, filters.expand1x1, 1)
        self.expand1x1_relu = nn.ReLU()
        self.expand3x3 = nn.Conv2d(filters.squeeze, filters.expand3x3, 3, padding=1)
        self.expand3x3_relu = nn.ReLU()

    def branches(self) -> dict[str, nn.Module]:
        return {"1 × 1": self.expand1x1_relu, "3 × 3": self.expand3x3_relu}

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.squeeze_relu(self.squeeze(x))  # B s H W
        small = self.expand1x1_relu(self.expand1x1(x))  # B e1 H W
        large = self.expand3x3_relu(self.expand3x3(x))  # B e3 H W
        return torch.cat((small, large), dim=1)  # B e1+e3 H W


class SqueezeNet(nn.Module):
    """conv1, eight Fire modules, conv10 with a map for each class, and the mean of every map.

    `bypass`: "none"; "simple" leads around the modules that keep the number of channels; "complex" also around the
    others, through a 1 × 1 convolution (figure 2).
    """

    def __init__(self, version: Version, meta: Metaparameters, bypass: str = "none", num_classes: int = 1000) -> None:
        super().__init__()
        self.version = version
        self.conv1 = _conv1(version)
        self.pool1 = _halving()
        channels = version.conv1_filters
        for number in FIRES:
            filters = meta.filters(number)
            self.add_module(f"fire{number}", Fire(channels, filters))
            self.add_module(f"bypass{number}", _bypass(bypass, number, channels, filters.expand))
            if number in version.pooled:
                self.add_module(f"pool{number}", _halving())
            channels = filters.expand
        self.dropout = nn.Dropout(0.5)
        self.conv10 = nn.Sequential(OrderedDict(conv=nn.Conv2d(channels, num_classes, 1), relu=nn.ReLU()))
        self.average = nn.AdaptiveAvgPool2d(1)

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x = self.pool1(self.conv1(image))  # B 96 54 54 in 1.0, B 64 55 55 in 1.1
        for number in FIRES:
            x = self._passed(number, x)
            if number in self.version.pooled:
                x = self.get_submodule(f"pool{number}")(x)  # B 256 27 27 and B 512 13 13 in 1.0
        x = self.conv10(self.dropout(x))  # B 1000 13 13
        return torch.flatten(self.average(x), 1)  # B 1000

    def _passed(self, number: int, x: Tensor) -> Tensor:
        """What module `number` makes of x, with what leads around it added."""
        y = self.get_submodule(f"fire{number}")(x)
        around = getattr(self, f"bypass{number}")
        return y if around is None else y + around(x)


def _conv1(version: Version) -> nn.Sequential:
    conv = nn.Conv2d(3, version.conv1_filters, version.conv1_size, stride=2)
    return nn.Sequential(OrderedDict(conv=conv, relu=nn.ReLU()))


def _halving() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


def _bypass(kind: str, number: int, in_channels: int, out_channels: int) -> nn.Module | None:
    """What leads around a module: nothing; a wire around fire3, 5, 7 and 9; a convolution around the four others."""
    if kind == "none" or (kind == "simple" and number % 2 == 0):
        return None
    return nn.Identity() if number % 2 else nn.Conv2d(in_channels, out_channels, 1)


def build(settings: Settings) -> nn.Module:
    """Build SqueezeNet in the version ("1.0", "1.1") and with the bypass that the settings name."""
    meta = Metaparameters(
        int_of(settings, "base_e"),
        int_of(settings, "incr_e"),
        float_of(settings, "pct_3x3"),
        float_of(settings, "squeeze_ratio"),
    )
    version = V1_1 if settings["version"] == "1.1" else V1_0
    return SqueezeNet(version, meta, str(settings["bypass"]), int_of(settings, "num_classes"))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build what trains live: a few Fire modules, or where the settings name `weights`, version 1.1 with these."""
    from explorer.architectures.squeezenet import small  # which is made of what stands above

    return small.build_small(settings, input_shape, outputs)
