"""GoogLeNet (Szegedy et al. 2014): nine Inception modules, as in Table 1 of the paper and as torchvision builds it.

Lenses know a module with branches by its method `branches()`: by name, the modules whose outputs are joined.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, float_of, int_of


@dataclass(frozen=True)
class Widths:
    """A row of Table 1: the channels of a module's four branches and of the 1 × 1 reductions before two of them."""

    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    pool_proj: int


TABLE_1 = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}


SMALL = (Widths(24, 16, 32, 8, 16, 8), Widths(32, 24, 48, 8, 24, 24), Widths(32, 24, 64, 8, 32, 32))


@dataclass(frozen=True)
class Design:
    """What all layers of a net have in common."""

    modern: bool  # torchvision's form: batch normalisation, no biases, 3 × 3 where the paper has 5 × 5
    reduced: bool = True  # False: the naive modules of figure 2(a), without any 1 × 1 before or behind
    width: float = 1.0  # of every convolution's channels
    window: int = 0  # of the branch called 5 × 5; 0: 5 as in the paper, or 3 in torchvision's form

    @property
    def large(self) -> int:
        return self.window or (3 if self.modern else 5)

    def scaled(self, channels: int) -> int:
        return max(1, round(channels * self.width))


def _layer(
    name: str, in_channels: int, out_channels: int, kernel_size: int, design: Design, stride: int = 1
) -> OrderedDict[str, nn.Module]:
    """A convolution that keeps the map at stride 1, then batch normalisation in the modern form, then a ReLU."""
    padding = kernel_size // 2
    layer = OrderedDict[str, nn.Module]()
    layer[name] = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=not design.modern)
    if design.modern:
        layer[f"{name}_norm"] = nn.BatchNorm2d(out_channels, eps=0.001)
    layer[f"{name}_relu"] = nn.ReLU()
    return layer


def _halving() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


class Inception(nn.Module):
    """Four branches that read the same maps, and their answers side by side (figure 2)."""

    def __init__(self, in_channels: int, widths: Widths, design: Design) -> None:
        super().__init__()
        conv1x1, pool_proj = design.scaled(widths.conv1x1), design.scaled(widths.pool_proj)
        conv3x3, conv5x5 = design.scaled(widths.conv3x3), design.scaled(widths.conv5x5)
        self.conv1x1 = nn.Sequential(_layer("conv", in_channels, conv1x1, 1, design))
        self.conv3x3 = _branch(in_channels, design.scaled(widths.reduce3x3), conv3x3, 3, design)
        self.conv5x5 = _branch(in_channels, design.scaled(widths.reduce5x5), conv5x5, design.large, design)
        pool = OrderedDict[str, nn.Module](pool=nn.MaxPool2d(3, stride=1, padding=1))
        projection = _layer("proj", in_channels, pool_proj, 1, design) if design.reduced else {}
        self.pool_proj = nn.Sequential(OrderedDict(pool | projection))
        self.out_channels = conv1x1 + conv3x3 + conv5x5 + (pool_proj if design.reduced else in_channels)

    def branches(self) -> dict[str, nn.Module]:
        return {"1 × 1": self.conv1x1, "3 × 3": self.conv3x3, "5 × 5": self.conv5x5, "pooling": self.pool_proj}

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        branches = self.conv1x1(x), self.conv3x3(x), self.conv5x5(x), self.pool_proj(x)
        return torch.cat(branches, dim=1)  # B out H W


def _branch(in_channels: int, reduced: int, out_channels: int, kernel_size: int, design: Design) -> nn.Sequential:
    """A large convolution behind a 1 × 1 that leaves it few channels to read."""
    if not design.reduced:
        return nn.Sequential(_layer("conv", in_channels, out_channels, kernel_size, design))
    reduction = _layer("reduce", in_channels, reduced, 1, design)
    return nn.Sequential(OrderedDict(reduction | _layer("conv", reduced, out_channels, kernel_size, design)))


