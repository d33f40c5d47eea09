"""CapsNet's own training step: the margin loss, and a little for each pixel that the decoder redraws wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.capsnet.model import SmallCapsNet, build_small
from explorer.data import Dataset
from explorer.data.moved import Overlapping
from explorer.spec import RunSpec, float_of, int_of
from explorer.tasks.capsules import margins
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


class CapsNetTrainer(SupervisedTrainer):
    """One digit a picture: its capsule is to be long, the others short, and the decoder is to redraw it."""

    _wrong: Tensor | None = None  # mean squared error of a pixel in the last step's redrawn pictures

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> None:
        super().__init__(spec, catalog.get(spec.architecture).task(spec.task), build_small, device, upload)

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        network = self.model
        if not isinstance(network, SmallCapsNet):
            return super().objective(inputs, targets)
        v = network.capsules(inputs)
        lengths = network.length(v)
        loss = self.kind.loss(lengths, targets)
        if network.decoder is None:
            return lengths, loss
        wrong = squared(network.redrawn(v, targets), self.ink(inputs))
        self._wrong = wrong.detach().mean() / inputs[0].numel()
        return lengths, loss + self._weight * wrong.mean()

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Add "redrawn", the mean squared error of a pixel, 0 … 1, where there is a decoder."""
        return {**super().batch_scores(), **({} if self._wrong is None else {"redrawn": self._wrong})}

    def evaluate(self) -> Mapping[str, float]:
        return {**super().evaluate(), **self._redrawing()}

    def _redrawing(self) -> dict[str, float]:
        """Return "test_redrawn": how wrong a pixel is when held-out digits are redrawn from their own capsules."""
        network, (inputs, targets) = self.model, self.test
        if not isinstance(network, SmallCapsNet) or network.decoder is None:
            return {}
        total = 0.0
        with evaluating(network):
            for x, y in zip(inputs.split(EVALUATION_BATCH), targets.split(EVALUATION_BATCH), strict=True):
                total += float(squared(network.redrawn(network.capsules(x), y), self.ink(x)).sum())
        return {"test_redrawn": total / inputs.numel()}

    def ink(self, inputs: Tensor) -> Tensor:
        """Return inputs as the decoder draws: 0 … 1, one row a picture."""
        return ((inputs - self._ground) / self._span).flatten(1)

    def example_inputs(self) -> tuple[Tensor, ...]:
        given = super().example_inputs()
        drawn = isinstance(self.model, SmallCapsNet) and self.model.decoder is not None
        return (*given, torch.zeros(1, dtype=torch.long, device=self.device)) if drawn else given

    @property
    def _weight(self) -> float:
        return float_of(self.hypers, "reconstruction")

    def _place(self) -> None:
        super()._place()
        low, high = float(np.min(self.dataset.train_inputs)), float(np.max(self.dataset.train_inputs))
        self._ground, self._span = low, max(high - low, 1e-6)

    def _tune(self) -> None:
        super()._tune()
        if isinstance(self.model, SmallCapsNet):
            self.model.digit_caps.iterations = int_of(self.hypers, "routing")

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_extra_state(state)
        self._wrong = None


class OverlappingTrainer(CapsNetTrainer):
    """Two digits a picture: in each step every digit of the batch is moved and laid over its neighbour."""

    _pairs: Tensor | None = None  # the last step's targets, two digits in one number

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        network = self.model
        assert isinstance(network, SmallCapsNet)
        first, second = self._moved(inputs), self._moved(inputs.roll(1, 0))
        other = targets.roll(1, 0)
        v = network.capsules(torch.maximum(first, second))  # ink on ink stays ink
        lengths = network.length(v)
        self._pairs = 10 * targets + other
        present = torch.nn.functional.one_hot(targets, 10) + torch.nn.functional.one_hot(other, 10)
        counts = (targets != other).to(lengths.dtype)  # two of one kind cannot be told apart by kind
        each = margins(lengths, present.clamp_max(1).to(lengths.dtype))
        if network.decoder is not None:
            wrong = squared(network.redrawn(v, targets), self.ink(first))
            wrong = wrong + squared(network.redrawn(v, other), self.ink(second))
            self._wrong = wrong.detach().mean() / (2 * inputs[0].numel())
            each = each + self._weight * wrong
        return lengths, (each * counts).sum() / counts.sum().clamp_min(1)

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        if self._last is None or self._pairs is None:
            return {}
        drawn = {} if self._wrong is None else {"redrawn": self._wrong}
        return {**self.kind.score(self._last[0], self._pairs), **drawn}

    def _redrawing(self) -> dict[str, float]:
        """Return "test_redrawn": how wrong a pixel is when both digits of held-out pairs are redrawn one by one."""
        network, (inputs, targets) = self.model, self.test
        assert isinstance(network, SmallCapsNet)
        if network.decoder is None:
            return {}
        total = 0.0
        with evaluating(network):
            pairs = (
                inputs.split(EVALUATION_BATCH),
                targets.split(EVALUATION_BATCH),
                self._parts.split(EVALUATION_BATCH),
            )
            for x, y, parts in zip(*pairs, strict=True):
                v = network.capsules(x)
                for place, kept in enumerate((y // 10, y % 10)):
                    total += float(squared(network.redrawn(v, kept), parts[:, place].flatten(1)).sum())
        return {"test_redrawn": total / (2 * inputs.numel())}

    def _moved(self, pictures: Tensor) -> Tensor:
        """Return each picture moved by whole pixels of its own, up to the data set's distance each way."""
        assert isinstance(self.dataset, Overlapping)
        return moved(pictures, self.dataset.shift, self._ground)

    def _place(self) -> None:
        super()._place()
        assert isinstance(self.dataset, Overlapping)
        self._parts = torch.from_numpy(self.dataset.test_parts).to(self.device) / 255


def squared(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Return each picture's sum of squared errors, (B,)."""
    return (drawn - wanted).square().sum(1)


def moved(pictures: Tensor, distance: int, ground: float) -> Tensor:
    """Return pictures (B, C, H, W), each moved by its own whole pixels, drawn from the run's random state."""
    batch, _, height, width = pictures.shape
    device = pictures.device
    padded = torch.nn.functional.pad(pictures, (distance,) * 4, value=ground)
    down, right = torch.randint(0, 2 * distance + 1, (2, batch, 1), device=device)
    rows = torch.arange(height, device=device) + down  # B H
    columns = torch.arange(width, device=device) + right  # B W
    each = torch.arange(batch, device=device)[:, None, None]
    return padded[each, :, rows[:, :, None], columns[:, None]].movedim(3, 1).contiguous()


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer that the task's data need: of one digit a picture, or of two."""
    task = catalog.get(spec.architecture).task(spec.task)
    return (OverlappingTrainer if task.kind == "capsule_pairs" else CapsNetTrainer)(spec, device, upload)
