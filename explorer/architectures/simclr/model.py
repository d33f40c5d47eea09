"""SimCLR (Chen, Kornblith, Norouzi & Hinton 2020): encoder f, projection head g, and how alike two views come out."""

from __future__ import annotations

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.moco.model import trunk
from explorer.architectures.moco.small import small_head, small_trunk
from explorer.spec import Settings, int_of

TEMPERATURE = 0.1  # the best of Table 5


class NonlinearHead(nn.Module):
    """g(h) = W₂ ReLU(W₁ h), sec. 2.1. The authors' code normalises both layers, and shifts none after the last."""

    def __init__(self, features: int, dim: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(features, features, bias=False)
        self.norm1 = nn.BatchNorm1d(features)
        self.relu = nn.ReLU()
        self.linear2 = nn.Linear(features, dim, bias=False)
        self.norm2 = _norm_without_shift(dim)

    def forward(self, h: Tensor) -> Tensor:  # B 2048
        x = self.relu(self.norm1(self.linear1(h)))  # B 2048
        return self.norm2(self.linear2(x))  # B 128


class LinearHead(nn.Module):
    """One layer alone, the second best of figure 8."""

    def __init__(self, features: int, dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, dim, bias=False)
        self.norm = _norm_without_shift(dim)

    def forward(self, h: Tensor) -> Tensor:  # B 2048
        return self.norm(self.linear(h))  # B 128


class SimCLR(nn.Module):
    """One view of a picture → z. What is used afterwards is h, the encoder's output; the head is thrown away."""

    def __init__(self, encoder: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        h = self.encoder(image)  # B 2048
        return self.head(h)  # B 128


class Similarity(nn.Module):
    """The cosine between every two of the 2B views, divided by the temperature (eq. 1)."""

    def __init__(self, temperature: float = TEMPERATURE) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, z_i: Tensor, z_j: Tensor) -> Tensor:  # B 128, B 128
        z = torch.cat([z_i, z_j])  # 2B 128
        z = F.normalize(z, dim=1)
        return z @ z.T / self.temperature  # 2B 2B


class TwoViews(nn.Module):
    """Figure 2: two views of a picture through one and the same f and g, to be found alike among all others."""

    def __init__(self, encoder: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head
        self.same_encoder, self.same_head = twin(encoder), twin(head)  # names of their own: both uses are to be seen
        self.similarity = Similarity()

    def forward(self, view_i: Tensor, view_j: Tensor) -> Tensor:  # B 3 224 224 each
        z_i = self.head(self.encoder(view_i))  # B 128
        z_j = self.same_head(self.same_encoder(view_j))  # B 128
        return self.similarity(z_i, z_j)  # 2B 2B


def twin(module: nn.Module) -> nn.Module:
    """Return the module again as another object on the very same parameters and buffers."""
    shared = (*module.parameters(), *module.buffers())
    return copy.deepcopy(module, {id(each): each for each in shared})


def nt_xent(similarities: Tensor) -> Tensor:
    """The normalised temperature-scaled cross-entropy of similarities 2B 2B: each view looks for its partner (eq. 1).

    The B first are one view of each picture, the B last the other; all 2B − 2 views of other pictures are negatives.
    """
    return F.cross_entropy(*candidates(similarities))


def candidates(similarities: Tensor) -> tuple[Tensor, Tensor]:
    """Return the similarities 2B 2B with each view's own ruled out, and the place of each view's partner, 2B."""
    views = len(similarities)
    itself = torch.eye(views, dtype=torch.bool, device=similarities.device)
    partner = torch.arange(views, device=similarities.device).roll(views // 2)
    return similarities.masked_fill(itself, -math.inf), partner


def _norm_without_shift(features: int) -> nn.BatchNorm1d:
    norm = nn.BatchNorm1d(features)
    norm.register_parameter("bias", None)
    return norm


def projection(form: str, features: int, dim: int) -> nn.Module:
    """Build g in one of the three forms of figure 8: "nonlinear", "linear" or "none"."""
    if form == "none":
        return nn.Identity()
    return NonlinearHead(features, dim) if form == "nonlinear" else LinearHead(features, dim)


def build(settings: Settings) -> nn.Module:
    """Build `part` "encoder", f alone, or "full": with g, for as many views as the settings say."""
    encoder = trunk(int_of(settings, "depth"), int_of(settings, "width"))
    if settings["part"] == "encoder":
        return encoder
    g = projection(str(settings["head"]), encoder.features, int_of(settings, "dim"))
    return TwoViews(encoder, g) if settings["views"] == 2 else SimCLR(encoder, g)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> SimCLR:
    """Build the network that trains live: a small encoder f, and g in one of the forms of figure 8."""
    encoder = small_trunk(settings, input_shape)
    return SimCLR(encoder, small_head(settings, encoder.features))


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return a picture, or two views of one."""
    side = int_of(settings, "image_size")
    views = int_of(settings, "views") if settings["part"] == "full" else 1
    return tuple(torch.zeros(1, 3, side, side) for _ in range(views))
