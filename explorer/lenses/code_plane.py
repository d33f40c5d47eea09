"""The codes of held-out pictures in the plane of their largest spread, and what the decoder makes of that plane."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._codes import coding, pixels, shown
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Points, Slider, Tiles, sheet
from explorer.lenses.embedding import turn
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

POINTS = 300
GRID = 9  # pictures along each side of the decoded plane


@dataclass(frozen=True)
class Axes:
    """The plane: places (N, 2) of the codes, and `directions` (2, D) of length 1 that lead back into the code."""

    middle: Tensor
    directions: Tensor
    places: Tensor
    spread: float


_before: WeakKeyDictionary[Trainer, Tensor] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at 300 codes; option `reach`: how many spreads the decoded plane goes out from the middle, 1 … 4."""
    trainer, encoder, decoder = coding(trainer, "code_plane")
    reach = int_option(request, "reach", 2, 1, 4)
    inputs, targets = trainer.test[0][:POINTS], trainer.test[1][:POINTS]
    with evaluating(trainer.model):
        codes = encoder(inputs)
        axes = _axes(trainer, codes)
        made = decoder(_grid(axes, reach))
    share = axes.places.square().sum() / (codes - axes.middle).square().sum().clamp_min(1e-12)
    return sheet(
        Points(
            "Codes of held-out pictures", (axes.places / axes.spread).cpu().numpy(), targets.cpu().numpy(),
            trainer.dataset.classes, shown(pixels(trainer, inputs)), span=1.15 * max(2, reach), side=430,
        ),
        Tiles(
            "The plane, decoded", shown(made), note=f"{reach} spreads each way from the middle", columns=GRID, side=42
        ),
        caption=(
            f"Near in the code is alike in the picture. The plane holds {float(share):.0%} of the spread of "
            f"{codes.shape[1]} numbers; nobody told the network the classes."
        ),
        controls=(Slider("reach", "Decoded, spreads", reach, 1, 4),),
    )  # fmt: skip


def _axes(trainer: Trainer, codes: Tensor) -> Axes:
    """Return the plane of the codes' largest spread, turned towards the one shown last."""
    middle = codes.mean(0)
    centred = codes - middle
    _, _, found = torch.linalg.svd(centred, full_matrices=False)
    directions = torch.cat([found[:2], found.new_zeros(max(0, 2 - len(found)), found.shape[1])])
    places = centred @ directions.T
    spread = float(places.square().mean().sqrt().clamp_min(1e-12))
    before = _before.get(trainer)
    if before is not None and before.shape == places.shape:
        turned = turn(places / spread, before)
        directions, places = turned.T @ directions, places @ turned
    _before[trainer] = places / spread
    return Axes(middle, directions, places, spread)


def _grid(axes: Axes, reach: int) -> Tensor:
    """Return the codes at the points of a lattice, (GRID², D): row by row, the highest first."""
    steps = torch.linspace(-reach, reach, GRID, device=axes.middle.device) * axes.spread
    y, x = torch.meshgrid(-steps, steps, indexing="ij")
    return axes.middle + torch.stack([x.flatten(), y.flatten()], 1) @ axes.directions
