"""AlexNet (Krizhevsky, Sutskever & Hinton 2012): two towers that meet in the third layer; its one-tower kin; and a
small one for pictures of about 30 pixels a side, which trains while one watches."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of, widths_of

KERNEL, STRIDE = 11, 4  # of conv1
ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh}
SMALLEST = 4  # pixels a side that conv1's stride and two poolings can still halve into something


@dataclass(frozen=True)
class Form:
    """What differs between the network of 2012 and its successor of 2014, which became the usual code."""

    widths: tuple[int, int, int, int, int]  # maps of conv1 … conv5, all towers together
    border: int  # padding of conv1
    average: bool  # bring the last maps to 6 × 6, whatever their side
    dropout_first: bool  # drop inputs of fc6 and fc7, not their outputs


FORMS = {
    "2012": Form((96, 256, 384, 384, 256), border=0, average=False, dropout_first=False),
    "2014": Form((64, 192, 384, 256, 256), border=2, average=True, dropout_first=True),
}


class ConvLayer(nn.Module):
    """One convolutional layer, its kernels shared out among towers (Figure 2); maps come and go as a list by tower.

    `in_channels`: maps that each tower reads; `out_channels`: maps of all towers together. `window`: side of the
    pooling windows, which lie two apart; 0 for no pooling. With `exchange`, each tower reads the maps of all.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, towers: int,
        stride: int = 1, padding: int = 0, exchange: bool = False, norm: bool = False, window: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.exchange = exchange
        out = out_channels // towers
        self.towers = nn.ModuleList(
            nn.Conv2d(in_channels, out, kernel_size, stride=stride, padding=padding) for _ in range(towers)
        )
        self.relu = nn.ModuleList(nn.ReLU() for _ in range(towers))
        self.norm = nn.ModuleList(response_norm() for _ in range(towers if norm else 0))
        self.pool = nn.ModuleList(nn.MaxPool2d(window, stride=2) for _ in range(towers if window else 0))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:  # for each tower: B in H W
        if self.exchange and len(maps) > 1:
            maps = [torch.cat(maps, dim=1)] * len(maps)
        for parts in (self.towers, self.relu, self.norm, self.pool):
            if len(parts):
                maps = [part(x) for part, x in zip(parts, maps, strict=True)]
        return maps  # for each tower: B out/towers h w


def response_norm() -> nn.Module:
    """Divide each map by (2 + 10⁻⁴ · the sum of squares of five neighbouring maps)^0.75 (sec. 3.3).

    The paper multiplies the sum by α, torch by α / n: hence five times the paper's α. Each tower has only its own maps
    for neighbours.
    """
    return nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)


class FullyConnected(nn.Module):
    """A linear layer, ReLU, and dropout of one half (sec. 4.2)."""

    def __init__(self, in_features: int, out_features: int, dropout_first: bool = False) -> None:
        super().__init__()
        self.dropout_first = dropout_first
        self.linear = nn.Linear(in_features, out_features)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:  # B in
        if self.dropout_first:
            return self.relu(self.linear(self.dropout(x)))  # B out
        return self.dropout(self.relu(self.linear(x)))  # B out


