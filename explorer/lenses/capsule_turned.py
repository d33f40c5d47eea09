"""A picture turned little by little, and how the numbers of one capsule move along."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._capsules import asked, capsules_of, class_choice, class_option, drawn, shown, signed
from explorer.lenses._sheet import Line, Lines, Numbers, Tiles, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

ANGLES = tuple(range(-30, 31, 5))  # degrees


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Turn an own picture or held-out `index`, and follow the capsule of class `of`.

    Raises SpecError for a network without capsules.
    """
    trainer, network = capsules_of(trainer, "capsule_turned")
    x, _, controls = asked(trainer, request)
    classes, side = trainer.dataset.classes, x.shape[-1]
    degrees = torch.tensor(ANGLES, device=x.device, dtype=x.dtype)
    all_turned = turned(x.expand(len(ANGLES), -1, -1, -1), degrees)
    with evaluating(trainer.model):
        v = network.capsules(all_turned)  # angles J D
        of = class_option(request, "of", v[len(ANGLES) // 2].norm(dim=1))
        one = v[:, of]  # angles D
        seen = [
            Tiles("Turned", shown(trainer, all_turned), [f"{signed(a, '{:+d}') if a else 0}°" for a in ANGLES], side=48)
        ]
        if network.decoder is not None:
            again = drawn(network, v, (of,) * len(ANGLES), side)
            seen.append(Tiles(f"Redrawn from capsule {classes[of]}", again, side=48))
    numbers = one.T.cpu().numpy()
    return sheet(
        *seen,
        Lines(
            f"The {one.shape[1]} numbers of capsule {classes[of]}",
            [Line(str(n + 1), each) for n, each in enumerate(numbers)],
            degrees.cpu().numpy(), "degrees", width=560, height=300,
        ),
        Lines("Its length", [Line(classes[of], one.norm(dim=1).cpu().numpy())], degrees.cpu().numpy(), "degrees",
              low=0.0, high=1.0, width=300),
        Numbers((("on one straight line", f"{100 * line_share(one[None]):.0f} %", "of the vector's movement"),)),
        caption=(
            "The vector glides as the digit turns. That it moves is no merit of capsules alone: what counts is how "
            "straight, and whether the angle can be read from it. The experiment on pose measures both, beside a plain "
            "network."
        ),
        controls=(
            class_choice(request, "of", "Capsule", classes), *controls,
        ),
    )  # fmt: skip


def turned(pictures: Tensor, degrees: Tensor) -> Tensor:
    """Return pictures (N, C, H, W) turned anticlockwise about their middle, each by its own angle (N,)."""
    radians = degrees * (torch.pi / 180)
    cosine, sine, none = radians.cos(), radians.sin(), torch.zeros_like(radians)
    back = torch.stack([torch.stack([cosine, -sine, none], 1), torch.stack([sine, cosine, none], 1)], 1)
    grid = F.affine_grid(back, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def line_share(paths: Tensor) -> float:
    """Return which share of the movement of vectors (N, angles, D) lies along one straight line, the mean over N."""
    centred = paths - paths.mean(1, keepdim=True)
    spreads = torch.linalg.svdvals(centred.float()).square()  # N min(angles, D)
    return float((spreads[:, 0] / spreads.sum(1).clamp_min(1e-12)).mean())
