"""The network that trains live: a classifier and a box regressor on shared features, at every place of a scene."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of, widths_of

STRIDE = 8  # pixels between two answers: 2 · 2 · 2
GROUND = -0.5  # an empty pixel, as inputs are scaled
BORDER = (6, 5, 6, 5)  # put around a whole scene once, so that windows fit around digits at its edge
WINDOW = 43  # pixels that one answer is made from: ((1 + 3) · 2 + 2) · 2 · 2 + 3
PADDED_WINDOW = 32  # … where every layer pads its maps
FULL = 4  # cells of the features, one side, that the "full" layers read


class Layer(nn.Module):
    """Convolution, normalisation, ReLU, max pooling that halves the side."""

    def __init__(self, before: int, after: int, kernel_size: int, stride: int, padded: bool) -> None:
        super().__init__()
        padding = kernel_size // 2 if padded else 0
        self.conv = nn.Conv2d(before, after, kernel_size, stride=stride, padding=padding)
        self.norm = nn.BatchNorm2d(after)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:  # B before H W
        return self.pool(self.unpooled(x))  # B after h/2 w/2

    def unpooled(self, x: Tensor) -> Tensor:
        return self.relu(self.norm(self.conv(x)))  # B after h w


class Classifier(nn.Module):
    """ "Full" layers written as convolutions, so that they slide over larger maps; together they read 4 × 4 cells."""

    def __init__(self, features: int, hidden: tuple[int, ...], outputs: int) -> None:
        super().__init__()
        first, second = hidden
        self.full1 = Full(features, first, 3)
        self.full2 = Full(first, second, 2)
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.classes = nn.Conv2d(second, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:  # B features h w
        x = self.full2(self.full1(features))  # B second h−3 w−3
        return self.classes(self.dropout(x))  # B classes + 1 h−3 w−3


class Full(nn.Module):
    """A layer that reads `kernel_size` cells each way, with normalisation and ReLU."""

    def __init__(self, before: int, after: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel_size)
        self.norm = nn.BatchNorm2d(after)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B before H W
        return self.relu(self.norm(self.conv(x)))  # B after h w


class Regressor(nn.Module):
    """From the same 4 × 4 cells to the four edges of a box (sec. 4.2)."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.full = nn.Conv2d(features, hidden, FULL)
        self.relu = nn.ReLU()
        self.edges = nn.Conv2d(hidden, 4, 1)

    def forward(self, features: Tensor) -> Tensor:  # B features h w
        return self.edges(self.relu(self.full(features)))  # B 4 h−3 w−3


class SmallOverFeat(nn.Module):
    """Classes and boxes at every eighth pixel; `forward` takes a scene of any size that 8 divides, from 40 on."""

    def __init__(
        self, channels: tuple[int, ...], hidden: tuple[int, ...], hidden_box: int, padded: bool, outputs: int
    ) -> None:
        super().__init__()
        first, second = channels[1:]
        self.border = nn.Identity() if padded else nn.ConstantPad2d(BORDER, GROUND)
        self.features = nn.Sequential(
            OrderedDict(
                layer1=Layer(channels[0], first, 5, 2, padded),
                layer2=Layer(first, second, 3, 1, padded),
            )
        )
        self.regressor = Regressor(second, hidden_box)
        self.classifier = Classifier(second, hidden, outputs - 4)
        self.window = PADDED_WINDOW if padded else WINDOW

    def forward(self, scene: Tensor) -> Tensor:  # B C H W
        return self.answers(self.features(self.border(scene)))  # B classes + 1 + 4 H/8 − 3 W/8 − 3

    def answers(self, features: Tensor) -> Tensor:  # B second H/8 W/8
        boxes = self.regressor(features)  # B 4 h w
        return torch.cat([self.classifier(features), boxes], 1)

    def windows(self, scene: Tensor) -> Tensor:
        """Answer for one scene (1, C, H, W) by cutting every window out and looking at each alone: (n, K + 5, 1, 1)."""
        patches = self.border(scene).unfold(2, self.window, STRIDE).unfold(3, self.window, STRIDE)  # 1 C h w k k
        cut = patches[0].permute(1, 2, 0, 3, 4).flatten(0, 1)  # h·w C k k
        return self.answers(self.features(cut))

    def offsets(self, scene: Tensor) -> list[Tensor]:
        """Answer four times, with the last pooling begun at each cell of its 2 × 2 window (sec. 3.3, figure 3)."""
        layer = self.features.get_submodule("layer2")
        assert isinstance(layer, Layer)
        fine = layer.unpooled(self.features.get_submodule("layer1")(self.border(scene)))  # B second H/4 W/4
        return [self.answers(layer.pool(fine[..., y:, x:])) for y in (0, 1) for x in (0, 1)]


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network for scenes of this shape; raises SpecError where no window fits."""
    channels, side, _ = input_shape
    widths, hidden = widths_of(settings, "channels"), widths_of(settings, "hidden")
    for name, given in (("channels", widths), ("hidden", hidden)):
        if len(given) != 2:
            raise SpecError(
                f"{name} = {'-'.join(map(str, given))} names {len(given)} layers; there are two, as in 16-32"
            )
    if side % STRIDE or side < STRIDE * (FULL + 1):
        raise SpecError(f"a scene of {side} does not fit: it must be a multiple of {STRIDE}, and 40 at least")
    padded, hidden_box = settings["padding"] == "every layer", int_of(settings, "hidden_box")
    model = SmallOverFeat((channels, *widths), hidden, hidden_box, padded, outputs)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload] - a fifth faster on a CPU
