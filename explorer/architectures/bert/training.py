"""Pre-training as in sec. 3.1: some words hidden and asked for, and a question about both spans of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import catalog
from explorer.architectures.bert.small import SmallBERT, build_small
from explorer.data import Dataset
from explorer.data.pieces import CLS, MASK, SEP, SPECIAL, word_pieces
from explorer.data.spans import Spans, segments
from explorer.spec import RunSpec, SpecError, Task
from explorer.training.batches import Batches
from explorer.training.randomness import generator
from explorer.training.reading import Reading
from explorer.training.sequences import SequenceTrainer, number_of
from explorer.training.supervised import Build, evaluating
from explorer.training.trainer import Trainer

EVALUATED_SHARE = 0.15  # of the words of a held-out row, whatever is hidden in training
MASKED, RANDOM = 0.8, 0.1  # of the chosen words; the rest stays as it is
AT_ONCE = 128


@dataclass(frozen=True)
class Hidden:
    """Rows with hidden words: `tokens` (B, T) as read, `places` (B, M) of the chosen ones, `words` that stood there."""

    tokens: Tensor
    places: Tensor
    words: Tensor


@dataclass(frozen=True)
class Asked:
    """What the last batch was asked: logits and answers of its hidden words and of its pairs, and the two losses."""

    words: tuple[Tensor, Tensor]
    pair: tuple[Tensor, Tensor]
    loss: Tensor
    pair_loss: Tensor


def hide(rows: Tensor, share: float, vocabulary: int, chance: torch.Generator | None = None) -> Hidden:
    """Choose a share of each row's words, at least one: 80 % become [MASK], 10 % another word, 10 % stay."""
    free = rows >= len(SPECIAL)
    count = max(1, round(share * int(free[0].sum())))  # all rows have as many words
    drawn = torch.rand(rows.shape, generator=chance, device=rows.device).masked_fill(~free, -1)
    places = drawn.topk(count, 1).indices  # B M
    words = rows.gather(1, places)
    fate = torch.rand(words.shape, generator=chance, device=rows.device)
    others = torch.randint(len(SPECIAL), vocabulary, words.shape, generator=chance, device=rows.device)
    read = torch.where(fate < MASKED, MASK, torch.where(fate < MASKED + RANDOM, others, words))
    return Hidden(rows.scatter(1, places, read), places, words)


