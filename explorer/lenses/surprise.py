"""How surprising each token of a text is for the network: its text, tinted by what each token costs."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._sheet import Numbers, Words, sheet
from explorer.lenses._writing import own_text, writer
from explorer.training.trainer import Trainer

LOUD = 6.0  # nats at which a tint is full
USUAL = (
    "It is a truth universally acknowledged, that a single man in possession of a good computer, must be in want of "
    "a network. Mr. Bennet was of the same opinion; his daughters wondered wherefore."
)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the option `text`."""
    writes = writer(trainer, "surprise")
    own = own_text(writes, request, USUAL)
    tokens = own.tokens
    logits = writes.all_logits(tokens)[:-1]
    following = torch.tensor(tokens[1:], dtype=torch.long, device=logits.device)
    costs = F.cross_entropy(logits, following, reduction="none").tolist()
    guesses = [writes.name(int(at)) for at in logits.argmax(1)] if costs else []
    said = [f"{cost:.2f} nats; expected {guess}" for cost, guess in zip(costs, guesses, strict=True)]
    tips = ["the first: nothing came before", *said]
    characters = sum(len(writes.text.classes[token]) for token in tokens[1:])
    each = f"{sum(costs) / characters:.2f}" if characters else "–"
    right = sum(writes.name(token) == guess for token, guess in zip(tokens[1:], guesses, strict=True))
    return sheet(
        Words(
            "Your text", [writes.text.classes[token] for token in tokens],
            [0.0, *(min(1.0, cost / LOUD) for cost in costs)], tips,
            "the stronger the colour, the less foreseen", code=True,
        ),
        Numbers((
            ("nats a character", each, "the mean cost: what training brings down"),
            ("foreseen", f"{right} of {len(costs)}", "tokens that were its first guess"),
        )),
        caption=own.caption(
            "Surprise is the loss, token by token. It falls within a word, as fewer words are left that go on like "
            "this, and rises where the next one begins."
        ),
        controls=(own.field,),
    )  # fmt: skip
