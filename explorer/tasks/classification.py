"""One of K classes: K logits, softmax, cross-entropy."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def outputs(classes: int) -> int:
    """Return one logit for each class."""
    return classes


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats; logits (B, K), targets (B,) int64."""
    return F.cross_entropy(logits, targets)


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of the batch whose largest logit is the right one."""
    return {"accuracy": (logits.argmax(1) == targets).float().mean()}


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax, (B, K)."""
    return logits.softmax(1)
