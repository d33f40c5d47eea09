"""Is G copying? Each picture that it makes beside the training picture nearest to it."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import Playing, playing, shown
from explorer.lenses._sheet import Numbers, Tiles, sheet
from explorer.training.trainer import Trainer

PAIRS = 12
MEASURED = 100  # of each, for the distances

_between_real: WeakKeyDictionary[Trainer, float] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at made pictures and their nearest training pictures; distances are Euclidean, pixels from −1 to 1."""
    game = playing(trainer, "nearest", "pictures")
    made = game.made(game.latent(MEASURED))
    distance, place = nearest(made, game.real)
    if trainer not in _between_real:
        _between_real[trainer] = _own(game)
    return sheet(
        Tiles("Made", shown(made[:PAIRS]), note="above", columns=PAIRS, side=52),
        Tiles(
            "The nearest real picture", shown(game.real[place[:PAIRS]]),
            [f"{each:.1f}" for each in distance[:PAIRS].tolist()], "and how far away it is", columns=PAIRS, side=52,
        ),
        Numbers(
            (
                ("made to nearest real", f"{float(distance.mean()):.1f}", f"mean of {MEASURED}"),
                ("real to nearest other real", f"{_between_real[trainer]:.1f}", f"mean of {MEASURED}"),
                ("made to each other", f"{apart(made):.1f}", "mean; near 0: all the same"),
                ("real to each other", f"{apart(game.real[:MEASURED]):.1f}", "mean"),
            )
        ),
        caption=(
            "A copy would have distance 0. A made picture as far from its nearest real one as real ones are from each "
            "other is new."
        ),
    )  # fmt: skip


def nearest(examples: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distance to the nearest of `among` and its place, both (N,)."""
    return torch.cdist(examples.flatten(1), among.flatten(1)).min(1)


def apart(examples: Tensor) -> float:
    """Return the mean distance between two different ones."""
    flat = examples.flatten(1)
    return float(torch.cdist(flat, flat).sum()) / (len(flat) * (len(flat) - 1))


def _own(game: Playing) -> float:
    """Return the mean distance of a real picture to the nearest other one."""
    distances = torch.cdist(game.real[:MEASURED].flatten(1), game.real.flatten(1))
    distances.fill_diagonal_(torch.inf)  # the first MEASURED of all are the rows
    return float(distances.min(1).values.mean())
