"""The pairs that train live: dense nets for points and pictures, and a small DCGAN. D answers with a logit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from explorer.architectures.gan.model import Chain, Layer, Project
from explorer.spec import Settings, SpecError, int_of, widths_of

SLOPE = 0.2  # of the rectifiers below zero (Radford et al. 2015, sec. 3)
QUARTER = 4  # two strides of 2 lie between the picture and the map that G begins with


class Hidden(nn.Module):
    """A linear layer, batch normalisation where asked for, a rectifier: leaky for pictures, plain for points."""

    def __init__(self, in_features: int, out_features: int, picture: bool, batch_norm: bool = False) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        if batch_norm:
            self.norm = nn.BatchNorm1d(out_features)
        self.activation = nn.LeakyReLU(SLOPE) if picture else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B in
        x = self.linear(x)  # B out
        return self.activation(self.norm(x) if hasattr(self, "norm") else x)


class DenseGenerator(nn.Module):
    """Noise through hidden layers into a point, or into a picture with pixels from −1 to 1."""

    def __init__(self, z_size: int, widths: Sequence[int], shape: tuple[int, ...]) -> None:
        super().__init__()
        picture = len(shape) == 3
        self.hidden = nn.Sequential(*(Hidden(i, o, picture, picture) for i, o in _pairs(z_size, widths)))
        last = nn.Linear(widths[-1], math.prod(shape))
        self.y = nn.Sequential(last, nn.Tanh()) if picture else last
        self.shape = shape

    def forward(self, z: Tensor) -> Tensor:  # B z
        return self.y(self.hidden(z)).view(-1, *self.shape)  # B 2, or B C H W


class DenseDiscriminator(nn.Module):
    """A point or a picture through hidden layers into one logit: above 0 it is taken for real."""

    def __init__(self, shape: tuple[int, ...], widths: Sequence[int]) -> None:
        super().__init__()
        picture = len(shape) == 3
        self.hidden = nn.Sequential(*(Hidden(i, o, picture) for i, o in _pairs(math.prod(shape), widths)))
        self.y = nn.Linear(widths[-1], 1)

    def forward(self, x: Tensor) -> Tensor:  # B 2, or B C H W
        return self.y(self.hidden(torch.flatten(x, 1)))  # B 1


def _pairs(first: int, widths: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip((first, *widths[:-1]), widths, strict=True)


class ConvolutionalDiscriminator(Chain):
    """Two convolutions with stride 2 and one logit; no batch normalisation, so each picture is judged by itself."""

    def __init__(self, shape: tuple[int, int, int], maps: int) -> None:
        channels, height, width = shape
        super().__init__(
            (
                ("conv1", Layer(nn.Conv2d(channels, maps, 4, stride=2, padding=1), False, nn.LeakyReLU(SLOPE))),
                ("conv2", Layer(nn.Conv2d(maps, 2 * maps, 4, stride=2, padding=1), False, nn.LeakyReLU(SLOPE))),
                ("y", nn.Linear(2 * maps * (height // QUARTER) * (width // QUARTER), 1)),
            )
        )

    def forward(self, x: Tensor) -> Tensor:  # B C H W
        *layers, y = self.children()
        for layer in layers:
            x = layer(x)  # B maps H/2 W/2, B 2maps H/4 W/4
        return y(torch.flatten(x, 1))  # B 1


class ConvolutionalGenerator(Chain):
    """Noise is projected to a map of a quarter of the side, which grows twice (Radford et al. 2015, figure 1)."""

    def __init__(self, z_size: int, maps: int, shape: tuple[int, int, int]) -> None:
        channels, side, _ = shape
        super().__init__(
            (
                ("project", Project(z_size, 2 * maps, True, side // QUARTER)),
                ("conv1", Layer(nn.ConvTranspose2d(2 * maps, maps, 4, stride=2, padding=1), True, nn.ReLU())),
                ("conv2", Layer(nn.ConvTranspose2d(maps, channels, 4, stride=2, padding=1), False, nn.Tanh())),
            )
        )

    def forward(self, z: Tensor) -> Tensor:  # B z
        for layer in self.children():
            z = layer(z)  # B 2maps H/4 W/4, B maps H/2 W/2
        return z  # B C H W, from −1 to 1


class Pair(nn.Module):
    """Both nets as they meet: the same D judges what G makes and what is real."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator

    def forward(self, z: Tensor, real: Tensor) -> Tensor:  # B z, B …
        made = self.generator(z)  # B …
        return self.discriminator(torch.cat([made, real]))  # 2B 1: first those made, then the real ones


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> Pair:
    """Build G and D for points (2,) or pictures (C, H, W); raises SpecError if a picture cannot be halved twice."""
    z_size = int_of(settings, "z_size")
    if settings.get("net") == "convolutional":
        return _convolutional(z_size, int_of(settings, "maps"), input_shape)
    return Pair(
        DenseGenerator(z_size, widths_of(settings, "widths_g"), input_shape),
        DenseDiscriminator(input_shape, widths_of(settings, "widths_d")),
    )


def _convolutional(z_size: int, maps: int, shape: tuple[int, ...]) -> Pair:
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] % QUARTER:
        raise SpecError(f"the convolutional pair halves a square picture twice; {shape} is none whose side 4 divides")
    picture = (shape[0], shape[1], shape[2])
    return Pair(ConvolutionalGenerator(z_size, maps, picture), ConvolutionalDiscriminator(picture, maps))
