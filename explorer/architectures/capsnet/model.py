"""CapsNet (Sabour, Frosst & Hinton 2017): capsules that choose by agreement which capsule above they speak to."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, int_of

CLASSES = 10


class Squash(nn.Module):
    """Keeps a vector's direction and brings its length below 1 (eq. 1): v = |s|² / (1 + |s|²) · s / |s|."""

    def forward(self, s: Tensor) -> Tensor:  # … D
        length = torch.linalg.vector_norm(s, dim=-1, keepdim=True)
        return s * length / (1 + length**2)  # |s|² / |s| is |s|, so that nothing is divided by 0


class PrimaryCaps(nn.Module):
    """A convolution whose channels are read in groups: each group, at each place, is one capsule (fig. 1)."""

    def __init__(self, in_channels: int, channels: int, dimensions: int, kernel_size: int = 9) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.conv = nn.Conv2d(in_channels, channels * dimensions, kernel_size, stride=2)
        self.squash = Squash()

    def forward(self, x: Tensor) -> Tensor:  # B 256 20 20
        x = self.conv(x)  # B 256 6 6, which is 32 channels of 8
        u = x.reshape(x.shape[0], -1, self.dimensions, x.shape[2] * x.shape[3])  # B 32 8 36
        return self.squash(u.transpose(2, 3).flatten(1, 2))  # B 1152 8


class PredictionVectors(nn.Module):
    """What each capsule i would have each capsule j above it be: û_j|i = W_ij u_i, a matrix for every pair (eq. 2)."""

    def __init__(self, capsules: int, in_dimensions: int, out_capsules: int, out_dimensions: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(capsules, out_capsules, out_dimensions, in_dimensions))
        nn.init.normal_(self.W, std=0.1)

    def forward(self, u: Tensor) -> Tensor:  # B I 8
        return torch.einsum("ijdk,bik->bjdi", self.W, u)  # B J 16 I


class InitialLogits(nn.Module):
    """b_ij = 0: at first every capsule speaks to all capsules above it alike. Not a parameter."""

    def forward(self, predictions: Tensor) -> Tensor:  # B J 16 I
        return torch.zeros_like(predictions[:, :, 0])  # B J I


class WeightedSum(nn.Module):
    """s_j = Σ_i c_ij û_j|i (eq. 2); the authors' code adds a trained bias for each capsule, the paper has none."""

    def __init__(self, capsules: int, dimensions: int, bias: bool) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.full((capsules, dimensions), 0.1)) if bias else None

    def forward(self, c: Tensor, predictions: Tensor) -> Tensor:  # B J I and B J 16 I
        s = torch.linalg.vecdot(c[:, :, None], predictions, dim=3)  # B J 16
        return s if self.bias is None else s + self.bias


class Agreement(nn.Module):
    """a_ij = û_j|i · v_j: large where the prediction points the way of what came out."""

    def forward(self, predictions: Tensor, v: Tensor) -> Tensor:  # B J 16 I and B J 16
        return torch.linalg.vecdot(predictions, v[..., None], dim=2)  # B J I


class Routing(nn.Module):
    """One turn of procedure 1: couple, add up, squash, and couple more strongly where the outcome agrees."""

    def __init__(self, capsules: int, dimensions: int, bias: bool) -> None:
        super().__init__()
        self.coupling = nn.Softmax(dim=1)  # over the capsules above: what i sends is shared out among them (eq. 3)
        self.weighted_sum = WeightedSum(capsules, dimensions, bias)
        self.squash = Squash()
        self.agreement = Agreement()

    def forward(self, b: Tensor, predictions: Tensor) -> tuple[Tensor, Tensor]:  # B J I and B J 16 I
        c = self.coupling(b)  # B J I
        v = self.squash(self.weighted_sum(c, predictions))  # B J 16
        return b + self.agreement(predictions, v), v


