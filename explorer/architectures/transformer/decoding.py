"""From logits to a sentence: the likeliest word each time, or the best few beginnings side by side (sec. 6.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.architectures.transformer.model import Transformer
from explorer.data.tokens import END, PAD, START

PENALTY = 0.6  # α of the length penalty, as in the paper


@dataclass(frozen=True)
class Beginning:
    """Tokens said so far after START, and the logarithm of the probability of each."""

    tokens: tuple[int, ...] = ()
    logs: tuple[float, ...] = ()

    @property
    def over(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] == END

    @property
    def score(self) -> float:
        """Return log-probability over ((5 + length) / 6)^α, so that long sentences are not at a loss."""
        return sum(self.logs) / ((5 + len(self.tokens)) / 6) ** PENALTY


def greedy(model: Transformer, sources: Tensor, most: int) -> Tensor:
    """Return the likeliest next word again and again: (N, at most `most`) from START on, PAD after END."""
    padding = sources == PAD
    said = torch.full((len(sources), 1), START, dtype=torch.long, device=sources.device)
    over = torch.zeros(len(sources), dtype=torch.bool, device=sources.device)
    for _ in range(most - 1):
        word = model(sources, said, padding)[:, -1].argmax(1)
        said = torch.cat([said, word.masked_fill(over, PAD)[:, None]], 1)
        over |= word == END
        if bool(over.all()):
            break
    return said


def beam(model: Transformer, source: Tensor, width: int, most: int) -> list[Beginning]:
    """Return the `width` best translations of one source (1, S) that were found, the best first; width 1 is greedy."""
    open_, done = [Beginning()], []
    for _ in range(most - 1):
        said = torch.tensor([[START, *each.tokens] for each in open_], device=source.device)
        logs = model(source.expand(len(open_), -1), said)[:, -1].log_softmax(1)  # beginnings V
        values, words = logs.topk(width, 1)
        found = [
            Beginning((*each.tokens, int(word)), (*each.logs, float(log)))
            for each, of, at in zip(open_, values.tolist(), words.tolist(), strict=True)
            for log, word in zip(of, at, strict=True)
        ]
        found = sorted(found, key=lambda each: -sum(each.logs))[:width]
        done += [each for each in found if each.over]
        open_ = [each for each in found if not each.over]
        if not open_ or len(done) >= width:
            break
    return sorted(done or open_, key=lambda each: -each.score)[:width]


def shares(beginning: Beginning) -> tuple[float, ...]:
    """Return the probability of each word."""
    return tuple(math.exp(log) for log in beginning.logs)
