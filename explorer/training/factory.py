"""Makes the trainer of a run: the architecture's own where it has one, else the supervised one."""

from __future__ import annotations

import importlib
import importlib.util

import torch

from explorer import catalog
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer; weights are drawn on the CPU from the global generator: the same on every device.

    Raises SpecError for an unknown architecture or task, or a setting that the network or the data refuses.
    """
    card = catalog.get(spec.architecture)
    task = card.task(spec.task)
    package = f"explorer.architectures.{card.key}"
    if importlib.util.find_spec(f"{package}.training"):
        return importlib.import_module(f"{package}.training").make_trainer(spec, device, upload)
    return SupervisedTrainer(spec, task, importlib.import_module(f"{package}.model").build_small, device, upload)
