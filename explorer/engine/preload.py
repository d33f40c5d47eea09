"""Imports and warms everything a worker needs, once, in the process that all workers are forked from.

Nothing here may touch CUDA or run a backward pass: with a GPU both would make forking impossible.
"""

from __future__ import annotations

import gc
import importlib
import logging
import pkgutil

import torch

from explorer import architectures, lenses, tasks

log = logging.getLogger(__name__)

ROOMS = ("explorer.training.run", "explorer.training.factory", "explorer.tracing.trace", "explorer.tracing.source")


def warm() -> None:
    """Import what workers use and step SGD and AdamW once: the first optimiser imports a good second of torch."""
    torch.set_num_threads(1)
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.zeros(2)
    for optimizer in (torch.optim.SGD([weight], lr=0.1, momentum=0.9), torch.optim.AdamW([weight])):
        optimizer.step()
    for name in (*ROOMS, *_rooms_of(tasks), *_rooms_of(lenses), *_models()):
        _import(name)
    gc.collect()
    gc.freeze()  # what stands now stays shared between the workers


def _rooms_of(package: object) -> list[str]:
    return [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]  # type: ignore[attr-defined]


def _models() -> list[str]:
    found = [module.name for module in pkgutil.iter_modules(architectures.__path__) if module.ispkg]
    return [f"explorer.architectures.{key}.{part}" for key in found for part in ("card", "model")]


def _import(name: str) -> None:
    """Import ahead of need; what fails here is reported, and fails again, for its own run only, where it is used."""
    try:
        importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - it is raised again where it is used
        log.warning("%s could not be imported ahead: %s", name, error)
