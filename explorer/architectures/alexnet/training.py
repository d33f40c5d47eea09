"""AlexNet's training step: as for every network that learns from examples, with the running error of Figure 1 kept.

And, by a data knob, fewer pictures to learn from: over-fitting is seen where they are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.alexnet.model import build_small
from explorer.data import Dataset
from explorer.spec import RunSpec, Settings, Task, int_of
from explorer.training.supervised import Build, SupervisedTrainer

MEMORY = 0.95  # of the running error: the last twenty batches or so
QUARTER = 0.25  # the training error that Figure 1 marks


def fewer(dataset: Dataset, settings: Settings) -> Dataset:
    """Return the data set with only its first `pictures` to learn from, the same ones for every run; 0: with all."""
    many = int_of(settings, "pictures") or len(dataset.train_targets)
    if many >= len(dataset.train_targets):
        return dataset
    source = f"{dataset.source}; the first {many:,} of them learnt from"
    return replace(
        dataset, train_inputs=dataset.train_inputs[:many], train_targets=dataset.train_targets[:many], source=source
    )


class FewerPicturesTrainer(SupervisedTrainer):
    """Learns from as many pictures as the data knob `pictures` says."""

    def _load(self) -> Dataset:
        return fewer(super()._load(), self.spec.data)


class AlexNetTrainer(FewerPicturesTrainer):
    """Keeps the running mean of the training batches' errors, and the step at which it first fell to a quarter."""

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        guessing = 1 - 1 / len(self.dataset.classes)
        self.running_error = torch.tensor(guessing, device=device)
        self.quarter_at = torch.tensor(-1, device=device)  # -1: not yet

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss", the mean over the batch before the update."""
        scalars = super().train_step()
        assert self._last is not None
        logits, targets = self._last
        wrong = (logits.argmax(1) != targets).float().mean()
        self.running_error = MEMORY * self.running_error + (1 - MEMORY) * wrong
        first = (self.running_error <= QUARTER) & (self.quarter_at < 0)
        self.quarter_at = torch.where(first, self._steps, self.quarter_at)
        return scalars

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return the batch's accuracy, and "running_error", the mean error of the last batches."""
        return {**super().batch_scores(), "running_error": self.running_error}

    def extra_state(self) -> Mapping[str, Tensor]:
        return {**super().extra_state(), "running_error": self.running_error, "quarter_at": self.quarter_at}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_extra_state(state)
        self.running_error = state["running_error"].to(self.device)
        self.quarter_at = state["quarter_at"].to(self.device)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> SupervisedTrainer:
    """Return the trainer of the small AlexNet."""
    return AlexNetTrainer(spec, catalog.get(spec.architecture).task(spec.task), build_small, device, upload)
