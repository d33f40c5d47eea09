"""LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998), as published and as mostly built today; and a small live net."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.cnn.bitmaps import BITMAPS
from explorer.spec import Settings, SpecError, int_of, widths_of

# Table I: which of the six maps of S2 feed each of the sixteen maps of C3
C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip


class ScaledTanh(nn.Module):
    """f(a) = 1.7159 tanh(2a/3): passes through (1, 1) and (-1, -1) (appendix A)."""

    def forward(self, a: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(a * (2 / 3))


class Subsampling(nn.Module):
    """The sum over 2 × 2 inputs, times a trained coefficient, plus a trained bias: two numbers a map (sec. II.B)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((channels,), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:  # B C H W
        total = F.avg_pool2d(x, 2) * 4  # B C H/2 W/2
        return total * self.coefficient[:, None, None] + self.bias[:, None, None]


class PartialConvolution(nn.Module):
    """A 5 × 5 convolution in which each output map sees only the input maps that the table lists for it."""

    def __init__(self, table: tuple[tuple[int, ...], ...], kernel_size: int) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Conv2d(len(inputs), 1, kernel_size) for inputs in table)
        self.table = table

    def forward(self, x: Tensor) -> Tensor:  # B 6 H W
        seen = (conv(x[:, list(inputs)]) for conv, inputs in zip(self.maps, self.table, strict=True))
        return torch.cat(list(seen), dim=1)  # B 16 H-4 W-4


class RBF(nn.Module):
    """Euclidean radial basis units: the squared distance to a fixed ±1 bitmap of each class (sec. II.B, eq. 7)."""

    def __init__(self, centres: Tensor) -> None:
        super().__init__()
        # "at least initially kept fixed": parameters of the design, drawn by hand and not trained
        self.centres = nn.Parameter(centres, requires_grad=False)  # classes, 84

    def forward(self, x: Tensor) -> Tensor:  # B 84
        return (x[:, None] - self.centres).square().sum(2)  # B classes


class LeNet5(nn.Module):
    """The network of figure 2: sparse C3, trainable subsampling, RBF output; 60,000 trainable parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.C1 = nn.Conv2d(1, 6, 5)
        self.S2 = Subsampling(6)
        self.C3 = PartialConvolution(C3_TABLE, 5)
        self.S4 = Subsampling(16)
        self.C5 = nn.Conv2d(16, 120, 5)  # a convolution: on larger pictures its output would be larger than 1 × 1
        self.F6 = nn.Linear(120, 84)
        self.output = RBF(torch.tensor(BITMAPS, dtype=torch.float32))
        self.f_C1, self.f_S2, self.f_C3, self.f_S4, self.f_C5, self.f_F6 = (ScaledTanh() for _ in range(6))

    def forward(self, x: Tensor) -> Tensor:  # B 1 32 32
        x = self.f_C1(self.C1(x))  # B 6 28 28
        x = self.f_S2(self.S2(x))  # B 6 14 14
        x = self.f_C3(self.C3(x))  # B 16 10 10
        x = self.f_S4(self.S4(x))  # B 16 5 5
        x = self.f_C5(self.C5(x))  # B 120 1 1
        x = self.f_F6(self.F6(torch.flatten(x, 1)))  # B 84
        return self.output(x)  # B 10: distances, the smallest is the answer


class LeNet5Modern(nn.Module):
    """What most code calls LeNet-5: every map of C3 sees all of S2, plain average pooling, a linear output."""

    def __init__(
        self, channels: tuple[int, ...] = (6, 16), kernel_size: int = 5, image_size: int = 32, num_classes: int = 10
    ) -> None:
        super().__init__()
        first, second = channels
        side = _after(_after(image_size, kernel_size, "C1", image_size), kernel_size, "C3", image_size)
        self.C1 = nn.Conv2d(1, first, kernel_size)
        self.S2 = nn.AvgPool2d(2)
        self.C3 = nn.Conv2d(first, second, kernel_size)
        self.S4 = nn.AvgPool2d(2)
        self.C5 = nn.Linear(second * side * side, 120)
        self.F6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, num_classes)
        self.f_C1, self.f_C3, self.f_C5, self.f_F6 = (nn.Tanh() for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:  # B 1 32 32
        x = self.S2(self.f_C1(self.C1(x)))  # B 6 14 14
        x = self.S4(self.f_C3(self.C3(x)))  # B 16 5 5
        x = torch.flatten(x, 1)  # B 400
        x = self.f_C5(self.C5(x))  # B 120
        x = self.f_F6(self.F6(x))  # B 84
        return self.output(x)  # B 10


def _after(size: int, kernel_size: int, name: str, image_size: int) -> int:
    """Return a map's side after a convolution without padding and pooling by two; raises SpecError if not whole."""
    convolved = size - kernel_size + 1
    if not _halves(convolved):
        raise SpecError(
            f"{name} does not fit: {size} − {kernel_size} + 1 = {convolved}, which pooling by two cannot halve. "
            f"{_hint(image_size, kernel_size)}"
        )
    return convolved // 2


def _halves(side: int) -> bool:
    return side >= 2 and side % 2 == 0


