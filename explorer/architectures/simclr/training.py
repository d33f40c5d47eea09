"""SimCLR's step (algorithm 1): both views of every picture pass one network, and each looks for its partner."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.simclr.model import SimCLR, Similarity, build_small, candidates
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.trainer import Trainer


class SimCLRTrainer(ContrastiveTrainer):
    """The negatives of a view are all views of the batch's other pictures."""

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> None:
        super().__init__(spec, catalog.get(spec.architecture).task(spec.task), build_small, device, upload)

    def contrast(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        z_i, z_j = self.model(torch.cat([first, second])).chunk(2)
        return candidates(Similarity(self.temperature)(z_i, z_j))

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        network = self.model
        assert isinstance(network, SimCLR)
        h = network.encoder(pictures)
        return h, unit(network.head(h))


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of encoder and head."""
    return SimCLRTrainer(spec, device, upload)
