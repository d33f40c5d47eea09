"""The trainer: one run's network, data, optimiser and random state, advanced one step at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from explorer.spec import RunSpec, Settings, Value


class Trainer(ABC):
    """What a run needs. The run owns time, randomness, checkpoints and the journal; a trainer owns learning.

    Global random state (dropout, torch.randn without generator) is the run's own, swapped in around every call. It
    is made deterministic by `spec` alone. Everything that changes in training is in `modules`, `optimizers` and
    `extra_state`, so that a checkpoint of these and of the random state resumes bit-exactly.

    Gradients are cleared at the start of a step, not at its end: between steps `.grad` still holds the last ones, which
    the layer statistics and the search for a non-finite value read.
    """

    spec: RunSpec
    device: torch.device
    model: nn.Module  # what lenses look at
    hypers: dict[str, Value]

    @abstractmethod
    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one training step; return its scalars (0-dim tensors allowed: they are read only when they are needed).

        Each must be finite as long as the run is sound: the first that is not pauses the run as diverged.
        """

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return more scalars of the last step's batch; asked for only when a point of the curves is recorded."""
        return {}

    @abstractmethod
    def evaluate(self) -> Mapping[str, float]:
        """Score the network on held-out data; changes nothing that training can see: no mode, no random number."""

    @abstractmethod
    def set_hypers(self, values: Settings) -> None:
        """Apply checked hyperparameters from the next step on."""

    @property
    @abstractmethod
    def steps_per_epoch(self) -> float: ...

    def example_inputs(self) -> tuple[Tensor, ...]:
        """Return the inputs of one forward pass, each a batch of one: the small network's graph is traced with them.

        Raises TypeError where there is no data set to take the shape of an input from: such a trainer says it itself.
        """
        dataset = getattr(self, "dataset", None)
        if dataset is None:
            raise TypeError(f"{type(self).__name__} has no dataset to take the shape of an input from")
        return (torch.zeros(1, *dataset.input_shape, device=self.device),)

    def modules(self) -> Mapping[str, nn.Module]:
        """Every network that learns or carries state, by name."""
        return {"model": self.model}

    @abstractmethod
    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]: ...

    def extra_state(self) -> Mapping[str, Tensor]:
        """More tensors that a checkpoint must hold: data order, position in the epoch, generators' states."""
        return {}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:  # noqa: B027 (nothing to put back by default)
        """Put back what `extra_state` gave."""
