"""Where in a picture each class is seen, by the network's own last maps: no gradients, only the forward pass.

Works for any network whose answer is the mean (or the largest cell) of one map for each class, and for those that
average their last maps before one linear layer: weighted by that layer, they add up to a map for each class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._looking import int_option, pictures, range_of, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Bars, Colours, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SHOWN = 8  # pictures side by side
FOR, AGAINST = (0.12, 0.36, 0.85), (0.88, 0.52, 0.05)  # blue and amber, as everywhere
STRENGTH = 0.8  # of the colour where a map is strongest
STEEPNESS = 1.5  # weak places fade, so that the strong ones stand out


@dataclass(frozen=True)
class Answer:
    """How a network's logits come from maps (N, K, h, w), one for each class."""

    maps: Tensor
    by: str  # what makes one number of a map


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Show the class maps of an own picture or of held-out ones from `index` on.

    Option `shown`: which of them is taken apart; `target`: the class whose map is laid over it, −1 for the answer.
    Raises SpecError for data without pictures and for networks whose answer does not come from maps.
    """
    trainer = supervised(trainer, "class_maps")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(f"class maps need pictures; this data has inputs of shape {trainer.dataset.input_shape}")
    x, targets = _several(trainer, request)
    with evaluating(trainer.model), recording(trainer.model) as links:
        logits = trainer.model(x)
    found = answer_of(logits, links)
    probabilities = trainer.kind.probabilities(logits)  # N K
    shown = int_option(request, "shown", 0, 0, len(x) - 1)
    answers = probabilities.argmax(1)
    target = int_option(request, "target", -1, -1, logits.shape[1] - 1)
    chosen = answers.clone()
    if target >= 0:
        chosen[shown] = target
    return _drawn(trainer, x, targets, found, probabilities, chosen, shown)


def _several(trainer: SupervisedTrainer, request: LensRequest) -> tuple[Tensor, list[int]]:
    """Return the picture asked for and the held-out ones after it, with their classes; −1 for an own picture."""
    inputs, targets = trainer.test
    first, index = picture(request, trainer.test)
    rest = [(index + step) % len(targets) for step in range(1, min(SHOWN, len(targets)))]
    classes = [int(targets[index]) if index >= 0 else -1, *(int(targets[at]) for at in rest)]
    return torch.cat([first, inputs[rest]]), classes


# ---- where the logits come from --------------------------------------------------------------------------------------


def answer_of(logits: Tensor, links: list[Link]) -> Answer:
    """Return the maps (N, K, h, w) that the logits (N, K) are read from; raises SpecError if there are none."""
    with torch.no_grad():
        found = _class_maps(logits, links) or _weighted_maps(logits, links)
    if found is None:
        last = next((type(link.module).__name__ for link in reversed(links)), "nothing")
        raise SpecError(
            "class maps need a network that ends in the average of its maps, alone or before one linear layer; this "
            f"one ends in a layer ({last}) that weighs every cell by itself, so that no map belongs to a class"
        )
    return found


def _class_maps(logits: Tensor, links: list[Link]) -> Answer | None:
    for maps in _maps(links, logits.shape[1]):
        if _equal(maps.mean((2, 3)), logits):
            return Answer(maps, "mean")
        if _equal(maps.amax((2, 3)), logits):
            return Answer(maps, "largest cell")
    return None


def _weighted_maps(logits: Tensor, links: list[Link]) -> Answer | None:
    """Sum the averaged maps by the weights that the last layer gives them (Zhou et al. 2015, sec. 2)."""
    last = links[-1] if links else None
    if last is None or not isinstance(last.module, nn.Linear) or not _equal(last.left, logits):
        return None
    for maps in _maps(links, last.module.in_features):
        if _equal(maps.mean((2, 3)), last.seen):
            weight = last.module.weight[:, :, None, None]  # K C 1 1
            return Answer(F.conv2d(maps, weight, last.module.bias), "mean")
    return None


def _maps(links: list[Link], channels: int) -> list[Tensor]:
    """Return the outputs with so many maps of more than one cell, the last first."""
    maps = [link.left for link in reversed(links) if link.left.dim() == 4 and link.left.shape[1] == channels]
    return [each for each in maps if each.shape[2] * each.shape[3] > 1]


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-4, atol=1e-5)


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _drawn(
    trainer: SupervisedTrainer, x: Tensor, targets: list[int], found: Answer, probabilities: Tensor,
    chosen: Tensor, shown: int,
) -> Frame:  # fmt: skip
    classes = trainer.dataset.classes
    places = torch.arange(len(x), device=x.device)
    over = laid_over(pictures(x, *range_of(trainer.test[0])), found.maps[places, chosen])
    maps = found.maps[shown]  # K h w
    scores = maps.mean((1, 2)) if found.by == "mean" else maps.amax((1, 2))
    answers = probabilities.argmax(1).tolist()
    sizes = f"{maps.shape[1]} × {maps.shape[2]}"
    return sheet(
        Tiles(
            "Where the answer is seen", over, [_said(classes, *each) for each in zip(answers, targets, strict=True)],
            "click a picture to take it apart", side=92, pick="shown", chosen=shown,
        ),
        Tiles(
            "Its class maps", signed_bytes(maps, float(maps.abs().max())),
            [f"{name} {float(score):.1f}".replace("-", "−") for name, score in zip(classes, scores, strict=True)],
            f"{sizes} cells each; click one to lay it over", Colours.SIGNED, side=66, pick="target",
            chosen=int(chosen[shown]),
        ),
        Bars("The answer", classes, probabilities[shown].tolist(), shares=True, most=1.0, hand=int(chosen[shown])),
        caption=(
            f"The {found.by} of each map is the score of its class. Blue speaks for the class, amber against it; "
            "over the pictures lies the map of the class answered."
        ),
    )  # fmt: skip


def _said(classes: tuple[str, ...], answer: int, target: int) -> str:
    return classes[answer] if target in (answer, -1) else f"{classes[answer]}, not {classes[target]}"


def laid_over(drawn: np.ndarray, maps: Tensor) -> np.ndarray:
    """Return pictures (N, H, W[, 3]) uint8 with maps (N, h, w) in colour over them, (N, H, W, 3) uint8.

    Each map is scaled by its own largest cell.
    """
    grey = 255 - drawn[..., None].repeat(3, -1) if drawn.ndim == 3 else drawn  # ink is dark, on light ground
    size = (drawn.shape[1], drawn.shape[2])
    values = F.interpolate(maps[:, None].float(), size=size, mode="bilinear", align_corners=False)[:, 0]
    most = values.abs().amax((1, 2), keepdim=True).clamp_min(1e-12)
    share = (values / most).cpu().numpy()[..., None]  # N H W 1, −1 … 1
    colour = np.where(share > 0, np.array(FOR), np.array(AGAINST)) * 255
    ground = 0.35 * grey + 0.65 * grey.mean(-1, keepdims=True)  # paler, so that the map's colours stand out
    mixed = ground + (colour - ground) * (STRENGTH * np.abs(share) ** STEEPNESS)
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
