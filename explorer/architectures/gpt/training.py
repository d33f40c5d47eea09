"""Next-token training on windows of a text, cut out anywhere; losses are told in nats a character."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.gpt.model import build_small
from explorer.data import Dataset, characters
from explorer.data.pieces import Text
from explorer.spec import RunSpec, SpecError, Task
from explorer.training.batches import Batches
from explorer.training.randomness import generator
from explorer.training.reading import Reading
from explorer.training.sequences import SequenceTrainer
from explorer.training.supervised import Build, evaluating
from explorer.training.trainer import Trainer

SCORED = 24_576  # held-out tokens that are scored, in windows spread evenly over the held-out text
AT_ONCE = 8192
SHOWN = 48  # tokens whose attention is looked at


class Windows(Batches):
    """Windows of one long text, each beginning anywhere; all there is to remember is the generator's state."""

    def __init__(self, text: Tensor, context: int, batch_size: int, seed: int) -> None:
        self._text, self._batch_size = text, batch_size
        self._generator = generator(text.device, seed)
        self._offsets = torch.arange(context + 1, device=text.device)

    @property
    def per_epoch(self) -> int:
        """How many batches hold as many tokens as the text."""
        return max(1, len(self._text) // (self._batch_size * (len(self._offsets) - 1)))

    def next(self) -> tuple[Tensor, Tensor]:
        """Return tokens and the ones after each, (B, context)."""
        last = len(self._text) - len(self._offsets) + 1
        starts = torch.randint(last, (self._batch_size, 1), generator=self._generator, device=self._text.device)
        rows = self._text[starts + self._offsets]
        return rows[:, :-1], rows[:, 1:]

    def resize(self, batch_size: int) -> None:
        self._batch_size = batch_size

    def state(self) -> dict[str, Tensor]:
        return {"windows": self._generator.get_state()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self._generator.set_state(state["windows"].cpu())


class GPTTrainer(SequenceTrainer):
    """Trains a GPT on a text. Where tokens are pieces of words, a loss is divided by the characters they stand for."""

    dataset: Text

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        lengths = torch.from_numpy(self.dataset.lengths).to(device)
        self._per_character = float(len(self.train[1].flatten()) / lengths[self.train[1]].sum())  # tokens
        self._characters = lengths
        self._batches = Windows(self.train[0].flatten(), self.dataset.context, self._batch_size(), spec.seed)

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss" in nats a character, and "gradient_norm" before clipping."""
        scalars = super().train_step()
        return {**scalars, "loss": scalars["loss"] * self._per_character}

    def evaluate(self) -> Mapping[str, float]:
        """Score about 24,576 held-out tokens; "test_loss" in nats a character, "test_accuracy" of tokens."""
        inputs, targets = self.scored()
        totals = torch.zeros(3, device=self.device)  # nats, right tokens, characters
        rows = max(1, AT_ONCE // self.dataset.context)
        with evaluating(self.model):
            for x, y in zip(inputs.split(rows), targets.split(rows), strict=True):
                logits = self.model(x)
                nats, right = self.kind.loss(logits, y) * y.numel(), (logits.argmax(-1) == y).sum()
                totals += torch.stack([nats, right, self._characters[y].sum()])
        nats, right, characters = totals.tolist()
        return {"test_loss": nats / characters, "test_accuracy": right / targets.numel()}

    def reading(self, text: str, index: int) -> Reading:
        found = characters.readable(text)
        own = self.dataset.encode(found.text)
        return _reading(self, own if text else None, index, found.remark)

    def scored(self) -> tuple[Tensor, Tensor]:
        """Return the held-out windows that are scored, (N, context), and the token after each of theirs."""
        inputs, targets = self.test
        count = min(len(inputs), max(1, SCORED // self.dataset.context))
        chosen = torch.linspace(0, len(inputs) - 1, count, device=self.device).round().long()
        return inputs[chosen], targets[chosen]


class RepeatTrainer(SequenceTrainer):
    """Trains a GPT on rows of symbols that come again."""

    def reading(self, text: str, index: int) -> Reading:
        places = {symbol: at for at, symbol in enumerate(self.dataset.classes)}
        own = [places[each] for each in text.lower() if each in places]
        left_out = "" if len(own) == len(text) else f"Only {''.join(places)} can be read; the rest was left out."
        return _reading(self, np.array(own, np.int64) if text else None, index, left_out)


def _reading(trainer: SequenceTrainer, own: np.ndarray | None, index: int, remark: str) -> Reading:
    """Return the first tokens of an own text, or of a held-out one, as the network reads them."""
    held_out, names = trainer.test[0], trainer.dataset.classes
    if own is not None and not len(own):
        raise SpecError(remark or "there is nothing to read in this text")
    index = index % len(held_out)
    tokens = held_out[index] if own is None else torch.from_numpy(own).to(trainer.device)
    tokens = tokens[: min(SHOWN, held_out.shape[1])]
    words = tuple("".join(map(characters.shown, names[int(token)])) for token in tokens)
    cut = [f"Only the first {SHOWN} tokens are shown."] if own is not None and len(own) > len(tokens) else []
    return Reading(
        text="".join(names[int(token)] for token in tokens),
        inputs=(tokens[None],),
        words={"": words},
        vocabulary=tuple("".join(map(characters.shown, name)) for name in names),
        answers="",
        notes=(*cut, *([remark] if remark else [])),
        index=index if own is None else -1,
        held_out=len(held_out),
    )


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of a small GPT: on a text, or on rows that are drawn as they are needed."""
    task = catalog.get(spec.architecture).task(spec.task)
    if task.dataset.startswith("pieces."):
        return GPTTrainer(spec, task, build_small, device, upload)
    return RepeatTrainer(spec, task, build_small, device, upload)
