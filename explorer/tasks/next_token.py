"""The next of K tokens at every step of a sequence: K logits a step, softmax, cross-entropy in nats a token."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

NOT_ASKED = -100  # target of a step at which any answer will do


def outputs(classes: int) -> int:
    """Return one logit for each token."""
    return classes


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats over the steps that are asked; logits (B, T, K), targets (B, T) int64."""
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), ignore_index=NOT_ASKED)


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of the steps that are asked whose largest logit is the right one."""
    asked = targets != NOT_ASKED
    right = (logits.argmax(-1) == targets) & asked
    return {"accuracy": right.sum() / asked.sum()}


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax over the last axis."""
    return logits.softmax(-1)
