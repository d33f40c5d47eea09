"""What a trained network loses with a part switched off: a residual block passed by, or a branch that gives zeros."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._parts import Part, parts
from explorer.lenses._sheet import Bars, Line, Lines, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.randomness import generator
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

MOST, LEAST, WORK = 500, 100, 4000  # held-out pictures: at most, at least, and times the number of parts
ORDERS, FEWER = 3, 150  # random orders in which more and more is switched off, and pictures for them
SHOWN = 12  # pictures that are lost


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Score held-out pictures without each part in turn; option `off`: 0 shows the whole net, n the net without part n.

    Raises SpecError for a network without residual blocks and without branches.
    """
    trainer = supervised(trainer, "switch_off")
    found = parts(trainer.model, trainer.test[0][:1])
    if not found:
        raise SpecError(f"this network of {trainer.spec.architecture} has no part that can be switched off by itself")
    many = max(LEAST, min(MOST, WORK // len(found)))
    inputs, targets = trainer.test[0][:many], trainer.test[1][:many]
    whole = _answers(trainer, inputs)
    without = [_without(trainer, [part], inputs) for part in found]
    off = int_option(request, "off", 0, 0, len(found))
    shares = [float((answers == targets).float().mean()) for answers in (whole, *without)]
    return sheet(
        Bars(
            "Right answers with one part switched off", ["nothing off", *(part.name for part in found)], shares,
            shares=True, most=1.0, hand=off, pick="off", note=f"{len(targets)} held-out pictures",
        ),
        *_control(trainer, found, inputs, targets),
        _more_and_more(trainer, found),
        *_lost(trainer, found[off - 1], whole, without[off - 1], inputs, targets) if off else (),
        caption=_caption(found),
    )  # fmt: skip


def _caption(found: list[Part]) -> str:
    if found[0].whole is None:
        what = "A block that is switched off passes on what it gets; one that changes the shape, its shortcut alone."
    else:
        what = "A branch that is switched off gives zeros. Beside it: as many channels of the module, drawn at random."
    return f"Nothing is trained again. {what} Choose a bar to see which pictures are lost."


def _answers(trainer: SupervisedTrainer, inputs: Tensor) -> Tensor:
    with evaluating(trainer.model):
        found = [trainer.kind.probabilities(trainer.model(each)).argmax(1) for each in inputs.split(EVALUATION_BATCH)]
    return torch.cat(found)


def _without(trainer: SupervisedTrainer, off: list[Part], inputs: Tensor) -> Tensor:
    with ExitStack() as stack:
        for part in off:
            stack.enter_context(part.off())
        return _answers(trainer, inputs)


def _control(trainer: SupervisedTrainer, found: list[Part], inputs: Tensor, targets: Tensor) -> list[Bars]:
    """Return, for branches, what as many random channels cost: a large branch costs more because it is large."""
    branches = [part for part in found if part.whole is not None]
    if not branches:
        return []
    shares = []
    for number, part in enumerate(branches):
        with part.random_off(number):
            shares.append(float((_answers(trainer, inputs) == targets).float().mean()))
    names = [f"{part.channels} channels for {part.name.split(': ')[-1]}" for part in branches]
    return [Bars("… and with as many random channels off", names, shares, shares=True, most=1.0, note="one draw each")]


def _more_and_more(trainer: SupervisedTrainer, found: list[Part]) -> Lines:
    """Return the accuracy as more and more parts are switched off, in a few random orders."""
    inputs, targets = trainer.test[0][:FEWER], trainer.test[1][:FEWER]
    curves = np.zeros((ORDERS, len(found) + 1), np.float32)
    for order in range(ORDERS):
        drawn = torch.randperm(len(found), generator=generator(torch.device("cpu"), order)).tolist()
        for count in range(len(found) + 1):
            answers = _without(trainer, [found[at] for at in drawn[:count]], inputs)
            curves[order, count] = float((answers == targets).float().mean())
    lines = [Line(f"order {order + 1}", curve, dashed=True) for order, curve in enumerate(curves)]
    return Lines(
        "More and more switched off", [Line("mean", curves.mean(0)), *lines], x_title="parts off, in a random order",
        low=0.0, high=1.0, note=f"share right of {len(targets)}",
        levels=(("guessing", 1 / len(trainer.dataset.classes)),),
    )  # fmt: skip


def _lost(
    trainer: SupervisedTrainer, part: Part, whole: Tensor, without: Tensor, inputs: Tensor, targets: Tensor
) -> list[Tiles]:
    """Return the pictures that the whole net has right and the net without the part has wrong, with both answers."""
    lost = ((whole == targets) & (without != targets)).nonzero()[:, 0]
    if not len(lost):
        return []
    names, few = trainer.dataset.classes, lost[:SHOWN]
    labels = [f"{names[int(targets[at])]} → {names[int(without[at])]}" for at in few]
    return [
        Tiles(
            f"Lost without {part.name}", pictures(inputs[few], *range_of(trainer.test[0])), labels, side=64,
            note=f"{len(lost)} of {len(targets)}: what it is → what is answered now",
        )
    ]  # fmt: skip
