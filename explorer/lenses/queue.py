"""The queue of keys: how old they are, and how far the encoder has moved away from what it made of them."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import pictures, range_of
from explorer.lenses._sheet import Line, Lines, Numbers, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.contrastive import ContrastiveTrainer
from explorer.training.trainer import Trainer

SHOWN = 12


class Drifts(Protocol):
    """Views whose keys were made at different times: ages (N,), then-and-now cosines (N,), views (N, C, H, W)."""

    @property
    def ages(self) -> Tensor: ...
    @property
    def cosines(self) -> Tensor: ...
    @property
    def views(self) -> Tensor: ...


@runtime_checkable
class Queued(Protocol):
    """A trainer that keeps keys: their ages in steps (K,), −1 for noise, and what became of some of them."""

    @property
    def ages(self) -> Tensor: ...
    def drift(self) -> Drifts: ...


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the keys' ages and at their drift; raises SpecError where no keys are kept."""
    if not isinstance(trainer, Queued) or not isinstance(trainer, ContrastiveTrainer):
        raise SpecError(f"the lens 'queue' looks at keys that wait; {trainer.spec.architecture} keeps none")
    ages, drift = trainer.ages, trainer.drift()
    noise = int((ages < 0).sum())
    oldest = int(ages.max())
    steps, alike = by_age(drift.ages, drift.cosines)
    _, queued = by_age(drift.ages, drift.cosines, oldest)
    some = torch.linspace(0, max(0, len(drift.views) - 1), min(SHOWN, len(drift.views))).round().long()
    some = some.to(drift.views.device)
    lowest = min(0.9, float(np.nanmin(alike, initial=1.0)))
    return sheet(
        Lines(
            "A key against the same view's key now", (Line("cosine", alike),), steps, "age of the key in steps",
            f"1: as if it were made now; the queue ends at {max(0, oldest)}", low=lowest, high=1.0,
        ),
        Lines(
            "Keys by age", (Line("keys", _counted(ages, oldest)),), np.arange(max(1, oldest + 1)),
            "age in steps", "how many wait in the queue", low=0.0,
        ),
        Numbers(
            (
                ("keys in use", f"{len(ages):,}", f"{noise:,} of them still noise" if noise else "none of them noise"),
                ("oldest key", f"{max(0, oldest):,} steps", "queue / batch size"),
                ("oldest, then and now", _last(queued), "cosine"),
            )
        ),
        *_witnesses(trainer, drift, some),
        caption=_caption(queued),
    )  # fmt: skip


def by_age(ages: Tensor, cosines: Tensor, oldest: float = math.inf) -> tuple[np.ndarray, np.ndarray]:
    """Return the ages up to `oldest`, rising, and the mean cosine at each; one NaN where there is nothing yet."""
    found: dict[int, list[float]] = {}
    for age, value in zip(ages.tolist(), cosines.tolist(), strict=True):
        if age <= oldest:
            found.setdefault(int(age), []).append(value)
    if not found:
        return np.zeros(1, np.float32), np.full(1, np.nan, np.float32)
    steps = sorted(found)
    return np.array(steps, np.float32), np.array([np.mean(found[each]) for each in steps], np.float32)


def _counted(ages: Tensor, oldest: int) -> np.ndarray:
    made = ages[ages >= 0]
    return torch.bincount(made, minlength=max(1, oldest + 1)).float().cpu().numpy()


def _last(alike: np.ndarray) -> str:
    return "—" if np.isnan(alike).all() else f"{alike[-1]:.3f}"


def _witnesses(trainer: ContrastiveTrainer, drift: Drifts, some: Tensor) -> list[Tiles]:
    if not len(some):
        return []
    labels = [
        f"{int(age)}: {float(value):.3f}" for age, value in zip(drift.ages[some], drift.cosines[some], strict=True)
    ]
    drawn = pictures(drift.views[some], *range_of(trainer.test[0]))
    return [Tiles("Views that were kept with their keys", drawn, labels, "age: cosine", side=56)]


def _caption(alike: np.ndarray) -> str:
    if np.isnan(alike).all():
        return "The queue holds noise. Keys come with the first step."
    stale = "hardly differ" if alike[-1] > 0.97 else "differ"
    return (
        f"Old keys {stale} from what the encoder would make today. A longer queue holds older keys; more momentum "
        "keeps the encoder closer to the one that made them."
    )
