"""The LSTM is trained as every recurrent network here is."""

from __future__ import annotations

import torch

from explorer.architectures.lstm.model import build_small
from explorer.architectures.rnn.training import trainer_with
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.trainer import Trainer


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of an LSTM."""
    return trainer_with(build_small, spec, device, upload)
