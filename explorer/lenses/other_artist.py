"""The same thing in another hand: is a held-out emoji found among those by the other artist?"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from explorer.data.artists import ARTISTS, Counterparts
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import contrasting, layer_choice, layer_option
from explorer.lenses._looking import int_option, pictures, range_of
from explorer.lenses._sheet import Box, Numbers, Slider, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.contrastive_scores import found_again
from explorer.training.trainer import Trainer

ROWS, NEAREST = 6, 5

_of_pixels: WeakKeyDictionary[Trainer, tuple[float, float]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at some emoji and their nearest by the other artist; `page` chooses which, `layer` by h or z."""
    trainer = contrasting(trainer, "other_artist")
    if not isinstance(trainer.dataset, Counterparts):
        raise SpecError("the lens 'other_artist' needs everything drawn twice; this data has one picture of each")
    layer = layer_option(request, "h")
    inputs, names = trainer.test[0], trainer.dataset.names
    page = int_option(request, "page", 1, 1, -(-len(names) // ROWS))
    seen = trainer.representation(inputs, layer == "z")
    asked = torch.arange((page - 1) * ROWS, min(page * ROWS, len(names)), device=inputs.device)
    places = _nearest(seen[::2], seen[1::2])[asked]  # rows NEAREST
    shown = torch.cat([inputs[::2][asked][:, None], inputs[1::2][places]], 1)  # rows 1+NEAREST C H W
    return sheet(
        Tiles(
            f"By {ARTISTS[0]}, and the {NEAREST} nearest by {ARTISTS[1]}",
            pictures(shown.flatten(0, 1), *range_of(inputs)),
            _labels(names, asked, places), "framed and ✓: the same emoji", columns=1 + NEAREST, side=64,
            boxes=_frames(asked, places, inputs.shape[-1]),
        ),
        Numbers(_figures(trainer, seen)),
        caption=(
            "Nobody told the network that two artists drew one thing, unless pairs are made of two artists. Each "
            "artist's mean is taken off first, so that style does not count."
        ),
        controls=(Slider("page", "Page", page, 1, -(-len(names) // ROWS)), layer_choice(layer)),
    )  # fmt: skip


def _nearest(first: Tensor, second: Tensor) -> Tensor:
    """Return the places of the nearest of `second` for each of `first`, (N, NEAREST)."""
    one, other = (unit(each - each.mean(0)) for each in (first, second))
    return (one @ other.T).topk(NEAREST, 1).indices


def _labels(names: tuple[str, ...], asked: Tensor, places: Tensor) -> list[str]:
    rows = zip(asked.tolist(), places.tolist(), strict=True)
    return [
        "✓ " * (at > 0 and each == own) + _short(names[each])
        for own, found in rows
        for at, each in enumerate((own, *found))
    ]


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"


def _frames(asked: Tensor, places: Tensor, side: int) -> list[Box]:
    right = (places == asked[:, None]).nonzero().tolist()
    return [Box(row * (1 + NEAREST) + 1 + column, 0.5, 0.5, side - 0.5, side - 0.5, hand=True) for row, column in right]


def _figures(trainer: ContrastiveTrainer, seen: Tensor) -> list[tuple[str, str, str]]:
    inputs = trainer.test[0].flatten(1)
    if trainer not in _of_pixels:
        first, second = inputs[::2], inputs[1::2]
        _of_pixels[trainer] = float(found_again(first, second, 1)), float(found_again(first, second, NEAREST))
    once, few = _of_pixels[trainer]
    right, near = (float(found_again(seen[::2], seen[1::2], within)) for within in (1, NEAREST))
    of = f"of {len(inputs) // 2} held-out emoji"
    return [
        ("the nearest is right", _percent(right), f"{of}, both ways"),
        ("by pixels alone", _percent(once), of),
        (f"among the {NEAREST} nearest", _percent(near), f"{of}, both ways"),
        ("by pixels alone", _percent(few), of),
    ]  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
