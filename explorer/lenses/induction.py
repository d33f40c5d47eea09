"""Induction: random tokens, then the same again. Which heads look at what followed last time, and does it help?

For networks that foretell the next token of a row (B, T) and attend in the stages of `explorer.training.attention`.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.data import characters
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, supervised
from explorer.lenses._sheet import Bars, Line, Lines, Slider, Words, sheet
from explorer.spec import SpecError
from explorer.training.attention import Seen, attentions, recording
from explorer.training.randomness import generator
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

ROWS = 8  # random rows that are averaged


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at rows drawn from the seed `draw`; the first of them is shown."""
    trainer = supervised(trainer, "induction")
    if not attentions(trainer.model) or len(trainer.dataset.input_shape) != 1:
        raise SpecError(f"the lens 'induction' needs attention that foretells tokens; {trainer.task.key} has none")
    draw = int_option(request, "draw", 1, 1, 20)
    rows, half = _rows(trainer, draw)
    with recording(trainer.model) as seen, evaluating(trainer.model):
        logits = trainer.model(rows)
    costs = F.cross_entropy(logits[:, :-1].flatten(0, 1), rows[:, 1:].flatten(), reduction="none").view(ROWS, -1)
    names = _heads(seen)
    again = torch.arange(half, rows.shape[1] - 1, device=rows.device)  # places in the repetition whose next is known
    guess = math.log(len(trainer.dataset.classes))
    first, second = costs[:, : half - 1].mean(), costs[:, half:].mean()
    return sheet(
        Lines(
            "What each token costs", (Line("mean of eight rows", costs.mean(0).cpu().numpy()),),
            x=np.arange(1, rows.shape[1]), x_title=f"place; from {half} on all comes again", low=0.0,
            levels=(("guessing", guess),), note="nats", width=520,
        ),
        Bars(
            "Looks at what followed last time", names, _looking(seen, again, again - half + 1), shares=True, most=1.0,
            note="attention to that one token",
        ),
        Bars(
            "Looks one back", names, _looking(seen, again, again - 1), shares=True, most=1.0,
            note="attention to the token before",
        ),
        _shown(trainer, rows[0], costs[0]),
        caption=(
            f"Random tokens, then the same again: first {float(first):.2f} nats each, then {float(second):.2f}. "
            "Nothing but looking back can help. It takes two heads, one above the other: the lower one tells each "
            "token what stood before it, the upper one finds the place where the same stood before, and copies."
        ),
        controls=(Slider("draw", "Another row", draw, 1, 20),),
    )  # fmt: skip


def _rows(trainer: SupervisedTrainer, seed: int) -> tuple[Tensor, int]:
    """Return rows (ROWS, T) of random tokens followed by the same, and how many there are of each."""
    half = trainer.dataset.input_shape[0] // 2
    chance = generator(torch.device("cpu"), seed)
    tokens = torch.randint(len(trainer.dataset.classes), (ROWS, half), generator=chance)
    return torch.cat([tokens, tokens], 1).to(trainer.device), half


def _heads(seen: list[Seen]) -> list[str]:
    return [f"block {at}, head {head + 1}" for at, one in enumerate(seen, 1) for head in range(one.weights.shape[1])]


def _looking(seen: list[Seen], places: Tensor, targets: Tensor) -> list[float]:
    """Return for each head of each layer how much the places look at their targets, on average."""
    return [share for one in seen for share in one.weights[:, :, places, targets].mean((0, 2)).tolist()]


def _shown(trainer: SupervisedTrainer, row: Tensor, costs: Tensor) -> Words:
    pieces = ["".join(characters.shown(each) for each in trainer.dataset.classes[int(token)]) + " " for token in row]
    found = [0.0, *(-costs).exp().tolist()]
    tips = ["the first", *(f"given {share:.0%}" for share in found[1:])]
    return Words("One row", pieces, found, tips, "the stronger the colour, the better foreseen", code=True)
