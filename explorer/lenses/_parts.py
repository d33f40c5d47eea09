"""Parts of a network that can be switched off while the rest stands: residual blocks, and branches side by side.

A residual block has a method `branch(x)`, what its own layers make of its input, and an attribute `shortcut`: the
module that leads around them, or None in a plain net. A module with branches has a method `branches()`: by name, the
modules whose outputs are joined by channel, in that order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.training.randomness import generator
from explorer.training.supervised import evaluating


class Block(Protocol):
    """A residual block: what leads around is added to `branch(x)`."""

    shortcut: nn.Module | None

    def branch(self, x: Tensor) -> Tensor: ...


class Branched(Protocol):
    def branches(self) -> Mapping[str, nn.Module]: ...


@dataclass(frozen=True)
class Part:
    """A block or a branch; of a branch, also its channels and the module whose output it is a share of."""

    name: str
    module: nn.Module
    whole: nn.Module | None = None
    channels: int = 0

    def off(self) -> AbstractContextManager[None]:
        """Inside, the part is switched off: a block passes on what it gets, a branch gives zeros."""
        return _silent(self.module) if self.whole is not None else _passing(self.module)

    def random_off(self, seed: int) -> AbstractContextManager[None]:
        """Inside, as many channels as the branch has, drawn from all of the module's, give zeros."""
        assert self.whole is not None
        return _silent(self.whole, self.channels, seed)


def blocks(model: nn.Module) -> dict[str, Block]:
    """Return the residual blocks by path, first to last, and those of plain nets."""
    return {
        path: cast("Block", module)
        for path, module in model.named_modules()
        if callable(getattr(module, "branch", None)) and hasattr(module, "shortcut")
    }


def branched(model: nn.Module) -> dict[str, Branched]:
    """Return the modules that have branches by path, first to last."""
    return {
        path: cast("Branched", module)
        for path, module in model.named_modules()
        if callable(getattr(module, "branches", None))
    }


def parts(model: nn.Module, one: Tensor) -> list[Part]:
    """Return all that can be switched off; `one` is an input of batch 1, to see what has which shape."""
    shapes = _shapes(model, one)
    found = [
        Part(layer_name(path, 2), cast("nn.Module", block))
        for path, block in blocks(model).items()
        if block.shortcut is not None or shapes[path][0] == shapes[path][1]
    ]
    paths = {module: path for path, module in model.named_modules()}
    for path, module in branched(model).items():
        for name, branch in module.branches().items():
            whole = cast("nn.Module", module)
            found.append(Part(f"{layer_name(path, 2)}: {name}", branch, whole, shapes[paths[branch]][1][1]))
    return found


def _shapes(model: nn.Module, one: Tensor) -> dict[str, tuple[torch.Size, torch.Size]]:
    """Return the shapes of what every module reads and gives, by path."""
    found: dict[str, tuple[torch.Size, torch.Size]] = {}
    paths = {module: path for path, module in model.named_modules()}

    def keep(module: nn.Module, read: tuple[Tensor, ...], output: object) -> None:
        if read and isinstance(output, Tensor):
            found[paths[module]] = (read[0].shape, output.shape)

    handles = [module.register_forward_hook(keep) for module in paths]
    try:
        with evaluating(model):
            model(one)
    finally:
        for handle in handles:
            handle.remove()
    return found


@contextmanager
def _passing(block: nn.Module) -> Iterator[None]:
    """Inside, the block's own layers add nothing; those of a plain block pass on what they get."""
    plain = cast("Block", block).shortcut is None
    block.branch = (lambda x: x) if plain else (lambda x: x.new_zeros(()))  # type: ignore[assignment]
    try:
        yield
    finally:
        del block.branch


@contextmanager
def _silent(module: nn.Module, channels: int = 0, seed: int = 0) -> Iterator[None]:
    """Inside, the module's output is zero; or only so many of its channels are, drawn by the seed."""

    def zeros(module: nn.Module, read: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if not channels:
            return torch.zeros_like(output)
        drawn = torch.randperm(output.shape[1], generator=generator(output.device, seed), device=output.device)
        left = output.clone()
        left[:, drawn[:channels]] = 0
        return left

    handle = module.register_forward_hook(zeros)
    try:
        yield
    finally:
        handle.remove()


def inputs_of(model: nn.Module, found: Mapping[str, object], inputs: Tensor) -> dict[str, Tensor]:
    """Return what each of the modules reads while the network answers `inputs`, by path."""
    seen: dict[str, Tensor] = {}

    def hook(path: str):  # type: ignore[no-untyped-def] - a forward pre-hook
        return lambda module, read: seen.update({path: read[0]})

    handles = [cast("nn.Module", module).register_forward_pre_hook(hook(path)) for path, module in found.items()]
    try:
        with evaluating(model):
            model(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return seen
