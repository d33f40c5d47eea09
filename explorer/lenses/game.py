"""The game in the plane: what D answers everywhere, real and made points, where G is sent, the cloth it lays out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import Playing, discriminator_of, generator_of, playing, verdicts_on
from explorer.lenses._looking import signed_bytes
from explorer.lenses._sheet import Points, Switch, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SPAN = 2.8  # half the side of the window
SIDE = 48  # cells of the field along each side
REAL, MADE = 250, 250
LINES, FINE = 13, 40  # of the cloth, each way, and points along each
REACH = 2.0  # the cloth is what becomes of z between −REACH and REACH, which holds 95 % along each axis
LONGEST = 0.45  # of the arrows, in the plane's units: the 95th of 100 is drawn so long


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at both nets as they are now, without the average; switches `field`, `arrows` and `cloth`."""
    game = playing(trainer, "game", "points")
    on = {
        name: bool(request.options.get(name, usual))
        for name, usual in (("field", True), ("arrows", True), ("cloth", False))
    }
    z = game.latent(MADE, 3)
    made = _made(game, z)
    real = game.real[torch.arange(REAL, device=game.device) * (len(game.real) // REAL) % len(game.real)]
    pushes = _pushes(game, made)
    strength = float(pushes.norm(dim=1).mean())
    arrows = torch.cat([torch.zeros_like(real), _drawn(pushes)]).cpu().numpy()
    classes = np.repeat([0, 1], [len(real), len(made)])
    believed = float(verdicts_on(game, made).mean())
    return sheet(
        Points(
            "The game", torch.cat([real, made]).cpu().numpy(), classes, ("real", "made"),
            note=f"D(G(z)) {believed:.2f} · gradient of a point {strength:.2g}",
            span=SPAN, side=520,
            field=_field(game) if on["field"] else None,
            arrows=arrows if on["arrows"] else None,
            curves=_cloth(game) if on["cloth"] else None,
        ),
        caption=(
            "Blue ground: D takes points there for real; amber: for made; the line is where it cannot tell. Each arrow "
            "is the way its point is sent; G can only move its points through its weights."
        ),
        controls=(
            Switch("field", "D's answer as ground", on["field"]),
            Switch("arrows", "G's gradient", on["arrows"]),
            Switch("cloth", "the cloth: a lattice of noise through G", on["cloth"]),
        ),
    )  # fmt: skip


def _made(game: Playing, z: Tensor) -> Tensor:
    net = generator_of(game)
    with evaluating(net):
        return net(z)


def _pushes(game: Playing, points: Tensor) -> Tensor:
    """Return the direction in which each point would do better for G, (N, 2): minus its loss's gradient."""
    net = discriminator_of(game)
    with torch.enable_grad():
        points = points.detach().requires_grad_(True)
        logits = net(points)
        soft = torch.nn.functional.softplus
        loss = -soft(logits).sum() if game.minimax else soft(-logits).sum()
        (gradient,) = torch.autograd.grad(loss, points)
    return -gradient


def _drawn(pushes: Tensor) -> Tensor:
    """Return the arrows to draw: of lengths that compare, none longer than LONGEST."""
    long = pushes.norm(dim=1, keepdim=True)
    usual = long.quantile(0.95).clamp_min(1e-12)
    return pushes / long.clamp_min(1e-12) * (long / usual).clamp_max(1) * LONGEST


def _field(game: Playing) -> np.ndarray:
    """Return D over the window as signed bytes, the highest row first: 128 where D says one half."""
    steps = (torch.arange(SIDE, device=game.device) + 0.5) / SIDE * 2 * SPAN - SPAN
    y, x = torch.meshgrid(-steps, steps, indexing="ij")
    answers = verdicts_on(game, torch.stack([x.flatten(), y.flatten()], 1))
    return signed_bytes(2 * answers.view(SIDE, SIDE) - 1, 1.0)


def _cloth(game: Playing) -> np.ndarray:
    """Return where G lays the lines of a lattice in the first two numbers of its noise, (lines, points, 2)."""
    size = game.latent(1).shape[1]
    across = torch.linspace(-REACH, REACH, LINES, device=game.device)
    along = torch.linspace(-REACH, REACH, FINE, device=game.device)
    first = torch.stack(torch.meshgrid(across, along, indexing="ij"), -1)  # LINES FINE 2
    lattice = torch.cat([first, first.flip(-1)]) if size > 1 else first[:1].flip(-1)
    z = torch.zeros(*lattice.shape[:2], size, device=game.device)
    z[..., :2] = lattice[..., :size]
    return _made(game, z.flatten(0, 1)).view(*lattice.shape[:2], 2).cpu().numpy()
