"""The nets that train live: a few Fire modules on small pictures, and SqueezeNet 1.1 as it was trained on ImageNet."""

from __future__ import annotations

from collections import OrderedDict

import torch
from safetensors.numpy import load_file
from torch import Tensor, nn

from explorer import paths
from explorer.architectures.squeezenet.model import FIRES, V1_1, Filters, Metaparameters, SqueezeNet
from explorer.spec import Settings, float_of, widths_of

WEIGHTS = "squeezenet1_1_imagenet.safetensors"
MEANS = (104.006, 116.669, 122.679)  # of ImageNet's blue, green and red, 0 … 255: subtracted when it was trained
NUMBERED = (3, 4, 6, 7, 9, 10, 11, 12)  # the eight modules' places in the file, which counts every layer


class NormalisedFire(nn.Module):
    """A Fire module with batch normalisation after each convolution: not in the paper; it bears larger rates."""

    def __init__(self, in_channels: int, filters: Filters, normalised: bool) -> None:
        super().__init__()
        self.squeeze = _layer(in_channels, filters.squeeze, 1, normalised)
        self.expand1x1 = _layer(filters.squeeze, filters.expand1x1, 1, normalised)
        self.expand3x3 = _layer(filters.squeeze, filters.expand3x3, 3, normalised)

    def branches(self) -> dict[str, nn.Module]:
        return {"1 × 1": self.expand1x1, "3 × 3": self.expand3x3}

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        x = self.squeeze(x)  # B s H W
        return torch.cat((self.expand1x1(x), self.expand3x3(x)), dim=1)  # B e1+e3 H W


class Bypassed(nn.Module):
    """A Fire module with what leads around it; lenses know it as a residual block by `branch` and `shortcut`."""

    def __init__(self, fire: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.fire = fire
        self.shortcut: nn.Module | None = shortcut

    def branch(self, x: Tensor) -> Tensor:  # B in H W
        return self.fire(x)  # B out H W

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        y = self.branch(x)  # B out H W
        return y if self.shortcut is None else y + self.shortcut(x)


class SmallSqueezeNet(nn.Module):
    """A convolution and a pooling, Fire modules with one more pooling before the last, a map for each class, means."""

    def __init__(self, stem: nn.Sequential, stages: OrderedDict[str, nn.Module], channels: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = stem
        self.stages = nn.Sequential(stages)
        self.dropout = nn.Dropout(0.0)  # the share is a live knob
        self.conv10 = nn.Conv2d(channels, outputs, 1)
        self.average = nn.AdaptiveAvgPool2d(1)

    def forward(self, image: Tensor) -> Tensor:  # B C H W
        x = self.stages(self.conv1(image))  # B channels H/8 W/8
        x = self.conv10(self.dropout(x))  # B classes H/8 W/8
        return torch.flatten(self.average(x), 1)  # B classes


class Preprocess(nn.Module):
    """What SqueezeNet 1.1 was fed with: red, green, blue 0 … 1 → blue, green, red 0 … 255, less their means."""

    means: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("means", torch.tensor(MEANS)[:, None, None], persistent=False)

    def forward(self, image: Tensor) -> Tensor:  # B 3 227 227
        return image.flip(1) * 255 - self.means


class PhotographNet(SqueezeNet):
    """Version 1.1 behind its preprocessing: photographs 0 … 1 as they are, 1,000 classes."""

    def __init__(self, outputs: int) -> None:
        super().__init__(V1_1, Metaparameters(), num_classes=outputs)
        self.preprocess = Preprocess()

    def forward(self, image: Tensor) -> Tensor:  # B 3 227 227
        return super().forward(self.preprocess(image))  # B 1000


def _layer(in_channels: int, out_channels: int, kernel_size: int, normalised: bool, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the map at stride 1, perhaps batch normalisation, and a ReLU."""
    layer = OrderedDict[str, nn.Module]()
    layer["conv"] = nn.Conv2d(in_channels, out_channels, kernel_size, stride, kernel_size // 2, bias=not normalised)
    if normalised:
        layer["norm"] = nn.BatchNorm2d(out_channels)
    layer["relu"] = nn.ReLU()
    return nn.Sequential(layer)


def _around(kind: str, in_channels: int, out_channels: int) -> nn.Module | None:
    """What leads around a module: nothing, a wire where the channels stay, or a 1 × 1 convolution too (figure 2)."""
    if kind == "none" or (kind == "simple" and in_channels != out_channels):
        return None
    return nn.Identity() if in_channels == out_channels else nn.Conv2d(in_channels, out_channels, 1)


def _small(settings: Settings, in_channels: int, outputs: int) -> SmallSqueezeNet:
    normalised, widths = bool(settings["batch_norm"]), widths_of(settings, "expand")
    stem = _layer(in_channels, 32, 5, normalised, stride=2)  # B 32 H/2 W/2
    stem.add_module("pool", nn.MaxPool2d(3, stride=2, ceil_mode=True))  # B 32 H/4 W/4
    stages, channels = OrderedDict[str, nn.Module](), 32
    for number, expand in enumerate(widths, 2):
        if number == len(widths) + 1 and len(widths) > 1:
            stages["pool"] = nn.MaxPool2d(3, stride=2, ceil_mode=True)  # before the last module
        meta = Metaparameters(expand, 0, float_of(settings, "pct_3x3"), float_of(settings, "squeeze_ratio"))
        filters = meta.filters(FIRES.start)
        fire = NormalisedFire(channels, filters, normalised)
        around = _around(str(settings["bypass"]), channels, filters.expand)
        stages[f"fire{number}"] = fire if around is None else Bypassed(fire, around)
        channels = filters.expand
    return SmallSqueezeNet(stem, stages, channels, outputs)


def trained_weights() -> dict[str, Tensor]:
    """Return the bundled weights of version 1.1 by the names that `SqueezeNet` gives them."""
    found = load_file(paths.assets() / "data" / WEIGHTS)
    return {_renamed(name): torch.from_numpy(array) for name, array in found.items()}


def _renamed(name: str) -> str:
    """Return our name of a tensor in the file: features.3.squeeze.weight → fire2.squeeze.weight."""
    part, number, *rest = name.split(".")
    if part == "classifier":
        return ".".join(("conv10", "conv", *rest))
    if number == "0":
        return ".".join(("conv1", "conv", *rest))
    return ".".join((f"fire{FIRES[NUMBERED.index(int(number))]}", *rest))


def _photograph(weights: str, outputs: int) -> PhotographNet:
    """Version 1.1, of which only the last layer goes on learning: what leads to its features stays as it is."""
    model = PhotographNet(outputs)
    if weights == "ImageNet":
        model.load_state_dict(trained_weights())
    else:
        _initialise(model)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in model.conv10.parameters():
        parameter.requires_grad_(True)
    return model


def _initialise(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the small net, or, where the settings name `weights`, the whole of version 1.1."""
    if "weights" in settings:
        return _photograph(str(settings["weights"]), outputs)
    model = _small(settings, input_shape[0], outputs)
    _initialise(model)
    # a fifth faster on a CPU, or more
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload] - torch's stubs do not know it
