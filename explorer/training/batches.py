"""The order in which a run sees its training data: shuffled anew for each epoch, on the device, and resumable."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.training.placing import rows
from explorer.training.randomness import generator

PIECE = 2**20  # bytes that are put in order at once: they still lie in the cache when their batches are used


class Batches:
    """Endless batches of (inputs, targets), all of one size; what is left at an epoch's end waits for the next shuffle.

    Several batches are put in order at once and cut apart, so that a small one costs next to nothing.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, batch_size: int, seed: int) -> None:
        self._generator = generator(inputs.device, seed)
        self._inputs, self._targets = inputs, targets
        self._batch_size = batch_size
        self._order = self._shuffled()
        self._position = 0
        self._cut()

    @property
    def per_epoch(self) -> int:
        """How many batches make an epoch; at least 1."""
        return max(1, len(self._targets) // self._batch_size)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: (B, ...) and (B,)."""
        if self._next == len(self._ready):
            self._settle()
            self._cut()
        if not self._ready:
            self._order = self._shuffled()
            self._position = 0
            self._cut()
        batch = self._ready[self._next]
        self._next += 1
        return batch

    def resize(self, batch_size: int) -> None:
        """Use another batch size from the next batch on."""
        self._settle()
        self._batch_size = batch_size
        self._cut()

    def replace(self, inputs: Tensor, targets: Tensor) -> None:
        """Go on with other data; in the same order where there is as much of it."""
        self._settle()
        same_length = len(targets) == len(self._targets)
        self._inputs, self._targets = inputs, targets
        if not same_length:
            self._order = self._shuffled()
            self._position = 0
        self._cut()

    def state(self) -> dict[str, Tensor]:
        """Return order, position and the generator's state."""
        position = torch.tensor(self._position + self._next * self._size)
        return {"order": self._order, "position": position, "generator": self._generator.get_state()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Put back what `state` gave."""
        self._order = state["order"].to(self._inputs.device)
        self._position = int(state["position"])
        self._generator.set_state(state["generator"].cpu())
        self._cut()

    def _shuffled(self) -> Tensor:
        device = self._inputs.device
        return torch.randperm(len(self._targets), generator=self._generator, device=device)

    def _settle(self) -> None:
        """Count the batches handed out since the last cut into the position; a new cut must follow."""
        self._position += self._next * self._size

    def _cut(self) -> None:
        """Cut the next piece of this epoch into full batches, none at its end.

        The whole set is one batch where it is smaller than that.
        """
        self._size = min(self._batch_size, len(self._targets))
        bytes_each = self._inputs[0].nbytes * self._size
        count = min((len(self._targets) - self._position) // self._size, max(1, PIECE // bytes_each))
        piece = self._order[self._position : self._position + count * self._size]
        inputs, targets = rows(self._inputs, piece), rows(self._targets, piece)
        self._ready = list(zip(inputs.split(self._size), targets.split(self._size), strict=True)) if count else []
        self._next = 0
