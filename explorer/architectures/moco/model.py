"""Momentum contrast: v1 (He, Fan, Wu, Xie & Girshick 2019) and v2 (Chen, Fan, Girshick & He 2020)."""

from __future__ import annotations

import copy
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.resnet.model import Design, Trunk
from explorer.spec import Settings, int_of

# Blocks of conv2 to conv5 for each depth (ResNet, Table 1), and whether they are bottlenecks
DEPTHS = {
    18: ((2, 2, 2, 2), False), 34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True), 101: ((3, 4, 23, 3), True), 152: ((3, 8, 36, 3), True),
}  # fmt: skip
TEMPERATURES = {"v1": 0.07, "v2": 0.2}  # v1: sec. 3.3; v2: the best beside its two-layer head


class Encoder(nn.Module):
    """A trunk and a head; what they make of a picture is scaled to length 1 (sec. 3.3)."""

    def __init__(self, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = head

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x = self.trunk(image)  # B 2048
        x = self.head(x)  # B 128
        return F.normalize(x, dim=1)


class Queue(nn.Module):
    """The dictionary: the keys of past batches, oldest first. They are state, not parameters (sec. 3.2)."""

    keys: Tensor

    def __init__(self, length: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("keys", F.normalize(torch.randn(length, dim), dim=1))  # K D: noise until keys come

    def forward(self) -> Tensor:
        return self.keys[None]  # 1 K D: the same for all queries of a batch

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:  # B D
        """Take in a batch of keys; as many of the oldest leave."""
        self.keys.copy_(torch.cat([self.keys, keys])[len(keys) :])


class PositiveLogit(nn.Module):
    """How alike a query and the key of the same picture are."""

    def forward(self, q: Tensor, k: Tensor) -> Tensor:  # B D, B D
        return torch.einsum("bd,bd->b", q, k)[:, None]  # B 1


class NegativeLogits(nn.Module):
    """How alike a query and each key of other pictures are."""

    def forward(self, q: Tensor, keys: Tensor) -> Tensor:  # B D, 1 K D
        return q @ keys[0].T  # B K


class Divide(nn.Module):
    """Logits over the temperature τ: the smaller τ, the more the nearest keys count."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.by = temperature

    def forward(self, logits: Tensor) -> Tensor:  # B 1+K
        return logits / self.by


class MoCo(nn.Module):
    """Algorithm 1: a query looks for its own key among those of the queue; of its logits B 1+K the first is right."""

    def __init__(self, encoder: Encoder, copied: Encoder, queue: Queue, temperature: float) -> None:
        super().__init__()
        self.query_encoder = encoder
        self.key_encoder = copied.requires_grad_(False)  # starts as a copy, follows by momentum
        self.queue = queue
        self.positive = PositiveLogit()
        self.negatives = NegativeLogits()
        self.temperature = Divide(temperature)

    def forward(self, query_view: Tensor, key_view: Tensor) -> Tensor:  # B 3 224 224 each: two views of one picture
        q = self.query_encoder(query_view)  # B 128
        k = self.key_encoder(key_view)  # B 128
        return self.compare(q, k)

    def compare(self, q: Tensor, k: Tensor) -> Tensor:  # B 128 each
        """Return the logits of each query's own key and of those in the queue, B 1+65536."""
        logits = torch.cat([self.positive(q, k), self.negatives(q, self.queue())], dim=1)  # B 1+65536
        return self.temperature(logits)


def contrastive_loss(logits: Tensor) -> Tensor:
    """InfoNCE (eq. 1): cross-entropy, with the positive, the first of the logits B 1+K, as the right class."""
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long, device=logits.device))


@torch.no_grad()
def momentum_update(key_encoder: nn.Module, query_encoder: nn.Module, momentum: float) -> None:
    """θ_k ← m θ_k + (1 − m) θ_q, for every parameter (eq. 2); at m = 0 the key encoder is a copy."""
    for theta_k, theta_q in zip(key_encoder.parameters(), query_encoder.parameters(), strict=True):
        theta_k.lerp_(theta_q, 1 - momentum)


def trunk(depth: int, width: int) -> Trunk:
    """Build a ResNet without its last layer, each layer `width` times as wide; `depth` is one of DEPTHS."""
    blocks, bottleneck = DEPTHS[depth]
    return Trunk(blocks, 64 * width, Design(bottleneck))


def head(version: str, features: int, dim: int) -> nn.Module:
    """Build what maps features to keys: one linear layer in v1, two with a rectifier in v2."""
    if version == "v1":
        return nn.Linear(features, dim)
    layers = (nn.Linear(features, features), nn.ReLU(), nn.Linear(features, dim))
    return nn.Sequential(OrderedDict(zip(("linear1", "relu", "linear2"), layers, strict=True)))


def build(settings: Settings) -> MoCo:
    """Build both encoders and the queue of the version that the settings name."""
    version, dim = str(settings["version"]), int_of(settings, "dim")
    resnet = trunk(int_of(settings, "depth"), int_of(settings, "width"))
    encoder = Encoder(resnet, head(version, resnet.features, dim))
    queue = Queue(int_of(settings, "queue_length"), dim)
    return MoCo(encoder, copy.deepcopy(encoder), queue, TEMPERATURES[version])


def example(settings: Settings) -> tuple[Tensor, Tensor]:
    """Return two views of one picture."""
    side = int_of(settings, "image_size")
    return torch.zeros(1, 3, side, side), torch.zeros(1, 3, side, side)
