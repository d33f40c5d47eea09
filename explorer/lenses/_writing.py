"""What the lenses on networks that write share: a visitor's text as tokens, what comes next, and writing on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.data import characters
from explorer.data.pieces import Text
from explorer.engine.messages import LensRequest
from explorer.lenses._looking import supervised
from explorer.lenses._sheet import TextField, text_option
from explorer.spec import SpecError
from explorer.training.randomness import generator
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

USUAL = '"I am sorry," said Anne, "but the letter was not for me; it was for my sister, and she '
MOST = 400  # characters of a visitor's text


@dataclass(frozen=True)
class Manner:
    """How the next token is drawn: from the `top_k` likeliest, and of these only as many as hold `top_p`."""

    temperature: float = 0.8
    top_k: int = 0  # 0: all
    top_p: float = 1.0

    def shares(self, logits: Tensor) -> Tensor:
        """Return the probabilities that are drawn from, (V,); what was cut off has none."""
        shares, order = (logits / max(self.temperature, 1e-3)).softmax(0).sort(descending=True, stable=True)
        if self.top_k:
            shares[self.top_k :] = 0
        before = shares.cumsum(0) - shares  # what the likelier ones hold: the first always stays
        shares[before >= self.top_p * shares.sum()] = 0
        return torch.zeros_like(shares).index_copy(0, order, shares / shares.sum())


@dataclass(frozen=True)
class Writer:
    """A network that foretells the next token of a text, and the words for its tokens."""

    trainer: SupervisedTrainer
    text: Text

    def logits(self, tokens: Sequence[int]) -> Tensor:
        """Return the logits after each of the last `context` tokens, (T, V); raises for none."""
        row = torch.tensor([tokens[-self.text.context :]], device=self.trainer.device)
        with evaluating(self.trainer.model):
            return self.trainer.model(row)[0]

    def all_logits(self, tokens: Sequence[int]) -> Tensor:
        """Return the logits after every token of a text of any length, (T, V), each with half a context before it."""
        half, count = max(1, self.text.context // 2), len(tokens)
        found = [self.logits(tokens[: self.text.context])]
        for begin in range(self.text.context, count, half):
            end = min(begin + half, count)
            found.append(self.logits(tokens[:end])[begin - end :])
        return torch.cat(found)

    def written(self, tokens: Sequence[int], count: int, manner: Manner, seed: int) -> list[tuple[int, float]]:
        """Return `count` tokens that the network writes after the given ones, each with the share it was drawn at."""
        chance, found = generator(torch.device("cpu"), seed), list[tuple[int, float]]()
        so_far = list(tokens)
        with evaluating(self.trainer.model):  # once, and not for each token
            for _ in range(count):
                shares = manner.shares(self.logits(so_far)[-1].cpu())
                token = int(torch.multinomial(shares, 1, generator=chance))
                found.append((token, float(shares[token])))
                so_far.append(token)
        return found

    def encode(self, text: str) -> list[int]:
        """Return a text in the novels' characters as tokens; of an empty one a line break, so that it can begin."""
        return self.text.encode(text or "\n").tolist()

    def name(self, token: int) -> str:
        """Return a token as it is written where it stands alone."""
        return "".join(characters.shown(each) for each in self.text.classes[token])


@dataclass(frozen=True)
class OwnText:
    """A visitor's text as the network reads it."""

    tokens: list[int]
    field: TextField
    remark: str  # what could not be read

    def caption(self, words: str) -> str:
        return f"{words} {self.remark}" if self.remark else words


def writer(trainer: Trainer, lens: str) -> Writer:
    """Return the trainer as one whose network writes; raises SpecError for one that reads no text."""
    trainer = supervised(trainer, lens)
    if not isinstance(trainer.dataset, Text):
        raise SpecError(f"the lens '{lens}' needs a network that reads text; this one learns {trainer.task.key}")
    return Writer(trainer, trainer.dataset)


def own_text(writes: Writer, request: LensRequest, usual: str = USUAL, most: int = MOST) -> OwnText:
    """Return the option `text`, brought into the novels' characters; what they do not have is named."""
    typed = text_option(request.options, "text", usual, most)
    found = characters.readable(typed)
    remark = found.remark
    if not found.text:
        remark = f"{remark}. Nothing is left, so" if remark else "There is nothing to read, so"
        remark += " the network begins after a line break."
    return OwnText(writes.encode(found.text), TextField("text", "Your own text", typed, most, 3), remark)
