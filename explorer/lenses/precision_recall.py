"""How good boxes are: intersection over union box by box, and precision against recall over many scenes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._dense import answered, dense, wide_scenes
from explorer.lenses._looking import int_option, pictures, range_of
from explorer.lenses._sheet import Box, Line, Lines, Numbers, Slider, Tiles, sheet
from explorer.tasks import detection
from explorer.tasks.detection import overlap
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

SCENES = 6
LEAST = 0.05  # the curve goes down to locations that are so little sure
SHOWN = 8
ROOM = 26  # pixels around a digit's middle that are shown


@dataclass(frozen=True)
class Counted:
    """All boxes of some scenes, the surest first: whether each is right, with the digits that there are."""

    sure: np.ndarray
    hits: np.ndarray
    there: int

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Return recall and precision when the first 1, 2, 3 … boxes are taken."""
        hits = self.hits.cumsum()
        return hits / max(1, self.there), hits / np.arange(1, len(hits) + 1)

    def average(self) -> float:
        """Return the area under the curve, precision made to fall only (PASCAL VOC from 2010 on)."""
        recall, precision = self.curve()
        falling = np.maximum.accumulate(precision[::-1])[::-1]
        return float((np.diff(recall, prepend=0.0) * falling).sum())


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at six wide scenes; option `fit`: the overlap, in percent, from which on a box counts as right."""
    trainer = dense(trainer, "precision_recall")
    fit = int_option(request, "fit", 50, 10, 95)
    inputs, objects = wide_scenes(trainer, 0, SCENES)
    maps = answered(trainer, inputs)
    found = [detection.merged(each) for each in detection.found_in_all(maps, LEAST)]
    counted = _counted(found, objects, fit / 100)
    recall, precision = counted.curve()
    hits = int(counted.hits.sum())
    return sheet(
        Lines(
            f"Overlap of {fit} % counts as right", (Line("precision", precision),), recall,
            "recall: share of digits found", low=0.0, high=1.0, width=360, height=230,
            note="precision: share of boxes that are right",
        ),
        Numbers((
            ("average precision", f"{counted.average():.2f}", "the area under the curve"),
            ("digits found", f"{hits} of {counted.there}", f"by {len(counted.hits)} boxes in {SCENES} scenes"),
        )),
        _closest(trainer, inputs, objects, found),
        caption=(
            "Intersection over union is shared area over covered area. Taking boxes from the surest down, more digits "
            "are found and more boxes are wrong: that is the curve. Ask for a closer fit, and it sinks."
        ),
        controls=(Slider("fit", "Right from overlap, %", fit, 10, 95, 5),),
        facts={"average": counted.average(), "hits": hits, "there": counted.there},
    )  # fmt: skip


def _counted(found: list[detection.Found], objects: np.ndarray, fit: float) -> Counted:
    sure = np.concatenate([one.sure for one in found])
    hits = np.concatenate([detection.right(one, each, fit) for one, each in zip(found, objects, strict=True)])
    order = np.argsort(-sure, kind="stable")
    return Counted(sure[order], hits[order].astype(np.float64), int((objects[..., 0] >= 0).sum()))


def _closest(trainer: SupervisedTrainer, inputs: Tensor, objects: np.ndarray, found: list[detection.Found]) -> Tiles:
    """Return the digits of the first scenes, each with its box and the box that fits it best."""
    drawn = pictures(inputs, *range_of(trainer.test[0]))
    tiles: list[np.ndarray] = []
    boxes: list[Box] = []
    labels: list[str] = []
    for scene, each in ((at, each) for at in range(SCENES) for each in objects[at][:2]):
        if len(tiles) == SHOWN:
            break
        left, top = (
            int(min(max(0, int(each[a] + each[a + 2]) // 2 - ROOM), inputs.shape[-1] - 2 * ROOM)) for a in (1, 2)
        )
        tiles.append(drawn[scene, top : top + 2 * ROOM, left : left + 2 * ROOM])
        boxes.append(_moved(each[1:], len(tiles) - 1, left, top, False))
        fits = overlap(found[scene].boxes, each[1:]) if len(found[scene].sure) else np.zeros(1)
        labels.append(f"{float(fits.max()):.2f}")
        if float(fits.max()) > 0:
            boxes.append(_moved(found[scene].boxes[fits.argmax()], len(tiles) - 1, left, top, True))
    return Tiles(
        "Intersection over union", np.stack(tiles), labels, "dashed: predicted", side=104, columns=4, boxes=boxes
    )  # fmt: skip


def _moved(edges: np.ndarray, tile: int, left: int, top: int, dashed: bool) -> Box:
    """Return the box in the tile's own pixels, cut at its border."""
    x0, y0, x1, y1 = (
        min(max(float(each) - corner, 0.0), 2.0 * ROOM)
        for each, corner in zip(edges, (left, top, left, top), strict=True)
    )
    return Box(tile, x0, y0, x1, y1, dashed=dashed)
