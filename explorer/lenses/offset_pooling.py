"""OverFeat's offset trick: the last pooling begun at every cell of its window, the answers put between each other."""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._dense import chosen, controls, dense
from explorer.lenses._sheet import Colours, Heat, Tiles, sheet
from explorer.spec import SpecError
from explorer.tasks import localisation
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SIDE = 260


class Offsetting(Protocol):
    def offsets(self, scene: Tensor) -> list[Tensor]: ...


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the four maps of answers of a scene and at the fine one made of them; raises SpecError."""
    trainer = dense(trainer, "offset_pooling")
    if not hasattr(trainer.model, "offsets"):
        raise SpecError("this network has no last pooling that could begin at other cells")
    scene = chosen(trainer, request)
    with evaluating(trainer.model):
        maps = cast(Offsetting, trainer.model).offsets(scene.inputs)
    sure = [localisation.classes_of(each)[0, :-1].amax(0).cpu().numpy() for each in maps]
    fine = interleaved(sure)
    cell = max(4, SIDE // len(fine))
    return sheet(
        Tiles("Scene", scene.picture, side=SIDE),
        *(
            Heat(
                f"Begun at row {at // 2}, column {at % 2}", each, colours=Colours.ATTENTION, low=0.0, high=1.0,
                cell=cell, note=f"{each.shape[0]} × {each.shape[1]}",
            )
            for at, each in enumerate(sure)
        ),
        Heat(
            "Put between each other", fine, colours=Colours.ATTENTION, low=0.0, high=1.0, cell=cell,
            note=f"{fine.shape[0]} × {fine.shape[1]}, {localisation.STRIDE // 2} pixels apart",
        ),
        caption=(
            f"Answers {localisation.STRIDE} pixels apart leave digits between two stools. The last pooling throws away "
            "where in its 2 × 2 window to begin; begun at each of the four cells, it gives four maps of answers, and "
            "together they lie twice as dense. All layers below are computed once."
        ),
        controls=controls(request),
        facts={"coarse": list(sure[0].shape), "fine": list(fine.shape)},
    )  # fmt: skip


def interleaved(maps: list[np.ndarray]) -> np.ndarray:
    """Return the four maps (by row, then column of where the pooling began) as one of twice as many rows and columns.

    Maps begun later may be a row or a column smaller; the fine map ends where all four have an answer.
    """
    rows, columns = min(len(each) for each in maps), min(each.shape[1] for each in maps)
    fine = np.zeros((2 * rows, 2 * columns), maps[0].dtype)
    for at, each in enumerate(maps):
        fine[at // 2 :: 2, at % 2 :: 2] = each[:rows, :columns]
    return fine
