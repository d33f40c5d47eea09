"""Generative adversarial nets: the pair of 2014 for MNIST (Goodfellow et al.), and DCGAN (Radford, Metz & Chintala)."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of

MNIST = 28 * 28
SEED = 4  # side of the map that a DCGAN generator begins with and a discriminator ends with


# ---- 2014: dense layers (sec. 5 and the authors' mnist.yaml; h0, h1, y are its names) --------------------------------


class Dense(nn.Module):
    """One layer, f(W x + b), of all numbers of its input."""

    def __init__(self, in_features: int, out_features: int, activation: nn.Module, bias: bool = True) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features, bias)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:  # B ...
        x = torch.flatten(x, 1)  # B in
        return self.activation(self.linear(x))  # B out


class Maxout(nn.Module):
    """Each unit gives the largest of its pieces, all of them linear functions of the input (Goodfellow et al. 2013)."""

    def __init__(self, in_features: int, units: int, pieces: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, units * pieces)
        self.units, self.pieces = units, pieces

    def forward(self, x: Tensor) -> Tensor:  # B in
        x = self.linear(x).view(-1, self.units, self.pieces)  # B units pieces
        return x.max(2).values  # B units


class Generator(nn.Module):
    """G of 2014: noise becomes a digit through two layers of rectifiers and one of sigmoids."""

    def __init__(self, z_size: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.h0 = Dense(z_size, hidden, nn.ReLU())
        self.h1 = Dense(hidden, hidden, nn.ReLU())
        self.y = Dense(hidden, outputs, nn.Sigmoid())

    def forward(self, z: Tensor) -> Tensor:  # B 100
        return self.y(self.h1(self.h0(z)))  # B 784, from 0 to 1


class Discriminator(nn.Module):
    """D of 2014: the probability that a picture comes from the data, through two layers of maxout units."""

    def __init__(self, inputs: int, units: int, pieces: int) -> None:
        super().__init__()
        # only D drops units, pixels more rarely than hidden units (sec. 5; the shares are those of mnist.yaml)
        self.dropout0, self.dropout1, self.dropout2 = nn.Dropout(0.2), nn.Dropout(0.5), nn.Dropout(0.5)
        self.h0 = Maxout(inputs, units, pieces)
        self.h1 = Maxout(units, units, pieces)
        self.y = Dense(units, 1, nn.Sigmoid())

    def forward(self, image: Tensor) -> Tensor:  # B 784
        x = self.h0(self.dropout0(image))  # B 240
        x = self.h1(self.dropout1(x))  # B 240
        return self.y(self.dropout2(x))  # B 1


# ---- 2015: convolutions (DCGAN, sec. 3) ------------------------------------------------------------------------------


class Project(nn.Module):
    """Figure 1's "project and reshape": a matrix product makes the first map; each of its cells is normalised alone."""

    def __init__(self, z_size: int, channels: int, batch_norm: bool, side: int = SEED) -> None:
        super().__init__()
        self.linear = nn.Linear(z_size, channels * side**2, bias=False)
        self.norm = nn.BatchNorm1d(channels * side**2) if batch_norm else nn.Identity()
        self.relu = nn.ReLU()
        self.side = side

    def forward(self, z: Tensor) -> Tensor:  # B 100
        x = self.relu(self.norm(self.linear(z)))  # B 16384
        return x.view(len(x), -1, self.side, self.side)  # B 1024 4 4


class Layer(nn.Module):
    """A convolution of either direction without bias, batch normalisation (or none), an activation."""

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, batch_norm: bool, activation: nn.Module) -> None:
        super().__init__()
        self.conv = conv
        self.norm = nn.BatchNorm2d(conv.out_channels) if batch_norm else nn.Identity()
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        return self.activation(self.norm(self.conv(x)))  # B out 2H 2W in G, B out H/2 W/2 in D


