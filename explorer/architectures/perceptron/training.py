"""Rosenblatt's rule and gradient descent, side by side, one sample a step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import catalog, data
from explorer.architectures.perceptron.model import SideBySide, build_small
from explorer.data import Dataset
from explorer.spec import RunSpec, Settings, float_of
from explorer.training.batches import Batches
from explorer.training.supervised import DATA_HYPERS
from explorer.training.trainer import Trainer


class PerceptronTrainer(Trainer):
    """Both neurons see the same sample in each step; the threshold neuron changes only when it is wrong."""

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None) -> None:
        self.spec, self.device, self._upload = spec, device, upload
        self.task = catalog.get(spec.architecture).task(spec.task)
        self.hypers = dict(spec.hypers)
        self.dataset = self._load()
        self._place()
        self.both = _both(spec, self.dataset).to(device)
        self.model = self.both
        self._batches = Batches(*self.train, 1, spec.seed)
        self._descent = torch.optim.SGD(self.both.sigmoid.parameters(), lr=self._rate)
        self.sample: tuple[Tensor, Tensor] | None = None

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Show one sample to both; "loss" is the sigmoid neuron's, "mistake" is 1 where the threshold erred."""
        x, target = self._batches.next()  # 1 in, 1
        t = target.to(x.dtype)[:, None]  # 1 1
        self.sample = (x, target)
        mistake = self._rosenblatt(x, t)
        loss = F.binary_cross_entropy_with_logits(self.both.sigmoid(x), t)
        self._descent.zero_grad(set_to_none=True)
        loss.backward()
        self._descent.step()
        return {"loss": loss.detach(), "mistake": mistake}

    def _rosenblatt(self, x: Tensor, t: Tensor) -> Tensor:
        """w ← w + η (t − y) x: nothing moves while the answer is right."""
        with torch.no_grad():
            error = t - self.both.rosenblatt(x)  # 1 1
            unit = self.both.rosenblatt.sum
            unit.weight += self._rate * error * torch.flatten(x, 1)
            if unit.bias is not None:
                unit.bias += self._rate * error[0]
        return error.abs().squeeze()

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return the share of all training points that each neuron has right at this moment."""
        rosenblatt, sigmoid = self._shares(*self.train)
        return {"accuracy": rosenblatt, "accuracy_sigmoid": sigmoid}

    def evaluate(self) -> Mapping[str, float]:
        rosenblatt, sigmoid = self._shares(*self.test)
        with torch.no_grad():
            logits = self.both.sigmoid(self.test[0]).squeeze(1)
            loss = F.binary_cross_entropy_with_logits(logits, self.test[1].to(logits.dtype))
        return {"test_accuracy": float(rosenblatt), "test_accuracy_sigmoid": float(sigmoid), "test_loss": float(loss)}

    def _shares(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            answers = self.model(inputs) > 0.5  # N 2
        right = (answers == (targets > 0)[:, None]).float().mean(0)  # 2
        return right[0], right[1]

    def set_hypers(self, values: Settings) -> None:
        before = dict(self.hypers)
        self.hypers.update(values)
        if any(self.hypers.get(name) != before.get(name) for name in DATA_HYPERS):
            self.dataset = self._load()
            self._place()
            self._batches.replace(*self.train)
        self._apply_rate()

    def _apply_rate(self) -> None:
        for group in self._descent.param_groups:
            group["lr"] = self._rate

    @property
    def _rate(self) -> float:
        return float_of(self.hypers, "learning_rate")

    @property
    def steps_per_epoch(self) -> float:
        return self._batches.per_epoch

    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        return {"descent": self._descent}

    def extra_state(self) -> Mapping[str, Tensor]:
        return self._batches.state()

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        self._batches.load(state)
        self.sample = None
        self._apply_rate()

    def _load(self) -> Dataset:
        if self._upload is not None:
            return self._upload
        own = {name: self.hypers[name] for name in DATA_HYPERS if name in self.hypers}
        return data.load(self.task.dataset, {**self.spec.data, **own}, self.spec.seed)

    def _place(self) -> None:
        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

        self.train = tensor(self.dataset.train_inputs), tensor(self.dataset.train_targets)
        self.test = tensor(self.dataset.test_inputs), tensor(self.dataset.test_targets)


def _both(spec: RunSpec, dataset: Dataset) -> SideBySide:
    model = build_small(spec.knobs, dataset.input_shape, 1)
    assert isinstance(model, SideBySide)
    return model


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of both neurons."""
    return PerceptronTrainer(spec, device, upload)
