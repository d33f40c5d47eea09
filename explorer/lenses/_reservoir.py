"""What the lenses on reservoirs share: the network as one that echoes, and what is kept while the reservoir stays."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from explorer.data.series import Continued
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer


class Body(Protocol):
    """A reservoir: its recurrent weights, its leak, and one step of it."""

    W: nn.Linear
    leak: float

    def __call__(self, u: Tensor | None, x: Tensor, y: Tensor) -> Tensor: ...


class Readout(Protocol):
    W_out: nn.Linear


class Echoing(Protocol):
    """A network that listens to a reservoir."""

    reservoir: Body
    readout: Readout
    units: int

    def step(self, value: Tensor, x: Tensor) -> Tensor: ...

    def rest(self, batch: int) -> Tensor: ...


_kept: WeakKeyDictionary[Trainer, dict[str, tuple[Hashable, Tensor]]] = WeakKeyDictionary()


def echoing(trainer: Trainer, lens: str) -> tuple[Echoing, Continued]:
    """Return the trainer's network and its series; raises SpecError for a network without a reservoir."""
    data = getattr(trainer, "dataset", None)
    if not all(hasattr(trainer.model, name) for name in ("reservoir", "step", "rest")) or not isinstance(
        data, Continued
    ):
        raise SpecError(f"the lens '{lens}' looks at a reservoir; {trainer.spec.architecture} has none")
    return cast("Echoing", trainer.model), data


def kept(trainer: Trainer, what: str, key: Hashable, make: Callable[[], Tensor]) -> Tensor:
    """Return what `make` gives, made only if the key or the reservoir has changed since the last time."""
    network = cast("Echoing", trainer.model)
    with evaluating(trainer.model):
        body = network.reservoir
        whole = (key, float(body.W.weight.square().sum()), body.leak, *_inputs(trainer.model))
        mine = _kept.setdefault(trainer, {})
        if what not in mine or mine[what][0] != whole:
            mine[what] = whole, make()
        return mine[what][1]


def _inputs(model: nn.Module) -> tuple[float, ...]:
    """Return a number that changes with the input weights."""
    named = dict(model.named_parameters())
    return tuple(float(named[name].square().sum()) for name in named if name.endswith("W_in.weight"))


def window_of(trainer: Trainer, data: Continued, index: int) -> Tensor:
    """Return the values of a held-out window, (W,)."""
    return torch.from_numpy(data.test_inputs[index, :, 0]).to(trainer.device)
