"""Trainers around small networks of any shape, for looking at them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from explorer import tasks
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.supervised import SupervisedTrainer


class Standing(SupervisedTrainer):
    """A trainer that holds a given network and random pictures."""

    def __init__(
        self, model: nn.Module, shape: tuple[int, ...], classes: int = 3, kind: str = "classification"
    ) -> None:
        random = np.random.default_rng(0)
        inputs = random.normal(size=(8, *shape)).astype(np.float32)
        targets = np.arange(8) % classes
        self.spec = RunSpec("any", "any", 0)
        self.device = torch.device("cpu")
        self.kind = tasks.get(kind)
        self.dataset = Dataset(inputs, targets, inputs, targets, tuple("abcdefgh"[:classes]), "random numbers")
        self.model = model
        self._place()


class Odd(nn.Module):
    """Stride, padding, dilation, groups, an even kernel at "same", two branches added, pooling, in-place ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.wide = nn.Conv2d(4, 6, 3, padding=2, dilation=2, groups=2)
        self.narrow = nn.Conv2d(4, 6, (1, 4), padding="same", bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(6 * 9, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        x = self.pool(self.norm(self.wide(x)) + self.narrow(x))
        return self.fc(self.drop(torch.flatten(x, 1)))


def odd() -> Standing:
    """Return a trainer with the odd network on pictures of 2 × 13 × 12."""
    torch.manual_seed(0)
    return Standing(Odd().train(), (2, 13, 12))


def state(trainer: Standing) -> tuple[object, ...]:
    """Return all that a look must leave as it was."""
    model = trainer.model
    return (
        {name: value.clone() for name, value in model.state_dict().items()},
        [module.training for module in model.modules()],
        [len(module._forward_hooks) + len(module._backward_hooks) for module in model.modules()],
        [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        [p.requires_grad for p in model.parameters()],
        torch.is_grad_enabled(),
    )


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two states are equal to the last bit."""
    weights = one[0], other[0]
    assert isinstance(weights[0], dict)
    assert isinstance(weights[1], dict)
    grads = zip(one[3], other[3], strict=True)  # type: ignore[call-overload]
    return (
        all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
        and one[1:3] == other[1:3]
        and all((a is None and b is None) or torch.equal(a, b) for a, b in grads)
        and one[4:] == other[4:]
    )
