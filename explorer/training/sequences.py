"""Training on sequences: the gradient's norm is clipped, and data that never run out are drawn batch by batch."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from explorer.data import Dataset
from explorer.data.memory import Endless
from explorer.spec import RunSpec, Settings, SpecError, Task
from explorer.training import optimizer
from explorer.training.batches import Batches
from explorer.training.supervised import Build, SupervisedTrainer


class Drawn(Batches):
    """Batches of a data set that never runs out; all there is to remember is which comes next."""

    def __init__(self, dataset: Endless, batch_size: int, seed: int, device: torch.device) -> None:
        self._dataset, self._batch_size, self._seed, self._device = dataset, batch_size, seed, device
        self._drawn = 0

    @property
    def per_epoch(self) -> int:
        """There is no epoch: each batch is one of its own."""
        return 1

    def next(self) -> tuple[Tensor, Tensor]:
        self._drawn += 1
        inputs, targets = self._dataset.batch(self._seed, self._drawn, self._batch_size)
        return torch.from_numpy(inputs).to(self._device), torch.from_numpy(targets).to(self._device)

    def resize(self, batch_size: int) -> None:
        self._batch_size = batch_size

    def state(self) -> dict[str, Tensor]:
        return {"drawn": torch.tensor(self._drawn)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self._drawn = int(state["drawn"])


class SequenceTrainer(SupervisedTrainer):
    """Trains a recurrent network; "gradient_norm" is the gradient's norm before it is clipped."""

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        if isinstance(self.dataset, Endless):
            self._batches = Drawn(self.dataset, self._batch_size(), spec.seed, device)

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss", the mean over the batch before the update, and "gradient_norm"."""
        if self._scheduled:
            optimizer.apply(self._optimizer, self._settings(), self._steps)
        inputs, targets = self._batches.next()
        logits, loss = self.objective(inputs, targets)
        for parameter in self._parameters:
            parameter.grad = None
        loss.backward()
        norm = self._clip()
        self._optimizer.step()
        self._steps += 1
        self._last = (logits.detach(), targets)
        return {"loss": loss.detach(), "gradient_norm": norm}

    def _clip(self) -> Tensor:
        """Scale the gradient down to the norm that the hyperparameter `clip` allows (0: any); return what it was."""
        norm = nn.utils.get_total_norm([each.grad for each in self._parameters if each.grad is not None])
        if self.clip:
            nn.utils.clip_grads_with_norm_(self._parameters, self.clip, norm)
        return norm

    def _tune(self) -> None:
        super()._tune()
        self.clip = number_of(self.hypers, "clip")


def number_of(settings: Settings, name: str) -> float:
    """Read a number that may be missing, which means 0."""
    value = settings.get(name, 0.0)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return float(value)
