"""Xception (Chollet 2016): fourteen modules of depthwise separable convolutions, twelve residual; and a small one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from explorer.spec import Settings, int_of

BETWEEN = {"none": nn.Identity, "relu": nn.ReLU, "elu": nn.ELU}  # figure 10: none is best
Convolution = Callable[[int, int], nn.Module]  # made from the channels that come in and go out


class SeparableConv(nn.Module):
    """A 3 × 3 filter for each channel alone, then a 1 × 1 convolution that mixes the channels.

    `segments`: into how many groups the channels fall for the 3 × 3 (sec. 1.2); "all" gives every channel its own.
    """

    def __init__(self, in_channels: int, out_channels: int, segments: str, between: str) -> None:
        super().__init__()
        groups = in_channels if segments == "all" else int(segments)
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=groups, bias=False)
        self.between = BETWEEN[between]()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)  # after every convolution, left out of figure 5

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.between(self.depthwise(x))  # B in H W
        return self.norm(self.pointwise(x))  # B out H W


class Stem(nn.Module):
    """Module 1: the only two ordinary 3 × 3 convolutions, without padding."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, stride=2, bias=False)
        self.norm1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 64, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B 3 299 299
        x = self.relu1(self.norm1(self.conv1(x)))  # B 32 149 149
        return self.relu2(self.norm2(self.conv2(x)))  # B 64 147 147


class ResidualModule(nn.Module):
    """Separable convolutions, each after a ReLU, and around them a shortcut.

    With stride 2 a pooling ends the path and a strided 1 × 1 convolution makes the shortcut; otherwise it is the input
    itself. Module 2 has no ReLU in front: its input has just been through one.
    `name` is what its convolutions are called.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        stride: int,
        convolution: Convolution,
        residual: bool,
        relu_first: bool = True,
        name: str = "sepconv",
    ) -> None:
        super().__init__()
        layers: dict[str, nn.Module] = {}
        for number, (in_channels, out_channels) in enumerate(pairwise(channels), 1):
            if number > 1 or relu_first:
                layers[f"relu{number}"] = nn.ReLU()
            layers[f"{name}{number}"] = convolution(in_channels, out_channels)
        if stride > 1:
            layers["pool"] = nn.MaxPool2d(3, stride, padding=1)
        self.layers = nn.ModuleDict(layers)
        self.shortcut = _shortcut(channels[0], channels[-1], stride) if residual else None

    def branch(self, x: Tensor) -> Tensor:
        """Return what the module's own layers make of its input."""
        for layer in self.layers.values():
            x = layer(x)  # at the end B out H/stride W/stride
        return x

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        y = self.branch(x)  # B out H/stride W/stride
        return y if self.shortcut is None else y + self.shortcut(x)


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    if stride == 1:
        return nn.Identity()
    conv = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels)))


class Module14(nn.Module):
    """The last two separable convolutions, without a shortcut; here the ReLU comes after each."""

    def __init__(self, convolution: Convolution) -> None:
        super().__init__()
        self.sepconv1 = convolution(1024, 1536)
        self.relu1 = nn.ReLU()
        self.sepconv2 = convolution(1536, 2048)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B 1024 10 10
        x = self.relu1(self.sepconv1(x))  # B 1536 10 10
        return self.relu2(self.sepconv2(x))  # B 2048 10 10


