"""Walking through the code: from one picture to another, and by hand along the directions of its largest spread."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._codes import coding, pixels, shown
from explorer.lenses._looking import int_option
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Bars, Slider, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

STEPS = 9
HANDS = 4  # directions with a slider
MEASURED = 300  # codes that the directions are found from
LABELS = ("from", *("" for _ in range(STEPS - 2)), "to")


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Walk from an own or held-out picture `index` to held-out picture `to`; `turn1` … `turn4` move the first's code.

    Turns are counted in spreads of the held-out codes along each direction, −3 … 3.
    """
    trainer, encoder, decoder = coding(trainer, "code_walk")
    start, index = picture(request, trainer.test)
    inputs = trainer.test[0]
    to = int_option(request, "to", 1, 0, len(inputs) - 1)
    with evaluating(trainer.model):
        codes = encoder(inputs[:MEASURED])
        ends = encoder(torch.cat([start, inputs[to : to + 1]]))
        way = torch.linspace(0, 1, STEPS, device=ends.device)[:, None]
        walked = decoder(ends[:1] + way * (ends[1:] - ends[:1]))
        spreads, directions = _directions(codes)
        turns = [_turn(request, n) for n in range(1, len(spreads) + 1)]
        moved = ends[:1] + (torch.tensor(turns, device=ends.device) * spreads) @ directions
        turned = decoder(torch.cat([ends[:1], moved]))
    mixed = torch.lerp(walked[:1], walked[-1:], way[:, :, None, None])
    return sheet(
        Tiles("Walking in the code", shown(walked), LABELS, f"{ends.shape[1]} numbers move together", side=64),
        Tiles("Mixing the pixels", shown(mixed), LABELS, "two pictures on top of each other", side=64),
        Tiles("By hand", shown(turned), ("as it is", "turned"), "with the sliders", side=120),
        Bars(
            "Its code", [str(n + 1) for n in range(min(16, ends.shape[1]))], moved[0, :16].tolist(),
            note="" if ends.shape[1] <= 16 else f"the first 16 of {ends.shape[1]} numbers",
        ),
        caption=(
            "Half way in the code is a picture of its own; half way in the pixels is two pictures. "
            "The directions are those along which the codes of held-out pictures differ most."
        ),
        controls=(
            Slider("to", "To picture", to, 0, min(999, len(inputs) - 1)),
            *(
                Slider(f"turn{n}", f"Direction {n}", value, -3, 3, 0.25)
                for n, value in enumerate(turns, 1)
            ),
        ),
        facts={"index": index, "goes_in": list(pixels(trainer, start).shape)},
    )  # fmt: skip


def _directions(codes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the spreads (k,) of the codes (N, D) along their main directions (k, D), the largest first."""
    _, found, directions = torch.linalg.svd(codes - codes.mean(0), full_matrices=False)
    most = min(HANDS, len(found))
    return found[:most] / max(1, len(codes) - 1) ** 0.5, directions[:most]


def _turn(request: LensRequest, number: int) -> float:
    value = request.options.get(f"turn{number}", 0.0)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"turn{number} = {value} is not a number")
    return float(min(3.0, max(-3.0, value)))
