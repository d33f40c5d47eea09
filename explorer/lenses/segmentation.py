"""Scenes with the class of every pixel: what is there, what the network says, and how well each class is covered."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._sheet import Bars, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SHOWN = 6
MEASURED = 24
SIDE = 116
GROUND = (38, 42, 50)
COLOURS = (  # one for each class, told apart by lightness too
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
    (213, 94, 0), (204, 121, 167), (153, 221, 255), (170, 170, 0), (255, 255, 255),
)  # fmt: skip


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at held-out scene `index` and those behind it; raises SpecError where pixels have no class."""
    trainer = supervised(trainer, "segmentation")
    inputs, targets = trainer.test
    if targets.dim() != 3:
        raise SpecError("only data with a class for every pixel can be shown so; these have one for each input")
    start = int_option(request, "index", 0, 0, 10**9) % len(targets)
    places = [(start + n) % len(targets) for n in range(MEASURED)]
    x, truth = inputs[places], targets[places]
    with evaluating(trainer.model):
        answers = trainer.model(x).argmax(1)  # MEASURED H W
    names = trainer.dataset.classes
    covered = [_overlap(answers, truth, at) for at in range(len(names))]
    return sheet(
        Tiles("Scene", pictures(x[:SHOWN], *range_of(inputs)), side=SIDE),
        Tiles("Truth", _painted(truth[:SHOWN]), [_named(each, names) for each in truth[:SHOWN]], side=SIDE),
        Tiles("Answer", _painted(answers[:SHOWN]), [_named(each, names) for each in answers[:SHOWN]], side=SIDE),
        Bars(
            "Intersection over union", names, covered, shares=True, most=1.0, note=f"on {MEASURED} held-out scenes",
        ),
        caption=(
            f"{float((answers == truth).float().mean()):.1%} of the pixels are right. Most of them are ground, so the "
            "overlap of each class says more. Below a picture: the classes with at least 20 pixels in it."
        ),
    )  # fmt: skip


def _overlap(answers: Tensor, truth: Tensor, at: int) -> float:
    """Return the pixels that both call class `at` over those that either does; 0 where there are none."""
    one, other = answers == at, truth == at
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 0.0


def _painted(classes: Tensor) -> np.ndarray:
    """Return maps of classes (N, H, W) as coloured pictures; the last class is the ground."""
    most = len(COLOURS)
    table = np.array([*COLOURS, GROUND], np.uint8)
    return table[classes.clamp_max(most).cpu().numpy()]


def _named(classes: Tensor, names: tuple[str, ...]) -> str:
    counts = torch.bincount(classes.flatten(), minlength=len(names))[: len(names) - 1]
    return " ".join(names[at] for at in range(len(counts)) if counts[at] >= 20)