class Xception(nn.Module):
    """The network of figure 5: entry flow once, middle flow eight times, exit flow once."""

    def __init__(
        self,
        middle_modules: int = 8,
        segments: str = "all",
        between: str = "none",
        residual: bool = True,
        hidden_layers: bool = False,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        sepconv = partial(SeparableConv, segments=segments, between=between)

        def module(*channels: int, stride: int = 1, relu_first: bool = True) -> ResidualModule:
            return ResidualModule(channels, stride, sepconv, residual, relu_first)

        self.entry_flow = nn.Sequential(
            OrderedDict(
                module1=Stem(),
                module2=module(64, 128, 128, stride=2, relu_first=False),
                module3=module(128, 256, 256, stride=2),
                module4=module(256, 728, 728, stride=2),
            )
        )
        self.middle_flow = nn.ModuleList(module(728, 728, 728, 728) for _ in range(middle_modules))
        self.exit_flow = nn.Sequential(
            OrderedDict(
                module13=module(728, 728, 1024, stride=2),
                module14=Module14(sepconv),
            )
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.hidden = _hidden() if hidden_layers else nn.Identity()
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(4096 if hidden_layers else 2048, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 299 299
        x = self.entry_flow(image)  # B 728 19 19
        for module in self.middle_flow:
            x = module(x)  # B 728 19 19
        x = self.exit_flow(x)  # B 2048 10 10
        x = torch.flatten(self.pool(x), 1)  # B 2048
        return self.fc(self.dropout(self.hidden(x)))  # B 1000


def _hidden() -> nn.Module:
    """The optional fully connected layers of figure 5; the paper tries two of 4096 units on JFT (table 2)."""
    return nn.Sequential(
        OrderedDict(linear1=nn.Linear(2048, 4096), relu1=nn.ReLU(), linear2=nn.Linear(4096, 4096), relu2=nn.ReLU())
    )


# ---- the small network that trains live -----------------------------------------------------------------------------

STEM = 32  # channels of its only ordinary convolution


class FullConv(nn.Module):
    """An ordinary 3 × 3 convolution in place of a separable one: every pair of channels has a filter of its own."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        return self.norm(self.conv(x))  # B out H W


class SmallStem(nn.Module):
    """One ordinary convolution and a pooling: at a quarter of the picture's side the rest costs little."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, STEM, 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(STEM)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:  # B 1 28 28
        x = self.relu(self.norm(self.conv(x)))  # B 32 14 14
        # the channels of a cell side by side in memory: depthwise filters then run faster, and give the same numbers
        return self.pool(x).contiguous(memory_format=torch.channels_last)  # B 32 7 7


class SmallXception(nn.Module):
    """Figure 5 at a toy's size: one convolution leads in, a few modules follow, a linear layer reads.

    Averages are taken over 2 × 2 cells, not over the whole map: on pictures this small it matters where things lie.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        width: int,
        middle_modules: int,
        full: bool,
        between: str,
        residual: bool,
        outputs: int,
    ) -> None:
        super().__init__()
        in_channels, side, _ = input_shape
        cells = (-(-side // 8)) ** 2  # of what is left when stem and average have halved the side three times
        convolution: Convolution = FullConv if full else partial(SeparableConv, segments="all", between=between)
        name = "conv" if full else "sepconv"
        entry: dict[str, nn.Module] = {"stem": SmallStem(in_channels), name: convolution(STEM, width)}
        self.entry_flow = nn.Sequential(OrderedDict(entry))
        self.middle_flow = nn.ModuleList(
            ResidualModule((width, width, width), 1, convolution, residual, name=name) for _ in range(middle_modules)
        )
        self.relu = nn.ReLU()
        self.pool = nn.AvgPool2d(2, ceil_mode=True)
        self.fc = nn.Linear(width * cells, outputs)

    def forward(self, x: Tensor) -> Tensor:  # B 1 28 28
        x = self.entry_flow(x)  # B 64 7 7
        for module in self.middle_flow:
            x = module(x)  # B 64 7 7
        x = torch.flatten(self.pool(self.relu(x)), 1)  # B 1024
        return self.fc(x)  # B classes


def build(settings: Settings) -> nn.Module:
    """Build Xception with the depth, segments, inner activation and shortcuts that the settings name."""
    return Xception(
        middle_modules=int_of(settings, "middle_modules"),
        segments=str(settings["segments"]),
        between=str(settings["between"]),
        residual=bool(settings["residual"]),
        hidden_layers=bool(settings["hidden_layers"]),
    )


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live, of separable or of full convolutions."""
    return SmallXception(
        input_shape,
        width=int_of(settings, "width"),
        middle_modules=int_of(settings, "middle_modules"),
        full=settings["convolutions"] == "full",
        between=str(settings["between"]),
        residual=bool(settings["residual"]),
        outputs=outputs,
    )
