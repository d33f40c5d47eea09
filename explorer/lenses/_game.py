"""What the lenses on a game of two nets share: the pair, and how probabilities, pictures and points are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from explorer.data import Dataset
from explorer.lenses._looking import pictures
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer


class Told(Protocol):
    """One thing that happens in a step: its title, figures (what, value, where from), and examples it happens to."""

    @property
    def title(self) -> str: ...

    @property
    def figures(self) -> Sequence[tuple[str, str, str]]: ...

    @property
    def examples(self) -> Tensor | None: ...


@runtime_checkable
class Playing(Protocol):
    """A trainer whose model has a `generator` and a `discriminator`; examples are points, or pictures of −1 … 1."""

    dataset: Dataset
    device: torch.device
    model: nn.Module
    real: Tensor  # (N, …) training examples

    @property
    def pictures(self) -> bool: ...

    @property
    def minimax(self) -> bool: ...

    @property
    def steps_done(self) -> int: ...

    @property
    def kept(self) -> Mapping[int, Tensor]: ...

    def latent(self, count: int, seed: int = 0) -> Tensor: ...

    def made(self, z: Tensor) -> Tensor: ...

    def still(self) -> Tensor: ...

    def judged(self, examples: Tensor) -> Tensor: ...

    def told(self) -> Sequence[Told]: ...


def playing(trainer: Trainer, lens: str, wanted: str = "") -> Playing:
    """Return the trainer as a game of two nets; raises SpecError if it is none, or does not make what is wanted.

    `wanted`: "points", "pictures", or either where empty.
    """
    if not isinstance(trainer, Playing):
        raise SpecError(f"the lens '{lens}' looks at a generator and a discriminator; this network has no such pair")
    if wanted and trainer.pictures != (wanted == "pictures"):
        raise SpecError(
            f"the lens '{lens}' needs {wanted}; this pair makes {'pictures' if trainer.pictures else 'points'}"
        )
    return trainer


def generator_of(game: Playing) -> nn.Module:
    return game.model.get_submodule("generator")


def discriminator_of(game: Playing) -> nn.Module:
    return game.model.get_submodule("discriminator")


def verdicts_on(game: Playing, examples: Tensor) -> Tensor:
    """Return D's probability that each example is real, (N,)."""
    net = discriminator_of(game)
    with evaluating(net):
        return net(examples).sigmoid().squeeze(1)


def shown(examples: Tensor) -> np.ndarray:
    """Return pictures of −1 … 1, (N, C, H, W), as uint8."""
    return pictures(examples, -1.0, 1.0)
