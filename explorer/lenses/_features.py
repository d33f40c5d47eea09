"""What a network makes of many held-out inputs at once: the numbers before its last layer, the maps of any layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from explorer.training.contrastive import ContrastiveTrainer
from explorer.training.supervised import SupervisedTrainer, evaluating

LAYERS = (nn.Linear, nn.Conv2d)
BATCH = 250


@runtime_checkable
class Capsuled(Protocol):
    """A network that answers by how long its capsules are."""

    def capsules(self, image: Tensor) -> Tensor: ...  # B classes D


def features_of(trainer: SupervisedTrainer, inputs: Tensor, layer: str = "h") -> Tensor:
    """Return what the network knows inputs by, (N, D): h or z where it learns from views, else before the answer.

    Where the answer is how long capsules are, these stand before it: all their numbers.
    """
    if isinstance(trainer, ContrastiveTrainer):
        return trainer.representation(inputs, layer == "z")
    network = trainer.network
    if isinstance(network, Capsuled):
        with evaluating(trainer.network):
            return torch.cat([network.capsules(part).flatten(1) for part in inputs.split(BATCH)])
    return before_the_answer(trainer.network, inputs)


def before_the_answer(model: nn.Module, inputs: Tensor) -> Tensor:
    """Return what the last layer with weights that runs reads of each input, (N, D); maps are averaged over space."""
    seen: list[Tensor] = []

    def keep(module: nn.Module, read: tuple[Tensor, ...]) -> None:
        seen.append(read[0])

    found: list[Tensor] = []
    with evaluating(model), _reading(model, keep):
        for part in inputs.split(BATCH):
            seen.clear()
            model(part)
            found.append(_flat(seen[-1]))
    return torch.cat(found)


@contextmanager
def _reading(model: nn.Module, keep) -> Iterator[None]:  # type: ignore[no-untyped-def] - a forward pre-hook
    handles = [each.register_forward_pre_hook(keep) for each in model.modules() if isinstance(each, LAYERS)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _flat(values: Tensor) -> Tensor:
    return values.mean((2, 3)) if values.dim() == 4 else values.flatten(1)


def outputs_of(model: nn.Module, path: str, inputs: Tensor) -> Tensor:
    """Return what the module at `path` gives for each input, (N, …); raises AttributeError for an unknown path."""
    kept: list[Tensor] = []

    def keep(module: nn.Module, read: tuple[Tensor, ...], output: Tensor) -> None:
        kept.append(output)

    handle = model.get_submodule(path).register_forward_hook(keep)
    try:
        with evaluating(model):
            for part in inputs.split(BATCH):
                model(part)
    finally:
        handle.remove()
    return torch.cat(kept)