class Chain(nn.Module):
    """Layers one after the other under the names given; weights from a normal distribution of spread 0.02 (sec. 4)."""

    def __init__(self, layers: Iterable[tuple[str, nn.Module]]) -> None:
        super().__init__()
        for name, layer in layers:
            self.add_module(name, layer)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.02)


class DCGANGenerator(Chain):
    """G of 2015: a small map with many channels grows, twice the side and half the channels at a time."""

    def forward(self, z: Tensor) -> Tensor:  # B 100, or B 100 1 1
        for layer in self.children():
            z = layer(z)  # B 1024 4 4, B 512 8 8, B 256 16 16, B 128 32 32
        return z  # B 3 64 64, from -1 to 1


class DCGANDiscriminator(Chain):
    """D of 2015: the same way back, by strides instead of pooling, to one probability."""

    def forward(self, image: Tensor) -> Tensor:  # B 3 64 64
        for layer in self.children():
            image = layer(image)  # B 128 32 32, B 256 16 16, B 512 8 8, B 1024 4 4
        return image  # B 1, or B 1 1 1


def dcgan_generator(
    form: str, z_size: int, width: int, image_size: int, channels: int = 3, batch_norm: bool = True
) -> DCGANGenerator:
    """Build G: form "paper" projects z and has kernels of 5 × 5, "common" has 4 × 4 throughout; `width`: last maps."""
    widths = [width * 2**i for i in reversed(range(doublings(image_size)))]  # 1024 512 256 128
    layers: list[nn.Module] = []
    if form == "paper":
        layers.append(Project(z_size, widths[0], batch_norm))
    else:
        layers.append(Layer(nn.ConvTranspose2d(z_size, widths[0], SEED, bias=False), batch_norm, nn.ReLU()))
    for before, after in zip(widths, [*widths[1:], channels], strict=True):
        last = len(layers) == len(widths)  # no batch normalisation in the output layer (sec. 3)
        layers.append(Layer(_doubling(form, before, after), batch_norm and not last, nn.Tanh() if last else nn.ReLU()))
    first = 0 if form == "paper" else 1
    return DCGANGenerator(("project" if n == 0 else f"conv{n}", layer) for n, layer in enumerate(layers, first))


def dcgan_discriminator(
    form: str, width: int, image_size: int, channels: int = 3, batch_norm: bool = True
) -> DCGANDiscriminator:
    """Build D: form "paper" has kernels of 5 × 5 and a dense output, "common" 4 × 4 throughout; `width`: first maps."""
    widths = [width * 2**i for i in range(doublings(image_size))]  # 128 256 512 1024
    layers: list[tuple[str, nn.Module]] = []
    for number, (before, after) in enumerate(zip([channels, *widths], widths, strict=False), 1):
        norm = batch_norm and number > 1  # not on the pictures themselves (sec. 3)
        layers.append((f"conv{number}", Layer(_halving(form, before, after), norm, nn.LeakyReLU(0.2))))
    if form == "paper":
        layers.append(("y", Dense(widths[-1] * SEED**2, 1, nn.Sigmoid(), bias=False)))
    else:
        last = nn.Conv2d(widths[-1], 1, SEED, bias=False)
        layers.append((f"conv{len(widths) + 1}", Layer(last, False, nn.Sigmoid())))
    return DCGANDiscriminator(layers)


def doublings(image_size: int) -> int:
    """Return how often a map of 4 × 4 doubles on its way to the picture; raises SpecError for a side in between."""
    times = max(1, round(math.log2(image_size / SEED)))
    if SEED * 2**times != image_size:
        raise SpecError(f"image_size = {image_size} is not 4 · 2ⁿ; try {SEED * 2**times}")
    return times


def _doubling(form: str, before: int, after: int) -> nn.ConvTranspose2d:
    if form == "paper":  # 2 (H − 1) − 2 · 2 + 5 + 1 = 2 H
        return nn.ConvTranspose2d(before, after, 5, stride=2, padding=2, output_padding=1, bias=False)
    return nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False)  # 2 (H − 1) − 2 · 1 + 4 = 2 H


