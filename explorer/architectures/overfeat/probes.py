"""What the experiments measure on a trained OverFeat: one pass over wide scenes against their windows one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from explorer.architectures.overfeat.small import SmallOverFeat
from explorer.architectures.overfeat.training import LocatingTrainer
from explorer.data import scenes
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SIDE, DIGITS, SCENES = 128, 5, 4
SEED = 9_000
TIMED = 3  # the quickest of so many


def windows(trainer: Trainer) -> dict[str, float]:
    """Return `difference` (largest of all logits), `same` (share of places of one answer), both MACs, `time_ratio`."""
    assert isinstance(trainer, LocatingTrainer)
    model, wide = trainer.model, _wide(trainer)
    with evaluating(model):
        pairs = [(_rows(model(scene)), _rows(model.windows(scene))) for scene in wide.split(1)]
        difference = max(float((dense - cut).abs().max()) for dense, cut in pairs)
        same = [(dense[:, :-4].argmax(1) == cut[:, :-4].argmax(1)).float().mean() for dense, cut in pairs]
        return {
            "difference": difference,
            "same": float(torch.stack(same).mean()),
            "places": float(len(pairs[0][0])),
            **_costs(model, wide[:1]),
        }


def _wide(trainer: LocatingTrainer) -> Tensor:
    style = replace(trainer.dataset.style, side=SIDE, least=DIGITS, most=DIGITS)
    drawn = scenes.scenes(style, SCENES, True, SEED)
    return torch.from_numpy(scenes.normalised(drawn.pixels)).to(trainer.device)


def _rows(maps: Tensor) -> Tensor:
    """Return maps (n, K, h, w) as one row of answers for each place, (n·h·w, K)."""
    return maps.permute(0, 2, 3, 1).flatten(0, 2)


def _costs(model: SmallOverFeat, scene: Tensor) -> dict[str, float]:
    ways: dict[str, Callable[[Tensor], Tensor]] = {"dense": model, "windows": model.windows}
    macs = {f"macs_{name}": _macs(way, scene) for name, way in ways.items()}
    seconds = {name: min(_seconds(way, scene) for _ in range(TIMED)) for name, way in ways.items()}
    return {**macs, "time_ratio": seconds["windows"] / max(seconds["dense"], 1e-9)}


def _macs(way: Callable[[Tensor], Tensor], scene: Tensor) -> float:
    with FlopCounterMode(display=False) as counter:
        way(scene)
    return counter.get_total_flops() / 2


def _seconds(way: Callable[[Tensor], Tensor], scene: Tensor) -> float:
    begin = time.perf_counter()
    way(scene)
    return time.perf_counter() - begin
