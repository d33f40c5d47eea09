"""Training on a text as one long stream: each step goes on where the last one stopped, with the state it left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

import torch
from torch import Tensor

from explorer.data import Dataset
from explorer.spec import RunSpec, Task
from explorer.training.batches import Batches
from explorer.training.sequences import SequenceTrainer, number_of
from explorer.training.supervised import Build, evaluating

ROWS, COLUMNS = 64, 512  # held-out characters that are scored: so many places, so many from each on
State = tuple[Tensor, ...]


class Carrying(Protocol):
    """A network that goes on from a state; each tensor of it has the batch first."""

    def carried(self, sequence: Tensor, state: State | None) -> tuple[Tensor, State]: ...

    def start(self, batch: int) -> State: ...


class Rows(Batches):
    """A stream cut into as many rows as the batch has places; every step reads the next columns of all of them."""

    def __init__(self, stream: Tensor, batch_size: int, columns: int) -> None:
        self._stream, self._batch_size, self.columns = stream, batch_size, columns
        self._position = 0
        self.fresh = True  # whether the next columns do not follow on the last
        self._cut()

    @property
    def per_epoch(self) -> int:
        return max(1, (self._rows.shape[1] - 1) // self.columns)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return tokens and the ones after each, (B, columns)."""
        if self._position + self.columns >= self._rows.shape[1]:
            self._position, self.fresh = 0, True
        begin, end = self._position, self._position + self.columns
        self._position = end
        return self._rows[:, begin:end], self._rows[:, begin + 1 : end + 1]

    def resize(self, batch_size: int) -> None:
        """Cut the stream anew; every row begins somewhere else, so no state fits any more."""
        share = self._position / self._rows.shape[1]
        self._batch_size = batch_size
        self._cut()
        self._position, self.fresh = int(share * self._rows.shape[1]), True

    def state(self) -> dict[str, Tensor]:
        return {"position": torch.tensor(self._position), "fresh": torch.tensor(self.fresh)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self._position, self.fresh = int(state["position"]), bool(state["fresh"])

    def _cut(self) -> None:
        length = len(self._stream) // self._batch_size
        self._rows = self._stream[: self._batch_size * length].view(self._batch_size, length)


class TextTrainer(SequenceTrainer):
    """Trains a recurrent network to foretell the next character; errors go back `steps_back` characters, states on."""

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        self._rows = Rows(self.train[0].flatten(), self._batch_size(), int(number_of(self.hypers, "steps_back")))
        self._batches = self._rows
        self._state = self._rest()

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        if self._rows.fresh:
            self._state, self._rows.fresh = self._rest(), False
        logits, state = self._network.carried(inputs, self._state)
        self._state = tuple(each.detach() for each in state)
        return logits, self.kind.loss(logits, targets)

    def evaluate(self) -> Mapping[str, float]:
        """Score 32,768 held-out characters, 512 in a row from each of 64 places."""
        stream = self.test[0].flatten()
        rows = stream[: len(stream) // ROWS * ROWS].view(ROWS, -1)[:, : COLUMNS + 1]
        with evaluating(self.model):
            logits, _ = self._network.carried(rows[:, :-1], None)
            scores = {"loss": self.kind.loss(logits, rows[:, 1:]), **self.kind.score(logits, rows[:, 1:])}
        return {f"test_{name}": float(value) for name, value in scores.items()}

    def extra_state(self) -> Mapping[str, Tensor]:
        return {**super().extra_state(), **{f"state_{i}": each for i, each in enumerate(self._state)}}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_extra_state(state)
        self._state = tuple(state[f"state_{i}"].to(self.device) for i in range(len(self._state)))

    def _tune(self) -> None:
        super()._tune()
        if hasattr(self, "_rows"):
            self._rows.columns = int(number_of(self.hypers, "steps_back"))

    def _rest(self) -> State:
        return self._network.start(self._batch_size())

    @property
    def _network(self) -> Carrying:
        return cast("Carrying", self.model)
