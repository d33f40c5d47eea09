"""Hidden words, as BERT's paper chooses them (sec. 3.1), and what a trainer that asks for them offers to lenses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from explorer.data.pieces import MASK, SPECIAL

MASKED, RANDOM = 0.8, 0.1  # of the chosen words; the rest stays as it is


@dataclass(frozen=True)
class Hidden:
    """Rows with hidden words: `tokens` (B, T) as read, `places` (B, M) of the chosen ones, `words` that stood there."""

    tokens: Tensor
    places: Tensor
    words: Tensor


@runtime_checkable
class Hides(Protocol):
    """A trainer whose network is trained on hidden words; takes part by having the method."""

    def hidden_anew(self, index: int, draw: int) -> tuple[Hidden, Tensor]:
        """Hide words of one held-out row as a training step does, chosen by `draw`; the logits for them, (1, M, V)."""
        ...


def hide(rows: Tensor, share: float, continues: Tensor, chance: torch.Generator | None = None) -> Hidden:
    """Choose a share of each row's tokens, at least one: 80 % become [MASK], 10 % another one, 10 % stay.

    Words of one token come first; pieces of a word, which their neighbours nearly give away, only where a row has no
    whole words left. `continues` (V,) is true for the pieces that go on a word.
    """
    free = rows >= len(SPECIAL)
    count = max(1, round(share * int(free[0].sum())))  # all rows have as many tokens
    drawn = torch.rand(rows.shape, generator=chance, device=rows.device) + whole(rows, continues)
    places = drawn.masked_fill(~free, -1).topk(count, 1).indices  # B M
    words = rows.gather(1, places)
    fate = torch.rand(words.shape, generator=chance, device=rows.device)
    others = torch.randint(len(SPECIAL), len(continues), words.shape, generator=chance, device=rows.device)
    read = torch.where(fate < MASKED, MASK, torch.where(fate < MASKED + RANDOM, others, words))
    return Hidden(rows.scatter(1, places, read), places, words)


def whole(rows: Tensor, continues: Tensor) -> Tensor:
    """Return which tokens of the rows are words of their own, (B, T): no later piece, and none comes after."""
    later = continues[rows]
    followed = torch.cat([later[:, 1:], torch.zeros_like(later[:, :1])], 1)
    return (rows >= len(SPECIAL)) & ~later & ~followed


def continuing(vocabulary: Sequence[str]) -> Tensor:
    """Return which words of the vocabulary go on a word that has begun, (V,) bool."""
    return torch.tensor([word.startswith("##") for word in vocabulary])
