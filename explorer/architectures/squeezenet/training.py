"""SqueezeNet's trainers: small nets from nothing, and version 1.1 that comes with what it learnt on ImageNet."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from explorer import catalog
from explorer.architectures.squeezenet.small import build_small
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


class PhotographTrainer(SupervisedTrainer):
    """Trains the last layer only; all before it is read from the bundled weights and is in no checkpoint."""

    def modules(self) -> Mapping[str, nn.Module]:
        return {"conv10": self.model.get_submodule("conv10")}

    def evaluate(self) -> Mapping[str, float]:
        """Also return "test_top5", the share whose name is among the five likeliest."""
        inputs, targets = self.test
        with evaluating(self.model):
            logits = self.model(inputs)
        five = (logits.topk(5).indices == targets[:, None]).any(1).float().mean()
        right = self.kind.score(logits, targets)["accuracy"]
        figures = {"test_loss": self.kind.loss(logits, targets), "test_accuracy": right, "test_top5": five}
        return {name: float(f"{float(value):.7g}") for name, value in figures.items()}


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of the task: whatever names weights begins with these."""
    task = catalog.get(spec.architecture).task(spec.task)
    kind = PhotographTrainer if "weights" in spec.knobs else SupervisedTrainer
    return kind(spec, task, build_small, device, upload)
