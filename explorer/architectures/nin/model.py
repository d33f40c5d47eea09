"""Network in Network (Lin, Chen & Yan 2013): small perceptrons slide where filters did, and averages are the answer.

The paper prints no widths. Those for CIFAR are the authors' own for cuda-convnet, those for ImageNet their Caffe
model's; both programs round the number of pooling windows up.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of, widths_of

HIDDEN = 128  # units of the small network's dense read-out
SMALLEST = 8  # pixels a side of a picture for the small network


@dataclass(frozen=True)
class Row:
    """One mlpconv layer: a convolution `conv` wide, then a perceptron over the maps, `middle` and `out` wide."""

    kernel_size: int
    conv: int
    middle: int
    out: int  # 0: one map for each class
    stride: int = 1
    padding: int = 0
    dropout: bool = False  # of one half, on what pooling leaves


FORMS = {
    "cifar": (
        Row(5, 192, 160, 96, padding=2, dropout=True),
        Row(5, 192, 192, 192, padding=2, dropout=True),
        Row(3, 192, 192, 0, padding=1),
    ),
    "imagenet": (
        Row(11, 96, 96, 96, stride=4),
        Row(5, 256, 256, 256, padding=2),
        Row(3, 384, 384, 384, padding=1, dropout=True),
        Row(3, 1024, 1024, 0, padding=1),
    ),
}


class MLPConv(nn.Sequential):
    """A convolution and `mlp_layers` layers of 1 × 1, each with ReLU: a perceptron at every place (sec. 3.1).

    All but a network's last end in 3 × 3 max pooling that moves by 2 (sec. 4.1). `norm`: batch normalisation before
    each ReLU, which is not in the paper.
    """

    def __init__(
        self, in_channels: int, row: Row, out: int, mlp_layers: int, last: bool, norm: bool = False
    ) -> None:  # fmt: skip
        widths = mlp_widths(row, out, mlp_layers)
        conv = nn.Conv2d(in_channels, widths[0], row.kernel_size, stride=row.stride, padding=row.padding)
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv)
        if norm:
            layers["norm"] = nn.BatchNorm2d(widths[0])
        layers["relu"] = nn.ReLU()
        for number in range(1, len(widths)):
            layers[f"mlp{number}"] = nn.Conv2d(widths[number - 1], widths[number], 1)
            if norm:
                layers[f"norm{number}"] = nn.BatchNorm2d(widths[number])
            layers[f"relu{number}"] = nn.ReLU()
        if not last:
            layers["pool"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        if row.dropout:
            layers["dropout"] = nn.Dropout(0.5)
        super().__init__(layers)


def mlp_widths(row: Row, out: int, mlp_layers: int) -> tuple[int, ...]:
    """Return the maps after the convolution and after each 1 × 1 layer; without any, the convolution makes `out`."""
    return (row.conv, *(row.middle,) * (mlp_layers - 1), out) if mlp_layers else (out,)


class NiN(nn.Module):
    """mlpconv layers, the last of which makes one map for each class, and their averages; shapes are CIFAR-10's.

    `read_out`: "average", "max", or "dense" for a fully connected layer on maps of the side given (sec. 4.6).
    """

    def __init__(self, rows: tuple[Row, ...], mlp_layers: int, read_out: str, side: int, num_classes: int) -> None:
        super().__init__()
        outs = [row.out or num_classes for row in rows]
        self.mlpconv = nn.ModuleList(
            MLPConv(in_channels, row, out, mlp_layers, last=row is rows[-1])
            for in_channels, row, out in zip((3, *outs), rows, outs, strict=False)
        )
        self.average = nn.AdaptiveAvgPool2d(1) if read_out == "average" else None
        self.max = nn.AdaptiveMaxPool2d(1) if read_out == "max" else None
        self.dense = nn.Linear(num_classes * side**2, num_classes) if read_out == "dense" else None

    def forward(self, image: Tensor) -> Tensor:  # B 3 32 32
        x = image
        for layer in self.mlpconv:
            x = layer(x)  # B 96 16 16, B 192 8 8, B 10 8 8
        if self.average is not None:
            x = self.average(x)  # B 10 1 1
        if self.max is not None:
            x = self.max(x)  # B 10 1 1
        x = torch.flatten(x, 1)  # B 10
        return x if self.dense is None else self.dense(x)  # B 10


def build(settings: Settings) -> nn.Module:
    """Build the network for CIFAR or for ImageNet, with the perceptrons and the read-out that the settings name."""
    rows, image_size = FORMS[str(settings["form"])], int_of(settings, "image_size")
    side = last_side(image_size, rows)
    if not side:
        fitting = next(size for size in range(image_size, 1000) if last_side(size, rows))
        raise SpecError(
            f"an image of {image_size} is used up before the last layer: a convolution leaves (side + 2 · padding − "
            f"kernel) / stride + 1 of it and each pooling about half, and nothing is left. Try {fitting} or more."
        )
    read_out, num_classes = str(settings["read_out"]), int_of(settings, "num_classes")
    return NiN(rows, int_of(settings, "mlp_layers"), read_out, side, num_classes)


def last_side(side: int, rows: tuple[Row, ...]) -> int:
    """Return the side of the class maps for an image of this side; 0 if a layer on the way has no room for a window.

    A convolution leaves a last row unread where its windows do not end there; pooling adds a window for it.
    """
    for row in rows:
        side = (side + 2 * row.padding - row.kernel_size) // row.stride + 1
        if row is not rows[-1]:
            side = -(-(side - 3) // 2) + 1 if side > 1 else 0
        if side < 1:
            return 0
    return side


# ---- the network that trains live ------------------------------------------------------------------------------------


class DenseReadOut(nn.Module):
    """Two dense layers over every cell of every map: how networks ended before."""

    def __init__(self, in_features: int, outputs: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_features, HIDDEN)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.output = nn.Linear(HIDDEN, outputs)

    def forward(self, maps: Tensor) -> Tensor:  # B C H W
        x = self.relu(self.hidden(torch.flatten(maps, 1)))  # B 128
        return self.output(self.dropout(x))  # B outputs


class SmallNiN(nn.Module):
    """mlpconv layers and a read-out: the mean or the largest cell of each class's map, or weights.

    With weights they are "cells", one for every cell of every class map (sec. 4.6), or "dense".
    """

    def __init__(
        self, layers: list[MLPConv], classes: nn.Conv2d | None, read_out: str, cells: int, outputs: int
    ) -> None:
        super().__init__()
        self.mlpconv = nn.ModuleList(layers)
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.classes = classes
        self.average = nn.AdaptiveAvgPool2d(1) if read_out == "average" else None
        self.max = nn.AdaptiveMaxPool2d(1) if read_out == "max" else None
        self.cells = nn.Linear(cells, outputs) if read_out == "cells" else None
        self.dense = DenseReadOut(cells, outputs) if read_out == "dense" else None

    def forward(self, image: Tensor) -> Tensor:  # B C 28 28
        x = image.clone(memory_format=torch.channels_last)  # a quarter faster on a CPU, pooling above all
        for layer in self.mlpconv:
            x = layer(x)  # B 16 7 7, B 40 7 7, B 48 7 7
        x = self.dropout(x)
        if self.classes is not None:
            x = self.classes(x)  # B outputs 7 7
        for read_out in (self.average, self.max, self.dense):
            x = x if read_out is None else read_out(x)  # B outputs 1 1
        x = torch.flatten(x, 1)  # B outputs
        return x if self.cells is None else self.cells(x)  # B outputs


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live: the first mlpconv layer moves by two and is the only one that is pooled.

    So the class maps keep 7 × 7 cells to look at.
    """
    widths, read_out = widths_of(settings, "channels"), str(settings["read_out"])
    mlp_layers, norm = int_of(settings, "mlp_layers"), bool(settings["batch_norm"])
    layers = [
        MLPConv(seen, row, row.out, mlp_layers, last=place > 0, norm=norm)
        for place, (seen, row) in enumerate(zip((input_shape[0], *widths), small_rows(widths), strict=False))
    ]
    classes = None if read_out == "dense" else nn.Conv2d(widths[-1], outputs, 1)
    cells = small_side(input_shape[1]) ** 2 * (widths[-1] if classes is None else outputs)
    model = SmallNiN(layers, classes, read_out, cells, outputs)
    initialise(model)
    return model


def small_rows(widths: tuple[int, ...]) -> tuple[Row, ...]:
    """Return mlpconv layers of these widths: a first window of 5 × 5 that moves by two, then windows of 3 × 3."""
    first, *others = widths
    rows = (Row(3, width, width, width, padding=1) for width in others)
    return Row(5, first, first, first, stride=2, padding=2), *rows


def small_side(side: int) -> int:
    """Return the side of the class maps: halved twice, a half rounded up and no window of pooling left over."""
    if side < SMALLEST:
        raise SpecError(f"a picture of {side} × {side} is used up before the last layer; take {SMALLEST} or more")
    return -(-(-(-side // 2) - 3) // 2) + 1


def initialise(model: nn.Module) -> None:
    """Draw normal weights whose spread keeps the signal's size through ReLU (He et al. 2015)."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type] - these layers all have one