class DigitCaps(nn.Module):
    """One capsule a class, found by routing: the loop runs in every forward pass, it is no training."""

    def __init__(
        self, capsules: int, in_dimensions: int, dimensions: int, iterations: int, bias: bool, classes: int = CLASSES
    ) -> None:
        super().__init__()
        self.iterations = iterations
        self.predictions = PredictionVectors(capsules, in_dimensions, classes, dimensions)
        self.initial_logits = InitialLogits()
        self.routing = Routing(classes, dimensions, bias)

    def forward(self, u: Tensor) -> Tensor:  # B 1152 8
        predictions = self.predictions(u)  # B 10 16 1152
        b = self.initial_logits(predictions)  # B 10 1152
        for _ in range(self.iterations - 1):
            b, _ = self.routing(b, predictions)
        return self.routing(b, predictions)[1]  # B 10 16

    def turns(self, u: Tensor, iterations: int) -> list[tuple[Tensor, Tensor]]:
        """Return for each turn the couplings it begins with, (B, J, I), and the capsules that come out, (B, J, 16)."""
        predictions = self.predictions(u)
        b = self.initial_logits(predictions)
        found: list[tuple[Tensor, Tensor]] = []
        for _ in range(iterations):
            c = self.routing.coupling(b)
            b, v = self.routing(b, predictions)
            found.append((c, v))
        return found


class Length(nn.Module):
    """|v_k|: how sure the network is that class k is there. No softmax follows; several may be there at once."""

    def forward(self, v: Tensor) -> Tensor:  # B 10 16
        return torch.linalg.vector_norm(v, dim=2)  # B 10


class Mask(nn.Module):
    """Sets all capsules to zero but one: the true class while training, the longest otherwise (sec. 4.1)."""

    def forward(self, v: Tensor, lengths: Tensor, target: Tensor | None = None) -> Tensor:  # B 10 16, B 10, B
        chosen = lengths.argmax(1) if target is None else target
        kept = torch.zeros_like(lengths).scatter(1, chosen[:, None], 1.0)  # B 10: one-hot
        return (v * kept[..., None]).flatten(1)  # B 160


class CapsNet(nn.Module):
    """Figures 1 and 2: a convolution, primary capsules, digit capsules, and a decoder that redraws the picture.

    Returns the reconstruction (B, pixels) if there is a decoder, then the capsules (B, 10, 16) and their lengths.
    """

    def __init__(
        self,
        image_size: int = 28,
        primary_channels: int = 32,
        digit_dimensions: int = 16,
        iterations: int = 3,
        decoder: bool = True,
        capsule_bias: bool = False,
    ) -> None:
        super().__init__()
        side = (image_size - 8 - 9) // 2 + 1
        self.conv1 = nn.Conv2d(1, 256, 9)
        self.relu = nn.ReLU()
        self.primary_caps = PrimaryCaps(256, primary_channels, 8)
        self.digit_caps = DigitCaps(primary_channels * side**2, 8, digit_dimensions, iterations, capsule_bias)
        self.length = Length()
        self.mask = Mask() if decoder else None
        self.decoder = _decoder(CLASSES * digit_dimensions, image_size**2) if decoder else None

    def forward(self, image: Tensor, target: Tensor | None = None) -> tuple[Tensor, ...]:  # B 1 28 28
        x = self.relu(self.conv1(image))  # B 256 20 20
        u = self.primary_caps(x)  # B 1152 8
        v = self.digit_caps(u)  # B 10 16
        lengths = self.length(v)  # B 10
        if self.decoder is None or self.mask is None:
            return v, lengths
        return self.decoder(self.mask(v, lengths, target)), v, lengths  # B 784, …


def _decoder(inputs: int, pixels: int, hidden: tuple[int, int] = (512, 1024)) -> nn.Module:
    """Figure 2: three fully connected layers from the one capsule left to the pixels."""
    return nn.Sequential(
        OrderedDict(
            fc1=nn.Linear(inputs, hidden[0]),
            relu1=nn.ReLU(),
            fc2=nn.Linear(hidden[0], hidden[1]),
            relu2=nn.ReLU(),
            fc3=nn.Linear(hidden[1], pixels),
            sigmoid=nn.Sigmoid(),
        )
    )


# ---- the small network that trains live -----------------------------------------------------------------------------


