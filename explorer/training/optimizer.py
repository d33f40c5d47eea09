"""Optimisers by name, their settings from the run's hyperparameters, and the learning rate's schedule."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn

from explorer.spec import Settings, SpecError, nearest

NAMES = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "linear", "cosine")
FLOOR = 0.01  # share of the learning rate that is left when a schedule has run out, so that the run still learns


def make(settings: Settings, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
    """Return the optimiser that `settings["optimizer"]` names; raises SpecError for an unknown one."""
    name = str(settings.get("optimizer", "sgd"))
    fused = device.type in ("cpu", "cuda")  # one kernel for all parameters: a tiny net's step is a fifth faster
    rate = _number(settings, "learning_rate", 0.01)
    decay = _number(settings, "weight_decay", 0.0)
    if name == "sgd":
        momentum = _number(settings, "momentum", 0.0)
        return torch.optim.SGD(parameters, lr=rate, momentum=momentum, weight_decay=decay, fused=fused)
    if name == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=fused)
    if name == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    raise SpecError(f"optimizer = {name} is not one of {', '.join(NAMES)}; {nearest(name, NAMES)}")


def apply(optimizer: torch.optim.Optimizer, settings: Settings, step: int) -> None:
    """Write the settings that stand into the optimiser, with the learning rate the schedule gives for this step."""
    values = {
        "lr": _number(settings, "learning_rate", 0.01) * factor(settings, step),
        "weight_decay": _number(settings, "weight_decay", 0.0),
    }
    if isinstance(optimizer, torch.optim.SGD):
        values["momentum"] = _number(settings, "momentum", 0.0)
    for group in optimizer.param_groups:
        group.update(values)


def scheduled(settings: Settings) -> bool:
    """Whether the learning rate changes by itself."""
    return str(settings.get("schedule", "constant")) != "constant" and _number(settings, "decay_steps", 0) > 0


def factor(settings: Settings, step: int) -> float:
    """Return the share of the learning rate at this step (0 is the first): 1, falling to FLOOR over `decay_steps`."""
    name = str(settings.get("schedule", "constant"))
    if name not in SCHEDULES:
        raise SpecError(f"schedule = {name} is not one of {', '.join(SCHEDULES)}; {nearest(name, SCHEDULES)}")
    if not scheduled(settings):
        return 1.0
    done = min(step / _number(settings, "decay_steps", 0), 1.0)
    left = 1 - done if name == "linear" else (1 + math.cos(math.pi * done)) / 2
    return FLOOR + (1 - FLOOR) * left


def _number(settings: Settings, name: str, default: float) -> float:
    value = settings.get(name, default)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return float(value)
