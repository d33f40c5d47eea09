"""A walk through the noise: from one z to another, and what G makes on the way."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import playing, shown, verdicts_on
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Line, Lines, Slider, Tiles, sheet
from explorer.training.trainer import Trainer

STEPS = 11
SEEDS = 99
FIRST = 10  # seeds of the noises that can be chosen begin here


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Walk from noise `start` to noise `end`, numbers 0 … 99, on an arc that keeps z as long as noise usually is."""
    game = playing(trainer, "between", "pictures")
    start, end = (int_option(request, name, at, 0, SEEDS) for name, at in (("start", 4), ("end", 6)))
    ends = torch.cat([game.latent(1, FIRST + start), game.latent(1, FIRST + end)])
    way = arc(ends[0], ends[1], STEPS)
    made = game.made(way)
    mixed = torch.lerp(made[:1], made[-1:], torch.linspace(0, 1, STEPS, device=made.device)[:, None, None, None])
    believed = torch.stack([verdicts_on(game, made), verdicts_on(game, mixed)]).cpu().numpy()
    return sheet(
        Tiles("Between two noises", shown(made), note=f"{ends.shape[1]} numbers move together", side=60),
        Tiles("Between two pictures", shown(mixed), note="pixels mixed, for comparison", side=60),
        Lines(
            "What D thinks of them", [Line("noises", believed[0]), Line("pixels", believed[1], dashed=True)],
            x_title="steps of the way", low=0, high=1, width=700, height=150,
        ),
        caption=(
            "Half way between two noises is a picture of its own. If G had only learnt pictures by heart, there would "
            "be nothing in between."
        ),
        controls=(Slider("start", "From noise", start, 0, SEEDS), Slider("end", "To noise", end, 0, SEEDS)),
    )  # fmt: skip


def arc(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Return (steps, D) from one vector to the other, turning evenly; lengths go evenly too."""
    share = torch.linspace(0, 1, steps, device=start.device)[:, None]
    long = torch.stack([start.norm(), end.norm()])
    angle = torch.arccos(((start / long[0]) @ (end / long[1])).clamp(-1, 1))
    if float(angle.sin()) < 1e-4:
        return torch.lerp(start[None], end[None], share)
    turned = (torch.sin((1 - share) * angle) * start / long[0] + torch.sin(share * angle) * end / long[1]) / angle.sin()
    return turned * torch.lerp(long[0], long[1], share)
