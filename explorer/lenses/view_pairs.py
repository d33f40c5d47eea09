"""Two views of each of some pictures, as training makes them, and whom a view takes for its partner."""

from __future__ import annotations

import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import contrasting, examples, signed
from explorer.lenses._looking import int_option, pictures, range_of
from explorer.lenses._sheet import Bars, Slider, Tiles, sheet
from explorer.training.trainer import Trainer

PICTURES = 12


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at two views of held-out pictures, an own one first; `draw` throws again, `chosen` is the pair in focus."""
    trainer = contrasting(trainer, "view_pairs")
    inputs, names = examples(trainer, request, PICTURES)
    draw, chosen = int_option(request, "draw", 1, 1, 100), int_option(request, "chosen", 0, 0, len(inputs) - 1)
    first, second, one, other = trainer.compared(inputs, draw)
    alike = one @ other.T  # N N
    shares = (alike[chosen] / trainer.temperature).softmax(0)
    found = (alike.argmax(1) == torch.arange(len(alike), device=alike.device)).tolist()
    own: list[float] = alike.diagonal().tolist()
    low, high = range_of(trainer.test[0])
    return sheet(
        Tiles(
            "One view", pictures(first, low, high), names, "click one to see whom it finds", columns=len(inputs),
            side=58, pick="chosen", chosen=chosen,
        ),
        Tiles(
            "The other view of the same picture", pictures(second, low, high),
            [signed(cosine) + ("" if right else " ×") for cosine, right in zip(own, found, strict=True)],
            "cosine of the two z; × where another picture's view is nearer", columns=len(inputs), side=58,
            pick="chosen", chosen=chosen,
        ),
        Bars(
            "Whom the chosen view takes for its partner",
            [f"{'its partner' if at == chosen else 'another'}: {name}" for at, name in enumerate(names)],
            shares.tolist(), f"softmax of cosine / {trainer.temperature:g}", shares=True, most=1.0, hand=chosen,
        ),
        caption=_caption(sum(found), len(found), trainer.augmentation.on),
        controls=(Slider("draw", "Throw again", draw, 1, 100),),
        facts={"found": found},
    )  # fmt: skip


def _caption(found: int, of: int, on: bool) -> str:
    if not on:
        return (
            "Both views are the picture itself. Nothing is changed, so there is nothing to learn but to know a picture "
            "again: turn up a way of changing them."
        )
    return (
        f"{found} of {of} find their partner. The network gets no names: all it is told is which two views came from "
        "one picture."
    )
