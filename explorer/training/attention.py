"""Attention as it ran: scores, what a mask hid, and weights of every head, from any network made of the four stages.

A module attends if it has the parts `scores`, `softmax` and `mix`, and perhaps `mask`; nothing else is asked of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

Head = tuple[str, int]  # path of an attention module, number of the head


@dataclass
class Seen:
    """One call of one attention module; all (B, H, T, S), `masked` equals `scores` where no mask is used."""

    path: str
    scores: Tensor
    masked: Tensor
    weights: Tensor
    crosses: bool = False  # whether the keys come from elsewhere than the queries


def attentions(model: nn.Module) -> dict[str, nn.Module]:
    """Return every module that attends, by its path, in the order of the network."""
    return {path: each for path, each in model.named_modules() if _stages(each) >= {"scores", "softmax", "mix"}}


def _stages(module: nn.Module) -> set[str]:
    return {name for name, _ in module.named_children()}


@contextmanager
def recording(model: nn.Module) -> Iterator[list[Seen]]:
    """Inside, a forward pass fills the list, one entry for each attention in the order in which they ran."""
    seen: list[Seen] = []
    with ExitStack() as hooks:
        for path, module in attentions(model).items():
            for handle in _hooks(path, module, seen):
                hooks.callback(handle.remove)
        yield seen


def _hooks(path: str, module: nn.Module, seen: list[Seen]) -> Iterator[RemovableHandle]:
    def begins(_: nn.Module, inputs: Sequence[object]) -> None:
        crosses = len(inputs) > 1 and isinstance(inputs[1], Tensor) and inputs[0] is not inputs[1]
        nothing = inputs[0] if isinstance(inputs[0], Tensor) else Tensor()
        seen.append(Seen(path, nothing, nothing, nothing, crosses))

    def scored(_: nn.Module, inputs: object, output: Tensor) -> None:
        seen[-1].scores = seen[-1].masked = output

    def masked(_: nn.Module, inputs: object, output: Tensor) -> None:
        seen[-1].masked = output

    def weighed(_: nn.Module, inputs: object, output: Tensor) -> None:
        seen[-1].weights = output

    yield module.register_forward_pre_hook(begins)
    yield module.get_submodule("scores").register_forward_hook(scored)
    if "mask" in _stages(module):
        yield module.get_submodule("mask").register_forward_hook(masked)
    yield module.get_submodule("softmax").register_forward_hook(weighed)


@contextmanager
def switched_off(model: nn.Module, heads: Collection[Head]) -> Iterator[None]:
    """Inside, the heads named give nothing: their weights are zero where values are mixed."""
    known = attentions(model)
    with ExitStack() as hooks:
        for path in {path for path, _ in heads}:
            off = [head for name, head in heads if name == path]
            hooks.callback(known[path].get_submodule("mix").register_forward_pre_hook(_silencing(off)).remove)
        yield


def _silencing(heads: list[int]):  # type: ignore[no-untyped-def] - a forward pre-hook
    def silence(_: nn.Module, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        weights, value = inputs
        keep = weights.new_ones(weights.shape[1])
        for head in heads:
            keep[head] = 0
        return weights * keep[:, None, None], value

    return silence
