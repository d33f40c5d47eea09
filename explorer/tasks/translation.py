"""The next word of a translation, at each of its places at once: softmax over the vocabulary, cross-entropy.

Targets are whole rows (B, T + 1) from the start token on; logits (B, T, V) answer after each of the first T tokens.
Padding (0) counts nowhere; a word that is not in the vocabulary (1) counts in the loss, but never as answered rightly
nor wrongly.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

PAD, UNKNOWN = 0, 1


def outputs(classes: int) -> int:
    """Return one logit for each token of the vocabulary."""
    return classes


def loss(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of a token in nats; `smoothing` 0 … 1 is spread evenly over the vocabulary."""
    return F.cross_entropy(
        logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=PAD, label_smoothing=smoothing
    )  # fmt: skip


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of known words that have the largest logit."""
    wanted = targets[:, 1:]
    known = wanted > UNKNOWN
    right = (logits.argmax(2) == wanted) & known
    return {"accuracy": right.sum() / known.sum().clamp(min=1)}


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax over the vocabulary."""
    return logits.softmax(-1)
