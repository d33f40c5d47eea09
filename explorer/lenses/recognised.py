"""As what a classifier recognises what G makes: an independent one, from which neither net learns."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import playing, shown
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Bars, Numbers, Slider, Tiles, sheet
from explorer.training.trainer import Trainer

COUNT = 200
TILES = 16
UNBROKEN = "\u00a0"  # a space at which no line is broken
SURE, SUREST = 90, 99  # percent from which an answer counts as recognised


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the judge's answers on made pictures; option `sure`: from how many percent on an answer counts."""
    game = playing(trainer, "recognised", "pictures")
    sure = int_option(request, "sure", SURE, 50, SUREST)
    made = game.made(game.latent(COUNT))
    most, answer = game.judged(made).max(1)
    counted = most > sure / 100
    shares = torch.bincount(answer[counted], minlength=len(game.dataset.classes)).float() / COUNT
    classes = game.dataset.classes
    return sheet(
        Tiles(
            "Made, and what it is taken for", shown(made[:TILES]), _labels(answer, most, classes), columns=8, side=68,
        ),
        Bars(
            "Share that is recognised as each class", classes, shares.tolist(), f"{COUNT} pictures", shares=True,
            most=max(0.2, float(shares.max())),
        ),
        Numbers(
            (
                ("recognised", f"{100 * float(counted.float().mean()):.0f} %", f"with {sure} % or more"),
                ("evenly spread", f"{100 / len(classes):.0f} %", "would be each class's share"),
                ("never seen", f"{int((shares == 0).sum())}", f"of {len(classes)} classes"),
            )
        ),
        caption=(
            "A classifier that learnt from real pictures only says what it sees. It can be sure of a poor picture and "
            "even of noise, which it then takes for one class or two. So the score in the curves counts no class "
            "above its fair share."
        ),
        controls=(Slider("sure", "Counts from … percent", sure, 50, SUREST),),
    )  # fmt: skip


def _labels(answer: Tensor, most: Tensor, classes: tuple[str, ...]) -> list[str]:
    pairs = zip(answer[:TILES].tolist(), most[:TILES].tolist(), strict=True)
    return [f"{classes[kind]} · {100 * probability:.0f}{UNBROKEN}%" for kind, probability in pairs]
