"""D's answers as a histogram: on real examples, and on what G makes now."""

from __future__ import annotations

import numpy as np
import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import generator_of, playing, shown, verdicts_on
from explorer.lenses._sheet import Line, Lines, Numbers, Part, Tiles, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

COUNT = 400
BINS = 20
ENDS = 8  # pictures at each end


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at D's probabilities, 0: made, 1: real; both nets as they are now, without the average."""
    game = playing(trainer, "verdicts")
    net = generator_of(game)
    with evaluating(net):
        made = net(game.latent(COUNT, 3))
    real = game.real[torch.arange(COUNT, device=game.device) * (len(game.real) // COUNT) % len(game.real)]
    of_real, of_made = verdicts_on(game, real), verdicts_on(game, made)
    parts: list[Part] = [
        Lines(
            "What D answers", [Line("real", _histogram(of_real)), Line("made", _histogram(of_made), dashed=True)],
            x=(np.arange(BINS) + 0.5) / BINS, x_title="D's probability that it is real", note="share of each", low=0,
        ),
        Numbers(
            (
                ("D(x)", f"{float(of_real.mean()):.2f}", "mean over real ones"),
                ("D(G(z))", f"{float(of_made.mean()):.2f}", "mean over those made"),
                ("right", f"{50 * float((of_real > 0.5).float().mean() + (of_made <= 0.5).float().mean()):.0f} %",
                 "of its answers; 50 % is guessing"),
            )
        ),
    ]  # fmt: skip
    if game.pictures:
        order = of_made.argsort()
        parts.append(Tiles("Made, and seen through", shown(made[order[:ENDS]]), _labels(of_made[order[:ENDS]])))
        best = order[-ENDS:].flip(0)
        parts.append(Tiles("Made, and believed", shown(made[best]), _labels(of_made[best])))
    return sheet(
        *parts,
        caption=(
            "Two hills apart: D tells them from each other. One hill over the other: it can only guess, which is what "
            "G is after."
        ),
    )


def _histogram(probabilities: torch.Tensor) -> np.ndarray:
    return torch.histc(probabilities.float().cpu(), BINS, 0, 1).numpy() / len(probabilities)


def _labels(probabilities: torch.Tensor) -> list[str]:
    return [f"{each:.2f}" for each in probabilities.tolist()]
