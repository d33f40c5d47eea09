"""Network in Network's training: as for every network that learns from examples, from fewer pictures if asked."""

from __future__ import annotations

import torch

from explorer import catalog
from explorer.architectures.alexnet.training import FewerPicturesTrainer
from explorer.architectures.nin.model import build_small
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.supervised import SupervisedTrainer


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> SupervisedTrainer:
    """Return the trainer of the small network."""
    task = catalog.get(spec.architecture).task(spec.task)
    return FewerPicturesTrainer(spec, task, build_small, device, upload)
