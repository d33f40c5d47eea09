"""What the lenses on networks that fill blanks share: a visitor's text in word pieces, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.data.pieces import CLS, SEP
from explorer.data.spans import SHORTEST, Spans
from explorer.lenses._looking import supervised
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


@dataclass(frozen=True)
class Filler:
    """A network that fills blanks, and the words for its tokens."""

    trainer: SupervisedTrainer
    spans: Spans

    @property
    def room(self) -> int:
        """How many tokens a text may have beside [CLS] and the two [SEP]."""
        return self.trainer.test[0].shape[1] - 3

    def answers(self, first: list[int], second: list[int]) -> tuple[list[int], Tensor, Tensor]:
        """Return the row as read, the word logits after each token (T, V) and the logits of the pair (2,)."""
        row = [CLS, *first, SEP, *second, *([SEP] if second else [])]
        which = [0] * (len(first) + 2) + [1] * (len(row) - len(first) - 2)
        device = self.trainer.device
        with evaluating(self.trainer.model):
            words, pair = self.trainer.model(torch.tensor([row], device=device), torch.tensor([which], device=device))
        return row, words[0], pair[0]


def filler(trainer: Trainer, lens: str) -> Filler:
    """Return the trainer as one whose network fills blanks; raises SpecError for any other."""
    trainer = supervised(trainer, lens)
    if not isinstance(trainer.dataset, Spans):
        raise SpecError(f"the lens '{lens}' needs a network that fills blanks; this one learns {trainer.task.key}")
    return Filler(trainer, trainer.dataset)


def halves(tokens: list[int], room: int) -> tuple[list[int], list[int]]:
    """Return a text as two spans that follow each other, as the network learnt to read; a short one stays whole."""
    tokens = tokens[:room]
    middle = len(tokens) // 2
    return (tokens[:middle], tokens[middle:]) if middle >= SHORTEST else (tokens, [])
