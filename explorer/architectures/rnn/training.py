"""How recurrent networks are trained: by what their data are."""

from __future__ import annotations

import torch

from explorer import catalog
from explorer.architectures.rnn.model import build_small
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.forecasting import ForecastTrainer
from explorer.training.sequences import SequenceTrainer
from explorer.training.supervised import Build
from explorer.training.text import TextTrainer
from explorer.training.trainer import Trainer

TRAINERS: dict[str, type[SequenceTrainer]] = {
    "characters": TextTrainer,
    "series": ForecastTrainer,
    "memory": SequenceTrainer,
}


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of a simple recurrent network."""
    return trainer_with(build_small, spec, device, upload)


def trainer_with(build: Build, spec: RunSpec, device: torch.device, upload: Dataset | None) -> Trainer:
    """Return the trainer that fits the task's data, with the network that `build` makes."""
    task = catalog.get(spec.architecture).task(spec.task)
    return TRAINERS[task.dataset.partition(".")[0]](spec, task, build, device, upload)
