"""Training on windows of a series, and what is asked of any network that continues one: to run on by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from explorer.data.series import Continued
from explorer.training.sequences import SequenceTrainer
from explorer.training.supervised import evaluating
from explorer.training.text import Carrying


@dataclass(frozen=True)
class Forecast:
    """One held-out window (W,), the value told after each of its own (W,), and the future (H,): told and true."""

    seen: Tensor
    one_step: Tensor
    free: Tensor
    true: Tensor


class Forecaster(Protocol):
    """A trainer that can continue each held-out window of its series."""

    dataset: Continued

    def forecast(self, index: int) -> Forecast: ...


class ForecastTrainer(SequenceTrainer):
    """Trains a recurrent network to tell the next value at every step of a window."""

    def evaluate(self) -> Mapping[str, float]:
        """Add "test_nrmse_free": the error over the whole future when its own answers are its next inputs."""
        told, true = self._continued(self.test[0]), self._future
        free = (told - true).square().mean().sqrt() / true.std(correction=0)
        return {**super().evaluate(), "test_nrmse_free": float(free)}

    def forecast(self, index: int) -> Forecast:
        """Continue the held-out window of this number."""
        window = self.test[0][index : index + 1]  # 1 W 1
        with evaluating(self.model):
            one_step = self.model(window)
        return Forecast(window[0, :, 0], one_step[0, :, 0], self._continued(window)[0], self._future[index])

    def _continued(self, windows: Tensor) -> Tensor:
        """Return the future after each window (N, H): every answer is the next input."""
        network, told = cast("Carrying", self.model), []
        with evaluating(self.model):
            answers, state = network.carried(windows, None)
            for _ in range(self._future.shape[1]):
                told.append(answers[:, -1, 0])
                answers, state = network.carried(answers[:, -1:], state)
        return torch.stack(told, 1)

    def _place(self) -> None:
        super()._place()
        assert isinstance(self.dataset, Continued)
        self._future = torch.from_numpy(self.dataset.future).to(self.device)  # N H
