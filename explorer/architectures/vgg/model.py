"""VGG (Simonyan & Zisserman 2014): configurations A–E of Table 1, and the same with batch normalisation.

For networks that contain VGG's convolutions: `stages()` returns the five `Stage`s of configuration D in order, each
ending in its pooling, so that `stages()[2]` gives what others call pool3 (256 maps, 1/8 of the side) and `stages()[4]`
pool5 (512 maps, 1/32). `border` pads the first convolution alone, `ceil_mode` lets pooling keep a last odd row, and
`pool=False` leaves pooling to the caller (who may want its switches). VGG itself adds fc6, fc7 and fc8 on top.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.architectures.alexnet.model import FullyConnected
from explorer.spec import Settings, SpecError, int_of, widths_of

D = (2, 2, 3, 3, 3)  # convolutions of each stage of configuration D, "VGG-16"
MOST_STAGES, MOST_CONVOLUTIONS = 6, 8  # Table 1 goes up to 5 stages of 4
MOST_HALVINGS = 5  # stages of the small network


class Stage(nn.Sequential):
    """Convolutions of one width that keep the side, each with ReLU, then 2 × 2 max pooling: a section of Table 1."""

    def __init__(
        self, in_channels: int, width: int, kernels: tuple[int, ...],
        batch_norm: bool = False, border: int | None = None, ceil_mode: bool = False, pool: bool = True,
    ) -> None:  # fmt: skip
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for number, kernel_size in enumerate(kernels, 1):
            padding = kernel_size // 2 if border is None or number > 1 else border
            layers[f"conv{number}"] = nn.Conv2d(in_channels, width, kernel_size, padding=padding)
            if batch_norm:
                layers[f"norm{number}"] = nn.BatchNorm2d(width)
            layers[f"relu{number}"] = nn.ReLU()
            in_channels = width
        if pool:
            layers["pool"] = nn.MaxPool2d(2, ceil_mode=ceil_mode)
        super().__init__(layers)


class VGG(nn.Module):
    """Stages of small convolutions, then three fully connected layers; the shapes are those of configuration D."""

    def __init__(self, stages: list[Stage], features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.fc6 = FullyConnected(features, hidden)
        self.fc7 = FullyConnected(hidden, hidden)
        self.fc8 = nn.Linear(hidden, num_classes)

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x = image
        for stage in self.stages:
            x = stage(x)  # B 64 112 112, B 128 56 56, B 256 28 28, B 512 14 14, B 512 7 7
        x = self.fc6(torch.flatten(x, 1))  # B 4096
        x = self.fc7(x)  # B 4096
        return self.fc8(x)  # B 1000


def stages(
    convolutions: tuple[int, ...] = D, width: int = 64, third_kernel: int = 3,
    batch_norm: bool = False, border: int | None = None, ceil_mode: bool = False, pool: bool = True,
) -> list[Stage]:  # fmt: skip
    """Return the convolutional stages, for images of three channels.

    `convolutions`: how many each stage has. `width`: channels of the first stage; they double from stage to stage up to
    eightfold. `third_kernel`: side of each stage's third convolution and those after it (1 in configuration C).
    """
    found, in_channels = [], 3
    for place, count in enumerate(convolutions):
        kernels = (3, 3, *(third_kernel,) * (count - 2))[:count]
        outside = border if place == 0 else None
        out_channels = width * min(2**place, 8)
        found.append(Stage(in_channels, out_channels, kernels, batch_norm, outside, ceil_mode, pool))
        in_channels = out_channels
    return found


def build(settings: Settings) -> nn.Module:
    """Build a configuration of Table 1, or a network between them."""
    convolutions, width = widths_of(settings, "convolutions"), int_of(settings, "width")
    _check(convolutions)
    side = _side(int_of(settings, "image_size"), len(convolutions))
    body = stages(convolutions, width, int_of(settings, "third_kernel"), bool(settings.get("batch_norm", False)))
    features = width * min(2 ** (len(convolutions) - 1), 8) * side**2
    return VGG(body, features, int_of(settings, "hidden"), int_of(settings, "num_classes"))


def _check(convolutions: tuple[int, ...]) -> None:
    written = "-".join(str(count) for count in convolutions)
    if not 1 <= len(convolutions) <= MOST_STAGES:
        raise SpecError(
            f"convolutions = {written} makes {len(convolutions)} stages; take 1 to {MOST_STAGES}, such as {D}"
        )
    if not all(1 <= count <= MOST_CONVOLUTIONS for count in convolutions):
        raise SpecError(
            f"convolutions = {written}: each stage takes 1 to {MOST_CONVOLUTIONS}; configuration D is 2-2-3-3-3"
        )


def _side(image_size: int, stages: int) -> int:
    """Return the side of the last map: the image's, halved once a stage; raises SpecError if that is not whole."""
    factor = 2**stages
    if image_size % factor:
        nearest = max(1, round(image_size / factor)) * factor
        raise SpecError(
            f"an image of {image_size} does not fit: {stages} poolings leave {image_size} / 2^{stages} = "
            f"{image_size / factor:g} pixels, which is not whole. Try {nearest}."
        )
    return image_size // factor