def _halving(form: str, before: int, after: int) -> nn.Conv2d:
    kernel_size, padding = (5, 2) if form == "paper" else (4, 1)
    return nn.Conv2d(before, after, kernel_size, stride=2, padding=padding, bias=False)


# ---- the game (eq. 1) ------------------------------------------------------------------------------------------------


class LogD(nn.Module):
    """log D(x), for x from the data: D raises it."""

    def forward(self, p: Tensor) -> Tensor:  # B 1
        return torch.log(p)


class Log1MinusD(nn.Module):
    """log(1 − D(G(z))): D raises it, G lowers it."""

    def forward(self, p: Tensor) -> Tensor:  # B 1
        return torch.log(1 - p)


class Game(nn.Module):
    """Both nets and V(D, G) = log D(x) + log(1 − D(G(z))), which D raises and G lowers."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.same_discriminator = twin(discriminator)  # a name of its own: both its uses are to be seen
        self.real_term = LogD()
        self.fake_term = Log1MinusD()

    def forward(self, z: Tensor, image: Tensor) -> Tensor:  # B 100, B 784
        fake = self.generator(z)  # B 784
        fake_term = self.fake_term(self.discriminator(fake))  # B 1
        real_term = self.real_term(self.same_discriminator(image))  # B 1
        return real_term + fake_term  # B 1: V(D, G), a mean over the batch while training


def twin(module: nn.Module) -> nn.Module:
    """Return the module again as another object on the very same parameters and buffers."""
    shared = (*module.parameters(), *module.buffers())
    return copy.deepcopy(module, {id(each): each for each in shared})


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """−V(D, G) as a mean over the batch, from D's probabilities of real and generated pictures, both B 1."""
    return F.binary_cross_entropy(real, torch.ones_like(real)) + F.binary_cross_entropy(fake, torch.zeros_like(fake))


def generator_loss(fake: Tensor, saturating: bool = False) -> Tensor:
    """−log D(G(z)), whose gradient is strong while D wins (sec. 3); `saturating`: log(1 − D(G(z))), as in eq. 1."""
    if saturating:
        return -F.binary_cross_entropy(fake, torch.zeros_like(fake))
    return F.binary_cross_entropy(fake, torch.ones_like(fake))


# ---- building --------------------------------------------------------------------------------------------------------


def build(settings: Settings) -> nn.Module:
    """Build the network that `form` ("2014", "paper" or "common") and `part` ("G", "D" or "both") name."""
    form, part = str(settings["form"]), str(settings["part"])
    if form == "2014":
        return _mnist(settings, part)
    sizes = (int_of(settings, "width"), int_of(settings, "image_size"))
    batch_norm = bool(settings["batch_norm"])
    if part == "D":
        return dcgan_discriminator(form, *sizes, batch_norm=batch_norm)
    return dcgan_generator(form, int_of(settings, "z_size"), *sizes, batch_norm=batch_norm)


def _mnist(settings: Settings, part: str) -> nn.Module:
    if part == "D":
        return Discriminator(MNIST, int_of(settings, "units"), int_of(settings, "pieces"))
    generator = Generator(int_of(settings, "z_size"), int_of(settings, "hidden"), MNIST)
    if part == "G":
        return generator
    return Game(generator, Discriminator(MNIST, int_of(settings, "units"), int_of(settings, "pieces")))


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return noise for G, a picture for D, both for the game."""
    form, part = str(settings["form"]), str(settings["part"])
    if part == "D":
        return (_picture(settings),)
    sides = (1, 1) if form == "common" else ()  # there noise is a map of one place
    z = torch.zeros(1, int_of(settings, "z_size"), *sides)
    return (z,) if part == "G" else (z, _picture(settings))


def _picture(settings: Settings) -> Tensor:
    if settings["form"] == "2014":
        return torch.zeros(1, MNIST)
    side = int_of(settings, "image_size")
    return torch.zeros(1, 3, side, side)
