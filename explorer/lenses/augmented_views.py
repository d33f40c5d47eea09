"""One picture as training would see it, several times over: changed by the run's own augmentation, each time anew."""

from __future__ import annotations

import numpy as np
import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Slider, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.randomness import Preserved
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

VIEWS = 15


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Change an own picture or held-out one `index` as often as there are views; option `draw` throws the dice anew.

    Raises SpecError for data without pictures.
    """
    trainer = supervised(trainer, "augmented_views")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(f"only pictures are augmented; this data has inputs of shape {trainer.dataset.input_shape}")
    x, _ = picture(request, trainer.test)
    draw = int_option(request, "draw", 1, 1, 100)
    views = x.repeat(VIEWS, 1, 1, 1)
    if trainer.augmentation.on:
        with Preserved(trainer.device), torch.no_grad():
            torch.manual_seed(draw)
            views = trainer.augmentation(views)
    every = torch.cat([x, views])
    with evaluating(trainer.model):
        sure, answers = trainer.kind.probabilities(trainer.model(every)).max(1)
    labels = [
        f"{trainer.dataset.classes[int(answer)]} {float(share):.0%}".replace("%", " %")
        for answer, share in zip(answers, sure, strict=True)
    ]
    labels[0] = f"itself: {labels[0]}"
    drawn: np.ndarray = pictures(every, *range_of(trainer.test[0]))
    return sheet(
        Tiles("Views of one picture", drawn, labels, "with what the network answers", side=92, columns=8),
        caption=_caption(trainer.augmentation.on, len({int(each) for each in answers})),
        controls=(Slider("draw", "Throw again", draw, 1, 100),),
    )


def _caption(on: bool, different: int) -> str:
    if not on:
        return (
            "Nothing is changed: every view is the picture itself. Turn up mirror, shift, turn, hide or tint among the "
            "hyperparameters, and training meets a new view in every step."
        )
    said = "one answer" if different == 1 else f"{different} different answers"
    return (
        f"Sixteen views, {said}. In each step every training picture is changed anew in this way, with the settings "
        "that stand now; held-out pictures are scored as they are."
    )