# ---- the network that trains live ------------------------------------------------------------------------------------


class SmallVGG(nn.Module):
    """Stages of convolutions that keep the side, each with pooling, then one dense layer; no second one is needed.

    `entry`: a first 2 × 2 convolution that moves by two, which leaves the stages a quarter of the places: not in the
    paper, whose pictures shrink by pooling alone.
    """

    def __init__(self, entry: nn.Conv2d | None, stages: list[Stage], features: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.entry = entry
        self.stages = nn.ModuleList(stages)
        self.fc1 = FullyConnected(features, hidden)
        self.fc2 = nn.Linear(hidden, outputs)

    def forward(self, image: Tensor) -> Tensor:  # B C 28 28
        x = image.clone(memory_format=torch.channels_last)  # a sixth faster on a CPU
        x = x if self.entry is None else self.entry(x)  # B 16 14 14
        for stage in self.stages:
            x = stage(x)  # B 16 7 7, B 32 4 4
        x = self.fc1(torch.flatten(x, 1))  # B hidden
        return self.fc2(x)  # B outputs


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live; raises SpecError for more stages than the picture can be halved."""
    in_channels, side, _ = input_shape
    counts, widths = widths_of(settings, "convolutions"), widths_of(settings, "channels")
    _check_small(counts, side)
    widths = widths + widths[-1:] * (len(counts) - len(widths))
    entry = nn.Conv2d(in_channels, widths[0], 2, stride=2) if settings["entry"] else None
    if entry is not None:
        in_channels, side = widths[0], side // 2
    stages = []
    for count, width in zip(counts, widths, strict=False):
        kernels = (int_of(settings, "kernel_size"),) * count
        stages.append(Stage(in_channels, width, kernels, bool(settings["batch_norm"]), ceil_mode=True))
        in_channels, side = width, -(-side // 2)
    model = SmallVGG(entry, stages, in_channels * side * side, int_of(settings, "hidden"), outputs)
    if settings["weights"] == "he":
        initialise(model)
    return model


def _check_small(counts: tuple[int, ...], side: int) -> None:
    if len(counts) > MOST_HALVINGS:
        written = "-".join(str(count) for count in counts)
        raise SpecError(
            f"convolutions = {written} makes {len(counts)} stages, each of which halves the side: {side} / "
            f"2^{len(counts)} leaves nothing. Take {MOST_HALVINGS} or fewer, such as 2-2."
        )


def initialise(model: nn.Module) -> None:
    """Draw normal weights whose spread keeps the signal's size through ReLU (He et al. 2015)."""
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type] - these layers all have one
