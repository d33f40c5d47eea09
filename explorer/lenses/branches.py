"""Parallel branches of a module: what each makes of one picture, and what each has a share in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._parts import branched
from explorer.lenses._sheet import Bars, Choice, Colours, Tiles, sheet
from explorer.spec import SpecError, nearest
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

MAPS = 8  # of one branch: the strongest
PICTURES = 64  # held-out ones that the shares are taken over
CAPTION = (
    "All branches read the same maps, and what they find lies side by side. Shown are each branch’s strongest maps for "
    "one picture, all on one scale. A branch’s share of the signal is measured over {} held-out pictures; what it adds "
    "to the answer is its maps times the gradient of that answer, added up."
)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the branches of module `module` (a path) for one picture; raises SpecError where there are none."""
    trainer = supervised(trainer, "branches")
    found = branched(trainer.model)
    if not found:
        raise SpecError(f"this network of {trainer.spec.architecture} has no branches side by side")
    path = str(request.options.get("module", "")) or next(iter(found))
    if path not in found:
        raise SpecError(f"no module with branches is called '{path}'; {nearest(path, found)}")
    branches = found[path].branches()
    module = trainer.model.get_submodule(path)
    x, _ = picture(request, trainer.test)
    target = int_option(request, "target", -1, -1, len(trainer.dataset.classes) - 1)
    output, speaks, target = _spoken(trainer, module, x, target)
    ends = _ends(trainer.model, branches, x)
    shares = _shares(trainer, module, ends)
    names = [f"{name} ({last - first})" for name, (first, last) in zip(branches, pairwise(ends), strict=True)]
    scale = float(output.abs().max())
    return sheet(
        Tiles("The picture", pictures(x, *range_of(trainer.test[0])), side=92),
        *(
            Tiles(name, _strongest(output[first:last], scale), colours=Colours.SIGNED, side=46, columns=MAPS)
            for name, (first, last) in zip(names, pairwise(ends), strict=True)
        ),
        Bars("Share of the channels", list(branches), [(b - a) / ends[-1] for a, b in pairwise(ends)], shares=True),
        Bars("Share of the signal", list(branches), shares, shares=True, note="squares of all cells"),
        Bars(
            f"Adds to the score of “{trainer.dataset.classes[target]}”", list(branches),
            [float(speaks[a:b].sum()) for a, b in pairwise(ends)], digits=2, note="this picture",
        ),
        caption=CAPTION.format(min(PICTURES, len(trainer.test[1]))),
        controls=(Choice("module", "Module", path, tuple((each, layer_name(each, 2)) for each in found)),)
        if len(found) > 1 else (),
    )  # fmt: skip


def _ends(model: nn.Module, branches: Mapping[str, nn.Module], x: Tensor) -> list[int]:
    """Return where in the joined output each branch begins, and where the last ends."""
    many: dict[nn.Module, int] = {}

    def keep(module: nn.Module, read: object, output: Tensor) -> None:
        many[module] = output.shape[1]

    handles = [branch.register_forward_hook(keep) for branch in branches.values()]
    try:
        with evaluating(model):
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    ends = [0]
    for branch in branches.values():
        ends.append(ends[-1] + many[branch])
    return ends


def _spoken(trainer: SupervisedTrainer, module: nn.Module, x: Tensor, target: int) -> tuple[Tensor, Tensor, int]:
    """Return a module's maps (channels, h, w), each cell's gradient of the class's score times the cell, the class."""
    kept: list[Tensor] = []
    with _leading_away(module, kept), evaluating(trainer.model), torch.enable_grad():
        logits = trainer.model(x.detach())
        target = target if target >= 0 else int(trainer.kind.probabilities(logits.detach())[0].argmax())
        (gradient,) = torch.autograd.grad(logits[0, min(target, logits.shape[1] - 1)], kept)
    output = kept[0].detach()
    return output[0], (output * gradient)[0], target


@contextmanager
def _leading_away(module: nn.Module, kept: list[Tensor]) -> Iterator[None]:
    """Inside, the module's output begins a graph of its own, which holds no gradient of what lies before."""

    def keep(module: nn.Module, read: object, output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_())
        return kept[-1]

    handle = module.register_forward_hook(keep)
    try:
        yield
    finally:
        handle.remove()


def _shares(trainer: SupervisedTrainer, module: nn.Module, ends: list[int]) -> list[float]:
    """Return each branch's share of the sum of squares of the module's output, over held-out pictures."""
    kept: list[Tensor] = []
    handle = module.register_forward_hook(lambda module, read, output: kept.append(cast("Tensor", output)))
    try:
        with evaluating(trainer.model):
            trainer.model(trainer.test[0][:PICTURES])
    finally:
        handle.remove()
    squares = kept[0].square().sum((0, *range(2, kept[0].dim())))  # channels
    total = squares.sum().clamp_min(1e-12)
    return [float(squares[first:last].sum() / total) for first, last in pairwise(ends)]


def _strongest(maps: Tensor, scale: float) -> np.ndarray:
    """Return a branch's strongest maps (n, h, w) in their own order."""
    best = maps.flatten(1).norm(dim=1).topk(min(MAPS, len(maps))).indices.sort().values
    return signed_bytes(maps[best], scale)
