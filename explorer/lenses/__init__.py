"""Lenses look at a network in training and return small arrays; each is a module with a function `look`.

`look(trainer, request) -> Frame` changes nothing that training can see: hooks, modes and random state are restored in
`finally`. A lens is found by its module's name, so that adding one is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil

from explorer.engine.messages import Frame, LensRequest
from explorer.spec import SpecError
from explorer.spec import nearest as _nearest  # a lens may be called "nearest"
from explorer.training.trainer import Trainer


def names() -> tuple[str, ...]:
    """Return the keys of all lenses."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the trainer's network through the lens that the request names; raises SpecError for an unknown lens."""
    if request.lens not in names():
        raise SpecError(f"no lens is called '{request.lens}'; {_nearest(request.lens, names())}")
    return importlib.import_module(f"{__name__}.{request.lens}").look(trainer, request)
