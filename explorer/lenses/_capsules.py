"""Networks whose last layer is a capsule for each class: what lenses ask of them.

Such a network has `capsules(image)`, its vectors (B, J, D); `primary(image)`, the capsules below (B, I, d), that lie on
`primary_shape` (kinds, rows, columns); `digit_caps.turns(u, n)`, couplings (B, J, I) and vectors of n turns of routing;
and `redrawn(v, kept)`, what its decoder makes of one capsule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn

from explorer.engine.messages import LensRequest
from explorer.lenses._looking import pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice, Slider
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

LONGEST = "longest"


class Routed(Protocol):
    iterations: int

    def turns(self, u: Tensor, iterations: int) -> list[tuple[Tensor, Tensor]]: ...


class Capsules(Protocol):
    primary_shape: tuple[int, int, int]
    decoder: nn.Module | None
    digit_caps: Routed

    def primary(self, image: Tensor) -> Tensor: ...
    def capsules(self, image: Tensor) -> Tensor: ...
    def redrawn(self, v: Tensor, kept: Tensor) -> Tensor: ...


def capsules_of(trainer: Trainer, lens: str, redraws: bool = False) -> tuple[SupervisedTrainer, Capsules]:
    """Return trainer and network as ones with capsules; raises SpecError if it has none, or no decoder to draw."""
    known = supervised(trainer, lens)
    model = known.model
    if not all(callable(getattr(model, name, None)) for name in ("primary", "capsules", "redrawn")):
        raise SpecError("this network has no capsules to look at; choose capsules as its body and train anew")
    network = cast("Capsules", model)
    if redraws and network.decoder is None:
        raise SpecError("this network has no decoder that could redraw a capsule; switch it on and train anew")
    return known, network


def asked(trainer: SupervisedTrainer, request: LensRequest) -> tuple[Tensor, int, tuple[Slider, ...]]:
    """Return the picture that is looked at, its place, and a slider to choose it where the page offers nothing else."""
    x, index = picture(request, trainer.test)
    if "inspect" in trainer.task.inside or index < 0:
        return x, index, ()
    return x, index, (Slider("index", "Held-out picture", index, 0, len(trainer.test[1]) - 1),)


def class_option(request: LensRequest, name: str, lengths: Tensor) -> int:
    """Return the class whose number an option names; where it names none, the one with the longest capsule."""
    told = str(request.options.get(name, LONGEST))
    return int(told) if told.isdecimal() and int(told) < len(lengths) else int(lengths.argmax())


def class_choice(request: LensRequest, name: str, label: str, classes: Sequence[str]) -> Choice:
    """Return the control for `class_option`."""
    known = tuple((str(number), title) for number, title in enumerate(classes))
    told = str(request.options.get(name, LONGEST))
    return Choice(name, label, told if told in dict(known) else LONGEST, ((LONGEST, "the longest"), *known))


def shown(trainer: SupervisedTrainer, x: Tensor) -> np.ndarray:
    """Return inputs (N, 1, H, W) as uint8 pictures (N, H, W)."""
    return pictures(x, *range_of(trainer.test[0]))


def drawn(network: Capsules, v: Tensor, kept: Sequence[int], side: int) -> np.ndarray:
    """Return what the decoder makes of capsules v (N, J, D), each of the class in `kept`, as uint8 (N, side, side)."""
    rows = network.redrawn(v, torch.tensor(list(kept), device=v.device))
    return (rows.clamp(0, 1) * 255 + 0.5).to(torch.uint8).reshape(-1, side, side).cpu().numpy()


def signed(number: float, form: str = "{:+.2f}") -> str:
    """Return a number with its sign, with a true minus."""
    return form.format(number).replace("-", "−")
