"""Optimisers by name, their settings from the run's hyperparameters, and the learning rate's schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, nearest
from explorer.training import muon

NAMES = ("sgd", "adam", "adamw", "muon")
SCHEDULES = ("constant", "linear", "cosine")
FLOOR = 0.01  # share of the learning rate that is left when a schedule has run out, so that the run still learns


class Muon(torch.optim.Optimizer):
    """Muon for a network's matrices, AdamW at the same rate for all else: embeddings, biases, norms, kernels.

    A matrix's step is its momentum with all singular values brought to about 1, scaled to be as large as an AdamW
    step (Jordan et al. 2024; the scale: Liu et al. 2025, "Muon is Scalable for LLM Training", sec. 2.2).
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], embeddings: Iterable[Tensor], rate: float, decay: float,
        fused: bool,
    ) -> None:  # fmt: skip
        apart = {id(each) for each in embeddings}
        every = list(parameters)
        matrices = [each for each in every if each.dim() == 2 and id(each) not in apart]
        rest = [each for each in every if each.dim() != 2 or id(each) in apart]
        self._parts: list[torch.optim.Optimizer] = []
        if matrices:
            scale = "match_rms_adamw"
            self._parts.append(muon.Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn=scale))
        if rest:
            self._parts.append(torch.optim.AdamW(rest, lr=rate, weight_decay=decay, betas=(0.9, 0.99), fused=fused))
        super().__init__([group for part in self._parts for group in part.param_groups], {})
        self._share()

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Do one step of both parts."""
        for part in self._parts:
            part.step()

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:  # type: ignore[override]
        super().load_state_dict(dict(state_dict))
        self._share()

    def _share(self) -> None:
        """Let the parts work on this optimiser's own groups and state, so that a checkpoint finds all in one place."""
        for part, group in zip(self._parts, self.param_groups, strict=True):
            part.param_groups, part.state = [group], self.state


def embeddings(model: nn.Module) -> list[Tensor]:
    """Return the matrices whose rows are looked up, tied read-outs with them: no linear map inside the network."""
    return [each.weight for each in model.modules() if isinstance(each, (nn.Embedding, nn.EmbeddingBag))]


def make(
    settings: Settings, parameters: Iterable[nn.Parameter], device: torch.device, apart: Iterable[Tensor] = ()
) -> torch.optim.Optimizer:
    """Return the optimiser that `settings["optimizer"]` names; raises SpecError for an unknown one.

    `apart`: matrices among the parameters that muon leaves to AdamW, such as `embeddings(model)`.
    """
    name = str(settings.get("optimizer", "sgd"))
    fused = device.type in ("cpu", "cuda")  # one kernel for all parameters: a tiny net's step is a fifth faster
    rate = _number(settings, "learning_rate", 0.01)
    decay = _number(settings, "weight_decay", 0.0)
    if name == "sgd":
        momentum = _number(settings, "momentum", 0.0)
        return torch.optim.SGD(parameters, lr=rate, momentum=momentum, weight_decay=decay, fused=fused)
    if name == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=fused)
    if name == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    if name == "muon":
        return Muon(parameters, apart, rate, decay, fused)
    raise SpecError(f"optimizer = {name} is not one of {', '.join(NAMES)}; {nearest(name, NAMES)}")


def apply(optimizer: torch.optim.Optimizer, settings: Settings, step: int) -> None:
    """Write the settings that stand into the optimiser, with the learning rate the schedule gives for this step."""
    values = {
        "lr": _number(settings, "learning_rate", 0.01) * factor(settings, step),
        "weight_decay": _number(settings, "weight_decay", 0.0),
    }
    if isinstance(optimizer, torch.optim.SGD):
        values["momentum"] = _number(settings, "momentum", 0.0)
    for group in optimizer.param_groups:
        group.update(values)


def scheduled(settings: Settings) -> bool:
    """Whether the learning rate changes by itself."""
    return _falls(settings) or _number(settings, "warmup_steps", 0) > 0


def _falls(settings: Settings) -> bool:
    return str(settings.get("schedule", "constant")) != "constant" and _number(settings, "decay_steps", 0) > 0


def factor(settings: Settings, step: int) -> float:
    """Return the share of the learning rate at this step (0 is the first).

    It rises evenly over `warmup_steps`, then is 1, or falls from 1 to FLOOR by the schedule; `decay_steps` count from
    the first step on.
    """
    name = str(settings.get("schedule", "constant"))
    if name not in SCHEDULES:
        raise SpecError(f"schedule = {name} is not one of {', '.join(SCHEDULES)}; {nearest(name, SCHEDULES)}")
    warmup = _number(settings, "warmup_steps", 0)
    risen = min((step + 1) / (warmup + 1), 1.0)
    if not _falls(settings):
        return risen
    done = min(max(0.0, step - warmup) / max(1.0, _number(settings, "decay_steps", 0) - warmup), 1.0)
    left = 1 - done if name == "linear" else (1 + math.cos(math.pi * done)) / 2
    return risen * (FLOOR + (1 - FLOOR) * left)


def _number(settings: Settings, name: str, default: float) -> float:
    value = settings.get(name, default)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return float(value)
