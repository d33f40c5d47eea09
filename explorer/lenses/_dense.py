"""What the lenses on dense predictions share: scenes wider than those of training, and what is seen at every place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from explorer.data import scenes
from explorer.engine.messages import LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice, Control, Slider
from explorer.spec import SpecError, nearest
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

WIDE = 128  # pixels, one side
DIGITS = 5
SEED = 7_000
WHERE = {"wide": f"{WIDE} × {WIDE}, {DIGITS} digits", "held-out": "a held-out one"}


@dataclass(frozen=True)
class Scene:
    """One scene as the network takes it, (1, 1, H, W), with its objects (D, 5), none for an own picture."""

    inputs: Tensor
    objects: np.ndarray
    picture: np.ndarray  # (1, H, W) uint8


def dense(trainer: Trainer, lens: str) -> SupervisedTrainer:
    """Return the trainer of a network that answers at every location; raises SpecError for another."""
    trainer = supervised(trainer, lens)
    if not isinstance(trainer.dataset, scenes.Scenes):
        raise SpecError(f"the lens '{lens}' looks at scenes with several places; this data has one answer a picture")
    return trainer


def wide_scenes(trainer: SupervisedTrainer, first: int, count: int) -> tuple[Tensor, np.ndarray]:
    """Return wide scenes of held-out digits, in the style of the run's own, (n, 1, H, W), and objects (n, D, 5)."""
    assert isinstance(trainer.dataset, scenes.Scenes)
    style = replace(trainer.dataset.style, side=WIDE, least=DIGITS, most=DIGITS, fragments=12)
    drawn = [scenes.scenes(style, 1, True, SEED + number) for number in range(first, first + count)]
    pixels = np.concatenate([each.pixels for each in drawn])
    objects = np.concatenate([each.objects for each in drawn])
    inputs = np.ascontiguousarray(scenes.normalised(pixels))
    return torch.from_numpy(inputs).to(trainer.device), objects


def chosen(trainer: SupervisedTrainer, request: LensRequest) -> Scene:
    """Return the scene asked for: an own picture, a held-out one by `index`, or wide scene number `scene`."""
    low, high = range_of(trainer.test[0])
    if request.input is not None or where(request) == "held-out":
        x, index = picture(request, trainer.test)
        return Scene(x, _objects(trainer, index), pictures(x, low, high))
    x, objects = wide_scenes(trainer, int_option(request, "scene", 0, 0, 99), 1)
    return Scene(x, objects[0], pictures(x, low, high))


def where(request: LensRequest) -> str:
    found = str(request.options.get("where", "wide"))
    if found not in WHERE:
        raise SpecError(f"no scene is called '{found}'; {nearest(found, WHERE)}")
    return found


def controls(request: LensRequest) -> tuple[Control, ...]:
    """Return what chooses the scene; nothing for an own picture."""
    if request.input is not None:
        return ()
    kind = Choice("where", "Scene", where(request), tuple(WHERE.items()))
    return (kind, Slider("scene", "Which", int_option(request, "scene", 0, 0, 99), 0, 99))


def answered(trainer: SupervisedTrainer, inputs: Tensor) -> Tensor:
    """Return the network's maps for scenes of any size, (n, K + 5, h, w), in one pass."""
    with evaluating(trainer.model):
        return trainer.model(inputs)


def _objects(trainer: SupervisedTrainer, index: int) -> np.ndarray:
    """Return the objects of a held-out scene; an own picture (−1) has none that are known."""
    assert isinstance(trainer.dataset, scenes.Scenes)
    if index < 0:
        return np.zeros((0, 5), np.int64)
    objects = trainer.dataset.test_objects[index]
    return objects[objects[:, 0] != scenes.GROUND]
