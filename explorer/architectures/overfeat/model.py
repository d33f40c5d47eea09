"""OverFeat (Sermanet et al. 2013): a classifier made of convolutions alone, and the regressor that draws the boxes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.architectures.overfeat.small import build_small
from explorer.spec import Settings, SpecError, int_of

__all__ = ["build", "build_small", "example"]


@dataclass(frozen=True)
class Row:
    """A column of Table 1 or 3: one layer with weights."""

    maps: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    pool: int = 0  # side of the pooling windows, which do not overlap; 0 for none


FAST = (  # Table 1
    Row(96, 11, stride=4, pool=2), Row(256, 5, pool=2),
    Row(512, 3, padding=1), Row(1024, 3, padding=1), Row(1024, 3, padding=1, pool=2),
    Row(3072, 6), Row(4096, 1), Row(1000, 1),
)  # fmt: skip
ACCURATE = (  # Table 3
    Row(96, 7, stride=2, pool=3), Row(256, 7, pool=2),
    Row(512, 3, padding=1), Row(512, 3, padding=1), Row(1024, 3, padding=1), Row(1024, 3, padding=1, pool=3),
    Row(4096, 5), Row(4096, 1), Row(1000, 1),
)  # fmt: skip
CLASSIFIERS = {"fast": FAST, "accurate": ACCURATE}
HEAD = 3  # the last three layers classify; those before extract the features that all three tasks share
REGRESSOR_WINDOW = 5  # cells that a box is drawn from, one side


class Layer(nn.Module):
    """Convolution, ReLU and, where the table says so, max pooling. No response normalisation (sec. 3.1)."""

    def __init__(self, in_channels: int, row: Row) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, row.maps, row.kernel_size, stride=row.stride, padding=row.padding)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(row.pool) if row.pool else None

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.relu(self.conv(x))  # B maps h w
        return x if self.pool is None else self.pool(x)  # B maps h/pool w/pool


class FullLayer(nn.Module):
    """A "full" layer as a convolution, so that it slides over larger maps; ReLU, and dropout of one half (sec. 3.1)."""

    def __init__(self, in_channels: int, row: Row) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, row.maps, row.kernel_size)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        return self.dropout(self.relu(self.conv(x)))  # B maps h w


class Classifier(nn.Module):
    """The network of Table 1 or 3; an image larger than that of training gives a map of answers.

    Answers are 32 pixels of the image apart (fast) or 36 (accurate).
    """

    def __init__(self, rows: tuple[Row, ...], num_classes: int) -> None:
        super().__init__()
        before = (3, *(row.maps for row in rows))
        kinds = [*(Layer for _ in rows[:-HEAD]), *(FullLayer for _ in rows[-HEAD:-1])]
        self.layers = nn.ModuleList(kind(maps, row) for kind, maps, row in zip(kinds, before, rows, strict=False))
        self.classes = nn.Conv2d(before[-2], num_classes, 1)

    def forward(self, image: Tensor) -> Tensor:  # B 3 231 231 (fast), B 3 221 221 (accurate)
        x = image
        for layer in self.layers:
            x = layer(x)  # B 1024 6 6 (fast) or B 1024 5 5 (accurate) after the features, then B 4096 1 1
        return self.classes(x)  # B 1000 1 1


class Regressor(nn.Module):
    """From the pooled maps of the feature layers to the edges of boxes, at every place (sec. 4.2, Figure 8)."""

    def __init__(self, in_channels: int, boxes: int) -> None:
        super().__init__()
        self.hidden = nn.ModuleList([Layer(in_channels, Row(4096, REGRESSOR_WINDOW)), Layer(4096, Row(1024, 1))])
        self.boxes = nn.Conv2d(1024, 4 * boxes, 1)  # four edges each

    def forward(self, features: Tensor) -> Tensor:  # B 256 5 5
        x = features
        for layer in self.hidden:
            x = layer(x)  # B 4096 1 1, then B 1024 1 1
        return self.boxes(x)  # B 4 · boxes 1 1


def build(settings: Settings) -> nn.Module:
    """Build one of the two classifiers, or the regressor with one box or with one for each class."""
    form = str(settings["form"])
    if form in CLASSIFIERS:
        check(int_of(settings, "image_size"), CLASSIFIERS[form])
        return Classifier(CLASSIFIERS[form], int_of(settings, "num_classes"))
    boxes = int_of(settings, "num_classes") if form == "box per class" else 1
    return Regressor(int_of(settings, "feature_maps"), boxes)


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return an image for a classifier, feature maps for a regressor."""
    if settings["form"] in CLASSIFIERS:
        side = int_of(settings, "image_size")
        return (torch.zeros(1, 3, side, side),)
    side = int_of(settings, "map_side")
    return (torch.zeros(1, int_of(settings, "feature_maps"), side, side),)


def check(image_size: int, rows: tuple[Row, ...]) -> None:
    """Raise SpecError where the windows of layer 1 do not end at the border, or the first full layer gets too little.

    Pooling leaves a last row unread where its windows do not end there.
    """
    first, full, number = rows[0], rows[-HEAD], len(rows) - HEAD + 1
    steps = (image_size - first.kernel_size) / first.stride
    fitting = range(first.kernel_size, 1000, first.stride)
    nearest = min((s for s in fitting if _last_side(s, rows) >= full.kernel_size), key=lambda s: abs(s - image_size))
    if steps != int(steps):
        raise SpecError(
            f"an image of {image_size} does not fit: ({image_size} − {first.kernel_size}) / {first.stride} + 1 = "
            f"{steps + 1:g} windows in layer 1, which is not whole. Try {nearest}."
        )
    side = _last_side(image_size, rows)
    if side < full.kernel_size:
        raise SpecError(
            f"an image of {image_size} leaves maps of {side} × {side}, but layer {number} needs "
            f"{full.kernel_size} × {full.kernel_size}. Try {nearest}."
        )


def _last_side(side: int, rows: tuple[Row, ...]) -> int:
    """Return the side of the maps that the full layers read."""
    for row in rows[:-HEAD]:
        side = (side + 2 * row.padding - row.kernel_size) // row.stride + 1
        side = side // row.pool if row.pool else side
    return side