class AuxiliaryHead(nn.Module):
    """A small classifier on maps in the middle, whose loss feeds the layers below while training (sec. 5)."""

    def __init__(
        self, in_channels: int, side: int, design: Design, num_classes: int, maps: int = 128, features: int = 1024
    ) -> None:
        super().__init__()
        # 4 × 4 means of a 14 × 14 map, by windows of 5 × 5 every 3; torchvision takes 4 × 4 means of any map
        self.average = nn.AdaptiveAvgPool2d(4) if design.modern else nn.AvgPool2d(5, stride=3)
        means = 4 if design.modern else (side - 5) // 3 + 1
        self.conv = nn.Sequential(_layer("conv", in_channels, maps, 1, design))
        self.fc1 = nn.Linear(maps * means * means, features)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(features, num_classes)

    def forward(self, x: Tensor) -> Tensor:  # B 512 14 14, or 528
        x = self.conv(self.average(x))  # B 128 4 4
        x = self.relu(self.fc1(torch.flatten(x, 1)))  # B 1024
        return self.fc2(self.dropout(x))  # B 1000


class GoogLeNet(nn.Module):
    """Table 1. With heads it gives the answers of both after its own.

    `idle`: the heads are there and see no picture, as when a trained net answers; their answers are of batch 0.
    """

    def __init__(
        self, design: Design, heads: bool, idle: bool = False, image_size: int = 224, num_classes: int = 1000
    ) -> None:
        super().__init__()
        self.idle = idle
        self.stem = _stem(design)
        self.inception_3a = Inception(design.scaled(192), TABLE_1["3a"], design)
        self.inception_3b = Inception(self.inception_3a.out_channels, TABLE_1["3b"], design)
        self.pool3 = _halving()
        self.inception_4a = Inception(self.inception_3b.out_channels, TABLE_1["4a"], design)
        self.inception_4b = Inception(self.inception_4a.out_channels, TABLE_1["4b"], design)
        self.inception_4c = Inception(self.inception_4b.out_channels, TABLE_1["4c"], design)
        self.inception_4d = Inception(self.inception_4c.out_channels, TABLE_1["4d"], design)
        self.inception_4e = Inception(self.inception_4d.out_channels, TABLE_1["4e"], design)
        self.pool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True) if design.modern else _halving()
        self.inception_5a = Inception(self.inception_4e.out_channels, TABLE_1["5a"], design)
        self.inception_5b = Inception(self.inception_5a.out_channels, TABLE_1["5b"], design)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2 if design.modern else 0.4)
        self.fc = nn.Linear(self.inception_5b.out_channels, num_classes)
        side = _side_of_4a(image_size, design) if heads else 0
        self.aux1 = AuxiliaryHead(self.inception_4a.out_channels, side, design, num_classes) if heads else None
        self.aux2 = AuxiliaryHead(self.inception_4d.out_channels, side, design, num_classes) if heads else None

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, ...]:  # B 3 224 224
        x = self.stem(image)  # B 192 28 28
        x = self.inception_3b(self.inception_3a(x))  # B 480 28 28
        x = self.pool3(x)  # B 480 14 14
        x = first = self.inception_4a(x)  # B 512 14 14
        x = self.inception_4c(self.inception_4b(x))  # B 512 14 14
        x = second = self.inception_4d(x)  # B 528 14 14
        x = self.inception_4e(x)  # B 832 14 14
        x = self.pool4(x)  # B 832 7 7
        x = self.inception_5b(self.inception_5a(x))  # B 1024 7 7
        x = torch.flatten(self.average(x), 1)  # B 1024
        logits = self.fc(self.dropout(x))  # B 1000
        if self.aux1 is None or self.aux2 is None:
            return logits
        return logits, self.aux1(self._seen(first)), self.aux2(self._seen(second))

    def _seen(self, x: Tensor) -> Tensor:
        """Return the maps that a head looks at: all, or those of none of the pictures."""
        return x.split([0, x.shape[0]])[0] if self.idle else x


