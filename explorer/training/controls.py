"""Checks what a learner changes in a run, says it in words, and carries it out."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.engine.messages import Edit, Mark, Rewind, SetHypers
from explorer.spec import SpecError, Task, Value, nearest
from explorer.training.trainer import Trainer


def checked(control: SetHypers, task: Task, trainer: Trainer) -> SetHypers:
    """Return the control with only what it really changes; raises SpecError for what the card refuses."""
    values = {name: task.hyper(name).check(value) for name, value in control.values.items()}
    return SetHypers({name: value for name, value in values.items() if value != trainer.hypers.get(name)})


def hypers_mark(step: int, control: SetHypers, task: Task, trainer: Trainer) -> Mark:
    """Return the mark of a change that is about to be made, e.g. "learning rate 0.003 → 0.012"."""
    changes = [
        f"{_label(task.hyper(name).label)} {shown(trainer.hypers[name])} → {shown(value)}"
        for name, value in control.values.items()
    ]
    return Mark(step, control, ", ".join(changes))


def edit_mark(step: int, control: Edit, trainer: Trainer) -> Mark:
    """Return the mark of a number that is about to be written; raises SpecError if there is no such number."""
    before = float(_cell(control, trainer))
    if not math.isfinite(control.value):
        raise SpecError(f"{control.parameter} cannot be set to {control.value}: expected a finite number")
    place = f"[{', '.join(map(str, control.index))}]" if control.index else ""
    return Mark(step, control, f"{control.parameter}{place} {shown(before)} → {shown(float(control.value))}")


def rewind_mark(step: int, before: int) -> Mark:
    return Mark(step, Rewind(step), f"back from step {before:,}")


def carry_out(control: SetHypers | Edit | Rewind, trainer: Trainer) -> None:
    """Make the change; a rewind changes nothing that is learnt from here on."""
    match control:
        case SetHypers(values):
            trainer.set_hypers(values)
        case Edit(_, _, value):
            with torch.no_grad():
                _cell(control, trainer).fill_(value)


def shown(value: Value) -> str:
    """Return a value as a learner reads it: 0.003, −1.5, on, 8-8-6."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, str):
        return value
    return f"{value:.4g}".replace("-", "−") if isinstance(value, float) else f"{value:,}".replace("-", "−")


def _cell(control: Edit, trainer: Trainer) -> Tensor:
    """Return the one number meant, as a view into its parameter."""
    parameters = dict(trainer.model.named_parameters())
    if control.parameter not in parameters:
        raise SpecError(f"no parameter is called '{control.parameter}'; {nearest(control.parameter, parameters)}")
    parameter = parameters[control.parameter]
    fits = len(control.index) == parameter.dim() and all(
        0 <= place < size for place, size in zip(control.index, parameter.shape, strict=True)
    )
    if not fits:
        shape = tuple(parameter.shape)
        raise SpecError(f"{control.parameter} has shape {shape}; {list(control.index)} is not a place in it")
    return parameter.detach()[control.index]


def _label(label: str) -> str:
    """Return a label as it stands inside a sentence; abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
