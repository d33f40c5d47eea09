"""The boxes that every location predicts in a scene, and what is left when those of one digit are merged."""

from __future__ import annotations

import numpy as np

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._dense import answered, chosen, controls, dense
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Box, Slider, Tiles, sheet
from explorer.tasks import detection
from explorer.tasks.detection import Found
from explorer.training.trainer import Trainer

SIDE = 264


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at a wide, held-out or own scene; options `sure`: from which percentage on a location counts, `same`:
    from which overlap on, in percent, boxes of one class are merged."""
    trainer = dense(trainer, "boxes")
    scene = chosen(trainer, request)
    sure, same = int_option(request, "sure", 50, 5, 99), int_option(request, "same", 30, 5, 95)
    before = detection.found(answered(trainer, scene.inputs), sure / 100)
    after = detection.merged(before, same / 100)
    right = detection.right(after, scene.objects)
    names = trainer.dataset.classes
    stage = getattr(trainer, "stage", "")
    learning = " The boxes have not begun to learn: it is the classifier's turn." if stage == "classifying" else ""
    return sheet(
        Tiles("Before merging", scene.picture, note=f"{len(before.sure)} locations see a digit", side=SIDE,
              boxes=_drawn(before, names, False)),
        Tiles("Merged", scene.picture, note=f"{len(after.sure)} boxes", side=SIDE, boxes=_drawn(after, names, True)),
        Tiles("Truth", scene.picture, note=f"{len(scene.objects)} digits", side=SIDE,
              boxes=_true(scene.objects, names)),
        caption=(
            f"{int(right.sum())} of {len(after.sure)} boxes are right; there are {len(scene.objects)} digits. Each "
            "location that sees a digit predicts four edges. Boxes of one class that overlap become their mean, and "
            f"their confidence adds up: the number behind the class.{learning}"
        ),
        controls=(
            *controls(request), Slider("sure", "Counts from, %", sure, 5, 99),
            Slider("same", "Merged from overlap, %", same, 5, 95, 5),
        ),
        facts={"before": len(before.sure), "after": len(after.sure), "right": int(right.sum())},
    )  # fmt: skip


def _drawn(found: Found, names: tuple[str, ...], named: bool) -> tuple[Box, ...]:
    return tuple(
        Box(0, *_edges(edges), f"{names[int(at)]} {float(sure):.1f}" if named else "", dashed=True)
        for edges, at, sure in zip(found.boxes, found.classes, found.sure, strict=True)
    )


def _true(objects: np.ndarray, names: tuple[str, ...]) -> tuple[Box, ...]:
    return tuple(Box(0, *_edges(each[1:]), names[int(each[0])]) for each in objects)


def _edges(edges: np.ndarray) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(float(each), 2) for each in edges)
    return left, top, right, bottom