class SmallGoogLeNet(nn.Module):
    """The net that trains live: a stem, one to three modules on maps of one size, means; a head after the first module.

    `forward` gives the net's own answer, `answers` the head's too: it is asked only while training.
    """

    def __init__(
        self, in_channels: int, modules: tuple[Widths, ...], design: Design, heads: bool, outputs: int
    ) -> None:
        super().__init__()
        channels = design.scaled(32)
        self.stem = _small_stem(in_channels, channels, design)
        stages = OrderedDict[str, Inception]()
        for letter, widths in zip("abc", modules, strict=False):
            stages[f"inception_{letter}"] = Inception(channels, widths, design)
            channels = stages[f"inception_{letter}"].out_channels
        self.stages = nn.Sequential(OrderedDict[str, nn.Module](stages))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.fc = nn.Linear(channels, outputs)
        first = next(iter(stages.values())).out_channels
        self.aux = AuxiliaryHead(first, 0, design, outputs, maps=16, features=64) if heads else None

    def forward(self, image: Tensor) -> Tensor:  # B C H W
        return self._answer(self.stages(self.stem(image)))  # B classes

    def answers(self, image: Tensor) -> tuple[Tensor, Tensor | None]:
        first, *others = self.stages
        x = middle = first(self.stem(image))  # B channels H/4 W/4
        for module in others:
            x = module(x)  # B more H/4 W/4
        return self._answer(x), None if self.aux is None else self.aux(middle)  # B classes, twice

    def _answer(self, x: Tensor) -> Tensor:
        return self.fc(self.dropout(torch.flatten(self.average(x), 1)))


def _small_stem(in_channels: int, channels: int, design: Design) -> nn.Sequential:
    """A convolution and a pooling that halve the picture, each once, and one more convolution."""
    first = design.scaled(24)
    layers = _layer("conv1", in_channels, first, 5, design, stride=2)  # B 24 H/2 W/2
    layers["pool1"] = _halving()  # B 24 H/4 W/4
    layers |= _layer("conv2", first, channels, 3, design)  # B 32 H/4 W/4
    return nn.Sequential(layers)


def _stem(design: Design) -> nn.Sequential:
    """Two convolutions and three halvings before the first module: 3 × 224 × 224 → 192 × 28 × 28."""
    first, second = design.scaled(64), design.scaled(192)
    layers = _layer("conv1", 3, first, 7, design, stride=2)  # B 64 112 112
    layers["pool1"] = _halving()  # B 64 56 56
    if not design.modern:
        layers["norm1"] = nn.LocalResponseNorm(5)  # figure 3; the paper does not print its constants
    layers |= _layer("conv2_reduce", first, first, 1, design)
    layers |= _layer("conv2", first, second, 3, design)  # B 192 56 56
    if not design.modern:
        layers["norm2"] = nn.LocalResponseNorm(5)
    layers["pool2"] = _halving()  # B 192 28 28
    return nn.Sequential(layers)


def _side_of_4a(image_size: int, design: Design) -> int:
    """Return the side of the maps that the heads read; raises SpecError where a window of 5 does not fit."""
    halved = (image_size + 1) // 2
    side = halved // 8
    if side >= 5 or design.modern:
        return side
    raise SpecError(
        f"image_size = {image_size} is too small for the auxiliary heads: after four halvings the maps have "
        f"{halved} ÷ 8 → {side} × {side} cells, and the heads average windows of 5 × 5. Try 80."
    )


def build(settings: Settings) -> nn.Module:
    """Build GoogLeNet in the form that the settings name: "paper" or "torchvision", with auxiliary heads or without."""
    modern, reduced = settings["form"] == "torchvision", settings["reductions"] == "1×1"
    design = Design(modern, reduced, float_of(settings, "width"))
    idle = settings.get("phase") == "inference"
    sizes = int_of(settings, "image_size"), int_of(settings, "num_classes")
    return GoogLeNet(design, bool(settings["heads"]), idle, *sizes)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the net that trains live, with batch normalisation, a true 5 × 5, and as many modules as asked for."""
    design = Design(True, settings["reductions"] == "1×1", float_of(settings, "width"), window=5)
    modules = SMALL[: int_of(settings, "modules")]
    model = SmallGoogLeNet(input_shape[0], modules, design, bool(settings["heads"]), outputs)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    # a fifth faster on a CPU, or more
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload] - torch's stubs do not know it
