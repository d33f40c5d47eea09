"""Words that were hidden: softmax over the vocabulary at each of them, cross-entropy in nats a word."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def outputs(classes: int) -> int:
    """Return one logit for each word of the vocabulary."""
    return classes


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats; logits (B, M, V) at the M hidden places of each row, targets (B, M)."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of hidden words whose logit is the largest."""
    return {"masked": (logits.argmax(-1) == targets).float().mean()}


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax over the vocabulary."""
    return logits.softmax(-1)
