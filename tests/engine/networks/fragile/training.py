from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping

import torch
from explorer.architectures.fragile.model import build_small  # pyright: ignore[reportMissingImports]
from torch import Tensor

from explorer import catalog
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.supervised import SupervisedTrainer


class FragileTrainer(SupervisedTrainer):
    """Trains like any other until its step of trouble."""

    def train_step(self) -> Mapping[str, float | Tensor]:
        time.sleep(0.0005)  # about two thousand steps a second at most: time to interfere
        if self._steps + 1 == self.spec.knobs["at"]:
            self._trouble()
        return super().train_step()

    def _trouble(self) -> None:
        match self.spec.knobs["trouble"]:
            case "raise":
                raise RuntimeError("the network fell over")
            case "exit":
                os._exit(3)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "memory":
                torch.empty(1 << 38)  # a tebibyte, never touched: the limit on address space refuses it


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> FragileTrainer:
    task = catalog.get(spec.architecture).task(spec.task)
    return FragileTrainer(spec, task, build_small, device, upload)