class Pairs(Batches):
    """Pairs of spans, drawn anew for every batch; all there is to remember is which comes next."""

    def __init__(self, dataset: Spans, batch_size: int, seed: int, device: torch.device) -> None:
        self._dataset, self._batch_size, self._seed, self._device = dataset, batch_size, seed, device
        self._drawn = 0

    @property
    def per_epoch(self) -> int:
        """How many batches hold as many tokens as there are to learn from."""
        tokens = sum(len(stream) for stream in self._dataset.learnt)
        return max(1, tokens // (self._batch_size * self._dataset.input_shape[0]))

    def next(self) -> tuple[Tensor, Tensor]:
        """Return rows (B, T) and their answers (B,)."""
        self._drawn += 1
        random = np.random.default_rng([self._seed, 3, self._drawn])
        rows, yes = self._dataset.rows(self._dataset.learnt, random, self._batch_size)
        return torch.from_numpy(rows).to(self._device), torch.from_numpy(yes).to(self._device)

    def resize(self, batch_size: int) -> None:
        self._batch_size = batch_size

    def state(self) -> dict[str, Tensor]:
        return {"drawn": torch.tensor(self._drawn)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self._drawn = int(state["drawn"])


class BERTTrainer(SequenceTrainer):
    """Trains BERT on hidden words and on the question about the pair, both losses added."""

    model: SmallBERT
    dataset: Spans

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        self._batches = Pairs(self.dataset, self._batch_size(), spec.seed, device)
        chance = generator(torch.device("cpu"), 0)
        vocabulary = len(self.dataset.classes)
        kept = hide(torch.from_numpy(self.dataset.test_inputs), EVALUATED_SHARE, vocabulary, chance)
        self.hidden = Hidden(kept.tokens.to(device), kept.places.to(device), kept.words.to(device))
        self._asked: Asked | None = None

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss" of the hidden words and "pair_loss" in nats, and "gradient_norm"."""
        scalars = super().train_step()
        assert self._asked is not None
        self._last = self._asked.words
        return {**scalars, "loss": self._asked.loss, "pair_loss": self._asked.pair_loss}

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        hidden = hide(inputs, number_of(self.hypers, "mask_share"), len(self.dataset.classes))
        words, pair = self.answers(hidden, segments_of(inputs))
        loss, pair_loss = self.kind.loss(words, hidden.words), F.cross_entropy(pair, targets)
        known = (words.detach(), hidden.words), (pair.detach(), targets)
        self._asked = Asked(*known, loss.detach(), pair_loss.detach())
        return words, loss + number_of(self.hypers, "pair_weight") * pair_loss

    def answers(self, hidden: Hidden, which: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits at the hidden places, (B, M, V), and of the pair, (B, 2)."""
        x, pooled = self.model.read(hidden.tokens, which)
        asked = x.gather(1, hidden.places[..., None].expand(-1, -1, x.shape[2]))  # B M D
        return self.model.masked_words(asked), self.model.next_sentence(pooled)

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return also "pair", the share of the last batch's pairs that were answered rightly."""
        if self._last is None or self._asked is None:
            return {}
        logits, yes = self._asked.pair
        return {**super().batch_scores(), "pair": (logits.argmax(1) == yes).float().mean()}

    def evaluate(self) -> Mapping[str, float]:
        """Score held-out rows with 15 % of their words hidden, always the same ones."""
        rows, yes = self.test
        totals = torch.zeros(4, device=self.device)  # nats, right words, nats of the pairs, right pairs
        with evaluating(self.model):
            for at in torch.arange(len(rows), device=self.device).split(AT_ONCE):
                hidden = Hidden(self.hidden.tokens[at], self.hidden.places[at], self.hidden.words[at])
                words, pair = self.answers(hidden, segments_of(rows[at]))
                right, sure = words.argmax(2) == hidden.words, F.cross_entropy(pair, yes[at], reduction="sum")
                nats = self.kind.loss(words, hidden.words) * hidden.words.numel()
                totals += torch.stack([nats, right.sum(), sure, (pair.argmax(1) == yes[at]).sum()])
        nats, right, sure, pairs = totals.tolist()
        words, count = self.hidden.words.numel(), len(rows)
        return {
            "test_loss": nats / words,
            "test_masked": right / words,
            "test_pair_loss": sure / count,
            "test_pair": pairs / count,
        }

    def reading(self, text: str, index: int) -> Reading:
        if text:
            tokens = [token for token in word_pieces().encode(text).ids if token >= len(SPECIAL)]
            if not tokens:
                raise SpecError("there is nothing in this text that word pieces could be made of")
            row = torch.tensor([[CLS, *tokens[: self.dataset.input_shape[0] - 2], SEP]], device=self.device)
        else:
            row = self.test[0][index % len(self.test[0])][None]
        names = self.dataset.classes
        words = tuple(names[int(token)] for token in row[0])
        held_out = -1 if text else index % len(self.test[0])
        return Reading(
            " ".join(words), (row, segments_of(row)), {"": words}, index=held_out, held_out=len(self.test[0])
        )

    def example_inputs(self) -> tuple[Tensor, ...]:
        return self.hidden.tokens[:1], segments_of(self.test[0][:1])


def segments_of(rows: Tensor) -> Tensor:
    """Return which span each token of the rows belongs to, (B, T)."""
    return torch.from_numpy(segments(rows.cpu().numpy())).to(rows.device)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of a small BERT."""
    task = catalog.get(spec.architecture).task(spec.task)
    return BERTTrainer(spec, task, build_small, device, upload)
