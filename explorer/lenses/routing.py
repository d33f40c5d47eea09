"""Routing by agreement, turn by turn: what share of their say the capsules below give to each capsule above."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._capsules import asked, capsules_of, class_choice, class_option, shown
from explorer.lenses._looking import int_option, signed_bytes
from explorer.lenses._sheet import Colours, Line, Lines, Numbers, Slider, Tiles, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

MOST_TURNS = 6


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at `turns` turns for an own picture or held-out `index`, and at each capsule's coupling to class `to`.

    Raises SpecError for a network without capsules.
    """
    trainer, network = capsules_of(trainer, "routing")
    x, _, controls = asked(trainer, request)
    classes = trainer.dataset.classes
    many = int_option(request, "turns", network.digit_caps.iterations, 1, MOST_TURNS)
    with evaluating(trainer.model):
        u = network.primary(x)  # 1 I d
        turns = network.digit_caps.turns(u, many)
        ratios = torch.stack([c[0] for c, _ in turns]) * len(classes)  # turns J I: 1 is an even share
        lengths = torch.stack([v[0].norm(dim=1) for _, v in turns])  # turns J
    to = class_option(request, "to", lengths[-1])
    heard = _weighted(ratios, u[0].norm(dim=1))  # turns J
    at = np.arange(1, many + 1)
    return sheet(
        Tiles("The picture", shown(trainer, x), side=112),
        Lines(
            "Share of the say, against an even one", _lines(classes, heard), at, "turn",
            "1 is an even share; capsules below count by their length",
            low=min(0.9, float(heard.min())), high=max(1.1, float(heard.max())), height=240,
        ),
        Lines("Length of each capsule above", _lines(classes, lengths), at, "turn", low=0.0, high=1.0, height=240),
        _maps(f"Who speaks to {classes[to]}", ratios[:, to] - 1, network.primary_shape),
        Numbers(
            (
                ("even share", f"{1 / len(classes):.3f}", "at the first turn, for every pair"),
                ("strongest coupling", f"{float(ratios[-1].max()) / len(classes):.3f}", f"at turn {many}"),
                (f"mean to {classes[to]}", f"{float(heard[-1, to]):.2f} ×", "against an even share"),
            )
        ),
        caption=(
            "Whoever predicted the outcome is heard more next turn. All begin even; blue cells then give this "
            "digit more than an even share, amber ones less. Nothing of this is learnt: each picture is routed anew."
        ),
        controls=(
            Slider("turns", "Turns", many, 1, MOST_TURNS),
            class_choice(request, "to", "Couplings to", classes),
            *controls,
        ),
    )  # fmt: skip


def _weighted(ratios: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean over the capsules below, each counted by its length, (turns, J)."""
    return (ratios * lengths).sum(2) / lengths.sum().clamp_min(1e-12)


def _lines(names: tuple[str, ...], values: Tensor) -> list[Line]:
    return [Line(name, each) for name, each in zip(names, values.T.cpu().numpy(), strict=True)]


def _maps(title: str, beyond: Tensor, shape: tuple[int, int, int]) -> Tiles:
    """Return a row of maps for each turn: one for each kind of capsule below, a cell for each place."""
    kinds, rows, columns = shape
    scale = max(float(beyond.abs().max()), 0.05)  # a hair's breadth beyond even is not to glare
    maps = signed_bytes(beyond.reshape(-1, rows, columns), scale)
    labels = [f"turn {turn + 1}" if kind == 0 else "" for turn in range(len(beyond)) for kind in range(kinds)]
    note = (
        f"one row a turn, a tile for each of {kinds} kinds on {rows} × {columns} places; deepest colour ±{scale:.2f} ×"
    )
    return Tiles(title, maps, labels, note, Colours.SIGNED, 40, columns=kinds)
