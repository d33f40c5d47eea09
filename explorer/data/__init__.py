"""Data sets as numpy arrays; one small module each, found by name. No torch here: the web process may read data too.

A data set is named "module.function", e.g. "plane.spirals"; the function is `(settings, seed) -> Dataset`,
where `settings` are the task's data knobs and those hyperparameters that belong to the data (such as noise).
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

import numpy as np

from explorer.spec import Settings, SpecError, nearest


@dataclass(frozen=True)
class Dataset:
    """Inputs (N, ...) float32 as the network takes them, targets (N,) int64 classes; a part held out."""

    train_inputs: np.ndarray
    train_targets: np.ndarray
    test_inputs: np.ndarray
    test_targets: np.ndarray
    classes: tuple[str, ...]
    source: str  # what the page names as the source in use

    @property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(self.train_inputs.shape[1:])


def load(name: str, settings: Settings, seed: int) -> Dataset:
    """Load the data set called `name`; raises SpecError for an unknown one."""
    module_name, _, function = name.partition(".")
    modules = [module.name for module in pkgutil.iter_modules(__path__)]
    if module_name not in modules:
        raise SpecError(f"no data set is called '{name}'; {nearest(module_name, modules)}")
    module = importlib.import_module(f"{__name__}.{module_name}")
    if function not in module.DATASETS:
        raise SpecError(f"no data set is called '{name}'; {nearest(function, module.DATASETS)}")
    return module.DATASETS[function](settings, seed)


def number(settings: Settings, name: str, default: float) -> float:
    """Read a number from the settings."""
    value = settings.get(name, default)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return float(value)
