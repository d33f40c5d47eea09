"""Find the partner: of many candidates, one is another view of the same picture. No class takes part."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def outputs(classes: int) -> int:
    """Return 0: how many numbers a view becomes is a knob, and classes do not matter here."""
    return 0


def loss(logits: Tensor, partner: Tensor) -> Tensor:
    """Return the cross-entropy in nats of the partners (B,) among similarities over temperature (B, candidates)."""
    return F.cross_entropy(logits, partner)


def score(logits: Tensor, partner: Tensor) -> dict[str, Tensor]:
    """Return "found", the share of views whose partner is the most alike of all candidates."""
    return {"found": (logits.argmax(1) == partner).float().mean()}


def probabilities(logits: Tensor) -> Tensor:
    """Return each candidate's share, (B, candidates)."""
    return logits.softmax(1)