class SmallCapsNet(nn.Module):
    """Figures 1 and 2 with windows of 5 × 5 and stride 2 twice: 128 primary capsules for a picture of 28 × 28.

    `routing_iterations` may be changed at any time: it belongs to no parameter.
    """

    def __init__(
        self, input_shape: tuple[int, ...], maps: int, primary_channels: int, digit_dimensions: int, classes: int,
        decoder: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        in_channels, size, _ = input_shape
        side = _after_trunk(size)
        self.primary_shape = (primary_channels, side, side)
        self.conv1 = nn.Conv2d(in_channels, maps, 5, stride=2)
        self.relu = nn.ReLU()
        self.primary_caps = PrimaryCaps(maps, primary_channels, 8, kernel_size=5)
        self.digit_caps = DigitCaps(primary_channels * side**2, 8, digit_dimensions, 3, bias=False, classes=classes)
        self.length = Length()
        self.mask = Mask() if decoder else None
        self.decoder = _decoder(classes * digit_dimensions, size**2, hidden=(128, 256)) if decoder else None

    def primary(self, image: Tensor) -> Tensor:
        """Return the primary capsules, (B, I, 8)."""
        return self.primary_caps(self.relu(self.conv1(image)))

    def capsules(self, image: Tensor) -> Tensor:
        """Return the digit capsules, (B, 10, 16)."""
        return self.digit_caps(self.primary(image))

    def redrawn(self, v: Tensor, kept: Tensor) -> Tensor:
        """Return the pictures (B, pixels) that the decoder makes of one capsule each, the one of class `kept` (B,)."""
        if self.decoder is None or self.mask is None:
            raise SpecError("this network has no decoder; switch it on and train anew")
        return self.decoder(self.mask(v, self.length(v), kept))

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:  # B 1 28 28, B
        v = self.capsules(image)  # B 10 16
        lengths = self.length(v)  # B 10
        return lengths if target is None or self.decoder is None else (lengths, self.redrawn(v, target))


class ConvolutionalRival(nn.Module):
    """The same two convolutions, then two ordinary layers: as many weights as the capsules have matrices.

    A sigmoid for each class stands where a capsule has its length, so that both learn by the same loss.
    """

    def __init__(
        self, input_shape: tuple[int, ...], maps: int, primary_channels: int, digit_dimensions: int, classes: int
    ) -> None:
        super().__init__()
        in_channels, size, _ = input_shape
        self.conv1 = nn.Conv2d(in_channels, maps, 5, stride=2)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(maps, primary_channels * 8, 5, stride=2)
        self.relu2 = nn.ReLU()
        self.hidden = nn.Linear(primary_channels * 8 * _after_trunk(size) ** 2, classes * digit_dimensions)
        self.relu3 = nn.ReLU()
        self.fc = nn.Linear(classes * digit_dimensions, classes)
        self.sigmoid = nn.Sigmoid()

    def features(self, image: Tensor) -> Tensor:
        """Return the hidden layer, (B, 160): as many numbers as all digit capsules together."""
        x = self.relu1(self.conv1(image))  # B 24 12 12
        x = self.relu2(self.conv2(x))  # B 64 4 4
        return self.relu3(self.hidden(torch.flatten(x, 1)))  # B 160

    def forward(self, image: Tensor) -> Tensor:  # B 1 28 28
        return self.sigmoid(self.fc(self.features(image)))  # B 10


def _after_trunk(size: int) -> int:
    """Return the side of a map after two windows of 5 × 5 with stride 2, without padding."""
    return ((size - 5) // 2 + 1 - 5) // 2 + 1


def build(settings: Settings) -> nn.Module:
    """Build CapsNet with or without decoder and capsule bias, as the settings say."""
    return CapsNet(
        image_size=int_of(settings, "image_size"),
        primary_channels=int_of(settings, "primary_channels"),
        digit_dimensions=int_of(settings, "digit_dimensions"),
        iterations=int_of(settings, "routing_iterations"),
        decoder=bool(settings["decoder"]),
        capsule_bias=bool(settings["capsule_bias"]),
    )


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live, or with body "convolution" its rival without capsules."""
    maps, kinds = int_of(settings, "maps"), int_of(settings, "primary_channels")
    dimensions = int_of(settings, "digit_dimensions")
    if settings.get("body") == "convolution":
        return ConvolutionalRival(input_shape, maps, kinds, dimensions, outputs)
    return SmallCapsNet(input_shape, maps, kinds, dimensions, outputs, bool(settings["decoder"]))
