"""What the lenses on recurrent networks share: a visitor's text or a held-out sequence, and the states it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from explorer.data import characters
from explorer.engine.messages import LensRequest
from explorer.lenses._looking import int_option, supervised
from explorer.lenses._sheet import Control, Slider, TextField, text_option
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

State = tuple[Tensor, ...]  # (B, hidden) each; the first is the hidden state
USUAL = '"I am sorry," said Anne, "but the letter was not for me;\nit was for my sister, and she had read it at once."'
KINDS = ("vowel", "consonant", "space", "mark or digit")


class Stepwise(Protocol):
    """A network whose states can be followed step by step."""

    def read(self, sequence: Tensor) -> Tensor: ...

    def start(self, batch: int) -> State: ...

    def step(self, x: Tensor, state: State) -> State: ...

    def output(self, hidden: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Reading:
    """One sequence (1, T) or (1, T, inputs), what is read at each step, and how another one is asked for."""

    inputs: Tensor
    labels: tuple[str, ...]
    controls: tuple[Control, ...]
    tokens: bool  # whether the labels are tokens; else they are numbers of steps
    remark: str = ""  # what could not be read of a visitor's text

    @property
    def steps(self) -> int:
        return len(self.labels)


def stepwise(trainer: Trainer, lens: str) -> tuple[SupervisedTrainer, Stepwise]:
    """Return the trainer and its network; raises SpecError for one that does not go step by step."""
    trainer = supervised(trainer, lens)
    if not all(hasattr(trainer.model, name) for name in ("read", "start", "step", "output")):
        raise SpecError(f"the lens '{lens}' follows states from step to step; {trainer.spec.architecture} has none")
    return trainer, cast("Stepwise", trainer.model)


def reads_text(trainer: SupervisedTrainer) -> bool:
    """Whether the network reads characters of the novels, so that it can read a visitor's as well."""
    return trainer.dataset.classes == tuple(characters.CHARACTERS)


def reading(trainer: SupervisedTrainer, request: LensRequest, most: int = 200) -> Reading:
    """Return the sequence that the request names: option `text` where text is read, else the held-out one `index`."""
    if reads_text(trainer):
        return _own_text(trainer, request, most)
    inputs = trainer.test[0]
    index = int_option(request, "index", 0, 0, 10**9) % len(inputs)
    one, tokens = inputs[index : index + 1], inputs.dim() == 2
    names = trainer.dataset.classes
    labels = [names[int(token)] for token in one[0]] if tokens else [str(t) for t in range(one.shape[1])]
    control = Slider("index", "Held-out sequence", index, 0, len(inputs) - 1)
    return Reading(one, tuple(labels), (control,), tokens)


def _own_text(trainer: SupervisedTrainer, request: LensRequest, most: int) -> Reading:
    typed = text_option(request.options, "text", USUAL, most)
    found = characters.readable(typed)
    remark = found.remark
    if not found.text:
        remark = f"{remark}. Nothing is left to read, so" if remark else "There is nothing to read yet, so"
        remark += " the network reads a single line break."
    text = found.text or "\n"
    inputs = torch.from_numpy(characters.encode(text)).to(trainer.device)[None]
    field = TextField("text", "Your own text", typed, most, 3)
    return Reading(inputs, tuple(characters.shown(each) for each in text), (field,), True, remark)


def followed(trainer: SupervisedTrainer, network: Stepwise, inputs: Tensor) -> list[State]:
    """Return the state after each step of the sequences (B, T, …), read from rest."""
    with evaluating(trainer.model):
        state, found = network.start(len(inputs)), []
        for x in network.read(inputs).unbind(1):
            state = network.step(x, state)
            found.append(state)
    return found


def kinds_of(labels: Sequence[str]) -> list[int]:
    """Return which of KINDS each character is."""
    return [_kind(each) for each in labels]


def _kind(label: str) -> int:
    if label in ("␣", "↵"):
        return 2
    if not label.isalpha():
        return 3
    return 0 if label.lower() in "aeiou" else 1


def cell_side(steps: int, room: int = 860) -> int:
    """Return the side of a cell, in pixels, at which so many columns fit."""
    return max(4, min(14, room // max(1, steps)))


def with_remark(caption: str, read: Reading) -> str:
    """Return the caption with what had to be left out of a visitor's text."""
    return f"{caption} {read.remark}" if read.remark else caption