def _hint(image_size: int, kernel_size: int) -> str:
    """Name the nearest kernel that fits both convolutions on this image, if there is one."""
    fitting = [
        kernel
        for kernel in range(1, image_size)
        if _halves(image_size - kernel + 1) and _halves((image_size - kernel + 1) // 2 - kernel + 1)
    ]
    nearest = min(fitting, key=lambda kernel: abs(kernel - kernel_size), default=0)
    return f"Try a kernel of {nearest}." if nearest else "Try another image size: no kernel fits this one."


class Stage(nn.Module):
    """Convolution, non-linearity, pooling: the block that convolutional networks repeat."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        pooling: str,
        activation: str,
        norm: bool,
    ) -> None:
        super().__init__()
        padding = kernel_size // 2  # keeps the size at stride 1
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.norm = nn.BatchNorm2d(out_channels) if norm else None
        self.activation = ACTIVATIONS[activation]()
        self.pool = None if stride > 1 else POOLINGS[pooling](out_channels)

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.conv(x)  # B out H/stride W/stride
        if self.norm is not None:
            x = self.norm(x)
        x = self.activation(x)
        return x if self.pool is None else self.pool(x)  # B out H/2 W/2


class SmallCNN(nn.Module):
    """A few stages and a linear read-out: trains on the digits in seconds, so that one can watch."""

    def __init__(self, stages: list[Stage], features: int, average: bool, outputs: int) -> None:
        super().__init__()
        self.features = nn.Sequential(OrderedDict((f"stage{i}", stage) for i, stage in enumerate(stages, 1)))
        self.average = nn.AdaptiveAvgPool2d(1) if average else None
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.fc = nn.Linear(features, outputs)

    def forward(self, x: Tensor) -> Tensor:  # B C H W
        x = self.features(x)  # B channels h w
        if self.average is not None:
            x = self.average(x)  # B channels 1 1
        x = torch.flatten(x, 1)  # B features
        return self.fc(self.dropout(x))  # B classes


class DenseRival(nn.Module):
    """Two dense hidden layers, for a race against convolutions with as many parameters."""

    def __init__(self, in_features: int, width: int, activation: str, outputs: int) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(in_features, width)
        self.act1 = ACTIVATIONS[activation]()
        self.hidden2 = nn.Linear(width, width)
        self.act2 = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(0.0)
        self.fc = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:  # B C H W
        x = self.act1(self.hidden1(torch.flatten(x, 1)))  # B width
        x = self.act2(self.hidden2(x))  # B width
        return self.fc(self.dropout(x))  # B classes


class EverySecond(nn.Module):
    """Keeps every second pixel and forgets the others: pooling without looking."""

    def forward(self, x: Tensor) -> Tensor:  # B C H W
        return x[:, :, ::2, ::2]  # B C H/2 W/2


ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}
POOLINGS: dict[str, Callable[[int], nn.Module]] = {
    "max": lambda channels: nn.MaxPool2d(2, ceil_mode=True),
    "average": lambda channels: nn.AvgPool2d(2, ceil_mode=True),
    "strided": lambda channels: nn.Conv2d(channels, channels, 2, stride=2, groups=channels, padding=0),
    "subsample": lambda channels: EverySecond(),
}


def build(settings: Settings) -> nn.Module:
    """Build LeNet-5 in the form that the settings name."""
    if settings["form"] == "1998":
        return LeNet5()
    channels = (int_of(settings, "maps_c1"), int_of(settings, "maps_c3"))
    return LeNet5Modern(channels, int_of(settings, "kernel_size"), int_of(settings, "image_size"))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live; with body "dense", a dense one of as many parameters."""
    convolutional = _small(settings, input_shape, outputs)
    if settings["body"] == "convolution":
        return convolutional
    parameters = sum(parameter.numel() for parameter in convolutional.parameters())
    in_features = math.prod(input_shape)
    width = width_for(parameters, in_features, outputs)
    return DenseRival(in_features, width, str(settings["activation"]), outputs)


def width_for(parameters: int, in_features: int, outputs: int) -> int:
    """Return the width of two equal hidden layers at which a dense net has about so many parameters, at least 1.

    (in + 1) w + (w + 1) w + (w + 1) out = parameters, solved for w.
    """
    linear = in_features + 2 + outputs
    return max(1, round((-linear + math.sqrt(linear**2 + 4 * (parameters - outputs))) / 2))


def _small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> SmallCNN:
    in_channels, side, _ = input_shape
    stages: list[Stage] = []
    for number, out_channels in enumerate(widths_of(settings, "channels")):
        stride = int_of(settings, "first_stride") if number == 0 else 1
        kernel_size, pooling = int_of(settings, "kernel_size"), str(settings["pooling"])
        if kernel_size > side:
            raise SpecError(
                f"a kernel of {kernel_size} is wider than its map of {side} × {side}; take one of {side} or less"
            )
        norm = bool(settings["batch_norm"])
        stages.append(Stage(in_channels, out_channels, kernel_size, stride, pooling, str(settings["activation"]), norm))
        in_channels, side = out_channels, (side // 2 if pooling == "strided" and stride == 1 else -(-side // 2))
    average = settings["head"] == "average"
    return SmallCNN(stages, in_channels * (1 if average else side * side), average, outputs)
