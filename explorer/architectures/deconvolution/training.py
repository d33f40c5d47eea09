"""The autoencoder's step: the picture that goes in, noisy if asked for, is the answer that is wanted, clean."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.deconvolution.probes import checkerboard
from explorer.architectures.deconvolution.small import build_small
from explorer.data import Dataset
from explorer.spec import RunSpec, Task, float_of
from explorer.training.randomness import generator
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

MEASURED = 300  # held-out reconstructions whose spectrum is taken


class AutoencoderTrainer(SupervisedTrainer):
    """Learns to give pictures back; errors are in pixels of 0 … 1, whatever the inputs are scaled to."""

    def __init__(self, spec: RunSpec, task: Task, device: torch.device, upload: Dataset | None = None) -> None:
        super().__init__(spec, task, build_small, device, upload)
        low, high = self.dataset.train_inputs.min(), self.dataset.train_inputs.max()
        self._low, self._high = float(low), float(high)

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the reconstructions and their mean squared error against the clean pictures."""
        noise = self.noise
        seen = self.noisy(inputs, torch.randn_like(inputs)) if noise else inputs
        given = self.model(seen)
        return given, self.kind.loss(given, self.pixels(inputs))

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        return {}

    def evaluate(self) -> Mapping[str, float]:
        """Return the held-out error, and how strong the checkerboard is in the reconstructions."""
        inputs = self.test[0]
        total, given = 0.0, []
        with evaluating(self.model):
            for clean, seen in zip(inputs.split(EVALUATION_BATCH), self._seen().split(EVALUATION_BATCH), strict=True):
                given.append(self.model(seen))
                total += float(self.kind.loss(given[-1], self.pixels(clean))) * len(clean)
        strength = checkerboard(given[0][:MEASURED])
        return {"test_loss": float(f"{total / len(inputs):.7g}"), "test_checkerboard": float(strength)}

    def _seen(self) -> Tensor:
        """Return the held-out pictures as the network is given them: with the same noise at every evaluation."""
        inputs = self.test[0]
        if not self.noise:
            return inputs
        own = generator(self.device, self.spec.seed)
        return self.noisy(inputs, torch.randn(inputs.shape, generator=own, device=self.device))

    @property
    def noise(self) -> float:
        """Spread of the noise that is added to the pixels of every picture that goes in."""
        return float_of(self.hypers, "corruption")

    def noisy(self, inputs: Tensor, draws: Tensor) -> Tensor:
        """Return the inputs with normal `draws` added, scaled to the noise that stands."""
        return inputs + draws * (self.noise * (self._high - self._low))

    def pixels(self, inputs: Tensor) -> Tensor:
        """Return the network's inputs as pixels of 0 … 1."""
        return (inputs - self._low) / (self._high - self._low)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the autoencoder's trainer, or for the segmentation of scenes the one that all classifiers share."""
    task = catalog.get(spec.architecture).task(spec.task)
    if task.kind == "reconstruction":
        return AutoencoderTrainer(spec, task, device, upload)
    return SupervisedTrainer(spec, task, build_small, device, upload)
