"""What a network that slides over a scene says at every place: a class or nothing, in one pass."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._dense import answered, chosen, controls, dense
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Bars, Box, Colours, Heat, Slider, Tiles, Words, sheet
from explorer.tasks import localisation
from explorer.training.trainer import Trainer

SIDE = 300
NOTHING = "·"


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at a wide, held-out or own scene; option `place`: the location whose window and answer are shown."""
    trainer = dense(trainer, "scene_map")
    scene = chosen(trainer, request)
    seen = localisation.classes_of(answered(trainer, scene.inputs))[0]  # K + 1 h w
    sure, classes = seen[:-1].max(0)
    height, width = sure.shape
    place = int_option(request, "place", int(sure.argmax()), 0, height * width - 1)
    row, column = divmod(place, width)
    names = trainer.dataset.classes
    here = seen[:, row, column]
    return sheet(
        Tiles(
            "Scene", scene.picture, note="the window of one answer", side=SIDE,
            boxes=(_window(trainer, row, column, scene.inputs),),
        ),
        Heat(
            "Is there a digit?", sure.cpu().numpy(), colours=Colours.ATTENTION, low=0.0, high=1.0,
            cell=max(14, min(34, SIDE // width)), note="the likeliest digit's probability",
        ),
        _words(sure, classes, names),
        Bars(f"Row {row + 1}, column {column + 1}", [*names, "nothing"], here.tolist(), shares=True, most=1.0),
        caption=(
            f"{height * width} answers in one pass. Neighbouring windows lie {localisation.STRIDE} pixels apart and "
            "share almost all of their work. Each says which digit stands in its middle, or that none does."
        ),
        controls=(*controls(request), Slider("place", "Place", place, 0, height * width - 1)),
        facts={"places": height * width},
    )  # fmt: skip


def _window(trainer: object, row: int, column: int, inputs: Tensor) -> Box:
    """Return what the answer at a place is made from, as far as it lies in the scene."""
    reach = float(getattr(trainer.model, "window", localisation.REACH)) / 2  # type: ignore[attr-defined]
    y, x = (localisation.FIRST + localisation.STRIDE * at for at in (row, column))
    height, width = inputs.shape[2:]
    return Box(
        0, max(0.0, x - reach), max(0.0, y - reach), min(float(width), x + reach), min(float(height), y + reach),
        hand=True,
    )  # fmt: skip


def _words(sure: Tensor, classes: Tensor, names: tuple[str, ...]) -> Words:
    """Return the likeliest class of each place where it is likelier than nothing, as lines of text."""
    pieces: list[str] = []
    shades: list[float] = []
    for shares, best in zip(sure.cpu().numpy(), classes.cpu().numpy(), strict=True):
        pieces += [
            *(f" {names[at] if share > 0.5 else NOTHING} " for share, at in zip(shares, best, strict=True)),
            "\n",
        ]
        shades += [*np.where(shares > 0.5, 0.7 * shares, 0.0).tolist(), 0.0]
    return Words("Which?", pieces, shades, colours=Colours.ATTENTION, code=True)
