"""The networks that train live: an autoencoder that opens a short code into a picture, and a small DeconvNet."""

from __future__ import annotations

import math
from collections import OrderedDict
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.deconvolution.deconvnet import ConvNormRelu, Down
from explorer.architectures.deconvolution.unpooling import Unpooling
from explorer.spec import Settings, SpecError, int_of, widths_of

# a last layer with stride 1: kernel and padding; with k − 1 = 2p alone the picture keeps its size
FINISHES = {"none": (0, 0), **{f"{k} × {k}, padding {p}": (k, p) for k, p in ((3, 1), (3, 0), (3, 2), (4, 1), (4, 2))}}


class Nearest(nn.Module):
    """Every row and every column twice: nearest-neighbour upsampling, nothing to learn."""

    def forward(self, x: Tensor) -> Tensor:  # B C h w
        return F.interpolate(x, scale_factor=2.0, mode="nearest")  # B C 2h 2w


class Encoder(nn.Module):
    """Two convolutions with stride 2, then all cells into one short code."""

    def __init__(self, channels: tuple[int, int, int], side: int, code: int, batch_norm: bool) -> None:
        super().__init__()
        before, first, second = channels
        self.conv1 = ConvNormRelu(nn.Conv2d(before, first, 5, stride=2, padding=2), batch_norm)
        self.conv2 = ConvNormRelu(nn.Conv2d(first, second, 3, stride=2, padding=1), batch_norm)
        self.to_code = nn.Linear(second * (side // 4) ** 2, code)

    def forward(self, picture: Tensor) -> Tensor:  # B C H W
        x = self.conv2(self.conv1(picture))  # B second H/4 W/4
        return self.to_code(torch.flatten(x, 1))  # B code


class Decoder(nn.Module):
    """The code opens into small maps, and these are enlarged twice; a sigmoid keeps the pixels within 0 … 1."""

    def __init__(
        self, channels: tuple[int, int, int], side: int, code: int, batch_norm: bool, upsampling: str, kernel_size: int,
        finish: str,
    ) -> None:  # fmt: skip
        super().__init__()
        pixels, first, second = channels
        kernel, padding = FINISHES[finish]
        self.start, self.side = (second, side // 4, side // 4), side
        self.from_code = nn.Linear(code, math.prod(self.start))
        self.up1 = _after(enlarging(second, first, upsampling, kernel_size), first, batch_norm)
        self.up2 = enlarging(first, first if kernel else pixels, upsampling, kernel_size)
        self.finish = _finish(first, pixels, kernel, padding, batch_norm) if kernel else None
        self.sigmoid = nn.Sigmoid()

    def forward(self, code: Tensor) -> Tensor:  # B code
        x = F.relu(self.from_code(code)).unflatten(1, self.start)  # B second H/4 W/4
        x = self.up2(self.up1(x))  # B C H W
        if self.finish is not None:
            x = fitted(self.finish(x), self.side)
        return self.sigmoid(x)


class Autoencoder(nn.Module):
    """A picture through a code of few numbers and back: what the code cannot hold is lost."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, picture: Tensor) -> Tensor:  # B C H W, of mean 0 and spread 1
        return self.decoder(self.encoder(picture))  # B C H W, pixels of 0 … 1


class Up(nn.Module):
    """A map twice as large, by switches, by rows repeated, or into the same corner always; then transposed
    convolutions."""

    def __init__(self, channels: tuple[int, ...], batch_norm: bool, by: str) -> None:
        super().__init__()
        self.unpool = Nearest() if by == "repeat" else Unpooling()
        self.corner = by == "corner"
        layers = (nn.ConvTranspose2d(before, after, 3, padding=1) for before, after in pairwise(channels))
        self.deconvs = nn.ModuleList(ConvNormRelu(layer, batch_norm) for layer in layers)

    def forward(self, x: Tensor, switches: Tensor) -> Tensor:  # B C h w
        if isinstance(self.unpool, Nearest):
            x = self.unpool(x)  # B C 2h 2w
        else:
            x = self.unpool(x, corners(switches) if self.corner else switches, (2 * x.shape[2], 2 * x.shape[3]))
        for deconv in self.deconvs:
            x = deconv(x)
        return x  # B out 2h 2w


class SmallDeconvNet(nn.Module):
    """DeconvNet without its fully connected middle: stages down, their mirror image up, a score for each pixel."""

    def __init__(self, channels: tuple[int, ...], batch_norm: bool, unpooling: str, outputs: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(Down((a, b), batch_norm) for a, b in pairwise(channels))
        ups = [(b, a if at else b) for at, (a, b) in enumerate(pairwise(channels))]
        self.up = nn.ModuleList(Up(pair, batch_norm, unpooling) for pair in reversed(ups))
        self.score = nn.Conv2d(channels[1], outputs, 1)

    def forward(self, picture: Tensor) -> Tensor:  # B C H W
        x, switches = picture, []
        for stage in self.down:
            x, where = stage(x)  # sides H/2, H/4, H/8
            switches.append(where)
        for stage in self.up:
            x = stage(x, switches.pop())  # sides H/4, H/2, H
        return self.score(x)  # B classes H W


def enlarging(before: int, after: int, by: str, kernel_size: int) -> nn.Module:
    """Return what doubles a map's side: a transposed convolution, or rows repeated with a convolution behind.

    (i − 1) · 2 − 2p + k + o = 2i holds for 2p = k − 2 + o. "repeat" has a 1 × 1 convolution: it mixes maps, not places.
    """
    if by == "transposed":
        odd = kernel_size % 2
        padding = (kernel_size - 2 + odd) // 2
        return nn.ConvTranspose2d(before, after, kernel_size, stride=2, padding=padding, output_padding=odd)
    kernel = 1 if by == "repeat" else 3
    conv = nn.Conv2d(before, after, kernel, padding=kernel // 2)
    return nn.Sequential(OrderedDict(nearest=Nearest(), conv=conv))


def _after(layer: nn.Module, channels: int, batch_norm: bool) -> nn.Module:
    """Return the layer with normalisation and ReLU behind it."""
    norm = [("norm", nn.BatchNorm2d(channels))] if batch_norm else []
    return nn.Sequential(OrderedDict([("enlarge", layer), *norm, ("relu", nn.ReLU())]))


def _finish(before: int, after: int, kernel: int, padding: int, batch_norm: bool) -> nn.Module:
    norm = [("norm", nn.BatchNorm2d(before))] if batch_norm else []
    last = nn.ConvTranspose2d(before, after, kernel, padding=padding)
    return nn.Sequential(OrderedDict([*norm, ("relu", nn.ReLU()), ("conv", last)]))


def fitted(x: Tensor, side: int) -> Tensor:
    """Cut a map that is too large to `side`, or put zeros around one that is too small; the odd row is the last."""
    room = side - x.shape[-1]
    before = int(room / 2)
    return F.pad(x, (before, room - before, before, room - before))  # negative room is cut off


def corners(switches: Tensor) -> Tensor:
    """Return indices as 2 × 2 pooling gives them, all pointing at the first cell of their windows."""
    height, width = switches.shape[-2:]
    rows = torch.arange(height, device=switches.device)[:, None] * (4 * width)
    return (rows + 2 * torch.arange(width, device=switches.device)).expand_as(switches)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the autoencoder where the settings have a code, else the small DeconvNet; raises SpecError."""
    channels, side, _ = input_shape
    widths, batch_norm = widths_of(settings, "channels"), bool(settings["batch_norm"])
    if "code" not in settings:
        _check_side(side, len(widths))
        model = SmallDeconvNet((channels, *widths), batch_norm, str(settings["unpooling"]), outputs)
        return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload] - a sixth faster on a CPU
    if len(widths) != 2:
        raise SpecError(
            f"channels = {'-'.join(map(str, widths))} has {len(widths)} stages; this network has two: 16-32"
        )
    stages, code = (channels, widths[0], widths[1]), int_of(settings, "code")
    decoder = Decoder(
        stages, side, code, batch_norm, str(settings["upsampling"]), int_of(settings, "kernel_size"),
        str(settings["finish"]),
    )  # fmt: skip
    return Autoencoder(Encoder(stages, side, code, batch_norm), decoder)


def _check_side(side: int, stages: int) -> None:
    if side % 2**stages:
        most = next(n for n in range(stages, -1, -1) if side % 2**n == 0)
        raise SpecError(
            f"{stages} poolings do not fit: {side} / 2^{stages} = {side / 2**stages:g} is not whole, and unpooling "
            f"could not find its way back. Take {most} stages."
        )