class AlexNet(nn.Module):
    """Five convolutional layers and three fully connected; the shapes are those of 2012, all towers together."""

    def __init__(
        self, form: Form, towers: int, norm: bool, window: int, side: int, hidden: int, num_classes: int
    ) -> None:
        super().__init__()
        c1, c2, c3, c4, c5 = form.widths
        self.conv1 = ConvLayer(3, c1, KERNEL, towers, stride=STRIDE, padding=form.border, norm=norm, window=window)
        self.conv2 = ConvLayer(c1 // towers, c2, 5, towers, padding=2, norm=norm, window=window)
        self.conv3 = ConvLayer(c2, c3, 3, towers, padding=1, exchange=True)
        self.conv4 = ConvLayer(c3 // towers, c4, 3, towers, padding=1)
        self.conv5 = ConvLayer(c4 // towers, c5, 3, towers, padding=1, window=window)
        self.average = nn.AdaptiveAvgPool2d(6) if form.average else None
        # Figure 2 cuts these in two as well, but each half reads both halves below: it is the same as one layer
        self.fc6 = FullyConnected(c5 * side**2, hidden, form.dropout_first)
        self.fc7 = FullyConnected(hidden, hidden, form.dropout_first)
        self.fc8 = nn.Linear(hidden, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 227 227
        maps = [image] * len(self.conv1.towers)  # each tower sees the whole image
        maps = self.conv1(maps)  # B 96 27 27; 55 × 55 before pooling
        maps = self.conv2(maps)  # B 256 13 13
        maps = self.conv3(maps)  # B 384 13 13
        maps = self.conv4(maps)  # B 384 13 13
        maps = self.conv5(maps)  # B 256 6 6
        x = maps[0] if len(maps) == 1 else torch.cat(maps, dim=1)  # B 256 6 6
        if self.average is not None:
            x = self.average(x)  # B 256 6 6
        x = self.fc6(torch.flatten(x, 1))  # B 4096
        x = self.fc7(x)  # B 4096
        return self.fc8(x)  # B 1000


def build(settings: Settings) -> nn.Module:
    """Build AlexNet in the form, with the towers and for the image that the settings name."""
    form, window = FORMS[str(settings["form"])], int_of(settings, "pool_window")
    side = last_side(int_of(settings, "image_size"), form, window)
    towers, norm = int_of(settings, "groups"), bool(settings["response_norm"])
    return AlexNet(form, towers, norm, window, side, int_of(settings, "hidden"), int_of(settings, "num_classes"))


def last_side(image_size: int, form: Form, window: int) -> int:
    """Return the side of the maps that fc6 reads; raises SpecError where the windows of conv1 do not end at the border.

    Pooling leaves a last row unread where its windows do not end there.
    """
    steps = (image_size + 2 * form.border - KERNEL) / STRIDE
    if form.average:
        return 6
    if steps != int(steps):
        fitting = KERNEL + STRIDE * int(steps)
        raise SpecError(
            f"an image of {image_size} does not fit: windows of {KERNEL} that move by {STRIDE} make "
            f"({image_size} − {KERNEL}) / {STRIDE} + 1 = {steps + 1:g} places, which is not whole. Try {fitting} or "
            f"{fitting + STRIDE}; the paper prints 224, but its 55 places need 227."
        )
    side = int(steps) + 1
    for _ in range(3):
        side = (side - window) // 2 + 1
    return side


# ---- the network that trains live ------------------------------------------------------------------------------------


class SmallLayer(nn.Module):
    """Convolution, activation, and for some layers normalisation and pooling, as in AlexNet's first two layers.

    `norm`: "batch" normalises before the activation, "response" after it, as in the paper.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, activation: str, norm: str,
        pool: nn.Module | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2)
        self.batch_norm = nn.BatchNorm2d(out_channels) if norm == "batch" else None
        self.activation = ACTIVATIONS[activation]()
        self.response_norm = response_norm() if norm == "response" else None
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.conv(x)  # B out H/stride W/stride
        if self.batch_norm is not None:
            x = self.batch_norm(x)
        x = self.activation(x)
        if self.response_norm is not None:
            x = self.response_norm(x)
        return x if self.pool is None else self.pool(x)  # B out h w


class Dense(nn.Module):
    """A linear layer, an activation and dropout, whose share is a live hyperparameter."""

    def __init__(self, in_features: int, out_features: int, activation: str) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(0.0)

    def forward(self, x: Tensor) -> Tensor:  # B in
        return self.dropout(self.activation(self.linear(x)))  # B out


class SmallAlexNet(nn.Module):
    """A coarse first look, convolutions pooled after the first and the last, then dense layers with dropout."""

    def __init__(self, layers: list[SmallLayer], dense: list[Dense], features: int, outputs: int) -> None:
        super().__init__()
        self.features = nn.Sequential(OrderedDict((f"conv{n}", layer) for n, layer in enumerate(layers, 1)))
        self.dense = nn.Sequential(OrderedDict((f"fc{n}", layer) for n, layer in enumerate(dense, len(layers) + 1)))
        self.output = nn.Linear(features, outputs)

    def forward(self, image: Tensor) -> Tensor:  # B C 28 28
        x = image.clone(memory_format=torch.channels_last)  # a quarter faster on a CPU, pooling above all
        x = self.features(x)  # B 64 4 4
        x = self.dense(torch.flatten(x, 1))  # B hidden
        return self.output(x)  # B outputs


def pooling(kind: str, overlapping: bool) -> nn.Module:
    """Return windows two apart: of 3 × 3 if they overlap, else of 2 × 2; both halve a side, a half rounded up."""
    window, border = (3, 1) if overlapping else (2, 0)
    if kind == "max":
        return nn.MaxPool2d(window, stride=2, padding=border, ceil_mode=not overlapping)
    return nn.AvgPool2d(window, stride=2, padding=border, ceil_mode=not overlapping, count_include_pad=False)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live, with He's first weights for ReLU and Glorot's for tanh."""
    layers, features = _convolutions(settings, input_shape)
    activation, hidden = str(settings["activation"]), int_of(settings, "hidden")
    dense = []
    for _ in range(int_of(settings, "dense_layers")):
        dense.append(Dense(features, hidden, activation))
        features = hidden
    model = SmallAlexNet(layers, dense, features, outputs)
    initialise(model, activation)
    return model


def _convolutions(settings: Settings, input_shape: tuple[int, ...]) -> tuple[list[SmallLayer], int]:
    """Return the convolutional layers, and how many numbers the last one makes of a picture."""
    in_channels, side, _ = input_shape
    if side < SMALLEST:
        raise SpecError(f"pictures of {side} × {side} are too small: conv1 and pooling halve the side; take {SMALLEST}")
    widths, layers = widths_of(settings, "channels"), list[SmallLayer]()
    kind, overlapping = str(settings["pooling"]), bool(settings["overlapping"])
    for number, out_channels in enumerate(widths):
        first, pooled = number == 0, number in (0, len(widths) - 1)
        pool = pooling(kind, overlapping) if pooled else None
        kernel_size, stride = (5, 2) if first else (3, 1)
        activation, norm = str(settings["activation"]), str(settings["norm"])
        layers.append(SmallLayer(in_channels, out_channels, kernel_size, stride, activation, norm, pool))
        in_channels, side = out_channels, -(-side // (stride * (2 if pooled else 1)))
    return layers, in_channels * side * side


def initialise(model: nn.Module, activation: str) -> None:
    """Draw the weights that suit the activation: He et al. 2015 for ReLU, Glorot and Bengio 2010 for tanh."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            if activation == "relu":
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            else:
                nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type] - these layers all have one
