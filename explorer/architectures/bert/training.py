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
from explorer.data.pieces import CLS, SEP, UNKNOWN
from explorer.data.spans import Spans, encode_own, segments
from explorer.spec import RunSpec, SpecError, Task
from explorer.training.batches import Batches
from explorer.training.masking import Hidden, continuing, hide
from explorer.training.randomness import generator
from explorer.training.reading import Reading
from explorer.training.sequences import SequenceTrainer, number_of
from explorer.training.supervised import Build, evaluating
from explorer.training.trainer import Trainer

EVALUATED_SHARE = 0.15  # of the tokens of a held-out row, whatever is hidden in training
AT_ONCE = 128
UNSEEN = "[UNK] stands for signs that the novels do not have."


@dataclass(frozen=True)
class Asked:
    """What the last batch was asked: logits and answers of its hidden words and of its pairs, and the two losses."""

    words: tuple[Tensor, Tensor]
    pair: tuple[Tensor, Tensor]
    loss: Tensor
    pair_loss: Tensor


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
        self._continues = continuing(self.dataset.classes).to(device)
        self.hidden = self._hidden(torch.from_numpy(self.dataset.test_inputs), EVALUATED_SHARE, 0)
        self._asked: Asked | None = None

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss" of the hidden words and "pair_loss" in nats, and "gradient_norm"."""
        scalars = super().train_step()
        assert self._asked is not None
        self._last = self._asked.words
        return {**scalars, "loss": self._asked.loss, "pair_loss": self._asked.pair_loss}

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        hidden = hide(inputs, number_of(self.hypers, "mask_share"), self._continues)
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
        held_out = len(self.test[0])
        row = torch.tensor([own_row(text, self.dataset.tokens)]) if text else self.test[0][index % held_out][None].cpu()
        which = segments_of(row)
        words = tuple(self.dataset.classes[int(token)] for token in row[0])
        return Reading(
            text=" ".join(words),
            inputs=(row.to(self.device), which.to(self.device)),
            words={"": words},
            notes=(UNSEEN,) if UNKNOWN in row else (),
            index=-1 if text else index % held_out,
            held_out=held_out,
            segments=tuple(which[0].tolist()),
            hint="| begins a second text, _ is a blank",
        )

    def hidden_anew(self, index: int, draw: int) -> tuple[Hidden, Tensor]:
        row = self.test[0][index % len(self.test[0])][None]
        hidden = self._hidden(row.cpu(), number_of(self.hypers, "mask_share"), draw)
        with evaluating(self.model):
            words, _ = self.answers(hidden, segments_of(row))
        return hidden, words

    def _hidden(self, rows: Tensor, share: float, draw: int) -> Hidden:
        """Hide words of rows on the CPU, the same ones on every device."""
        kept = hide(rows, share, self._continues.cpu(), generator(torch.device("cpu"), draw))
        return Hidden(kept.tokens.to(self.device), kept.places.to(self.device), kept.words.to(self.device))

    def example_inputs(self) -> tuple[Tensor, ...]:
        return self.hidden.tokens[:1], segments_of(self.test[0][:1])


def own_row(text: str, room: int) -> list[int]:
    """Return a visitor's text as a row, what stands after a | as the second span; raises SpecError for nothing."""
    first, second = (encode_own(part) for part in text.partition("|")[::2])
    if not first and not second:
        raise SpecError("there is nothing in this text that word pieces could be made of")
    first = first[: max(room - len(second), room // 2)]
    second = second[: room - len(first)]
    return [CLS, *first, SEP, *([*second, SEP] if second else [])]


def segments_of(rows: Tensor) -> Tensor:
    """Return which span each token of the rows belongs to, (B, T)."""
    return torch.from_numpy(segments(rows.cpu().numpy())).to(rows.device)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of a small BERT."""
    task = catalog.get(spec.architecture).task(spec.task)
    return BERTTrainer(spec, task, build_small, device, upload)
