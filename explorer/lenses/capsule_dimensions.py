"""One number of a capsule turned up and down, and what the decoder then draws (Sabour et al. 2017, figure 4)."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._capsules import asked, capsules_of, class_choice, class_option, drawn, shown, signed
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Numbers, Slider, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

REACH, STEPS = 0.25, 11  # the paper's: −0.25 to 0.25 in steps of 0.05


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Turn the number `dimension` of the capsule of class `of` by `by`, for an own picture or held-out `index`.

    Raises SpecError for a network without capsules or decoder.
    """
    trainer, network = capsules_of(trainer, "capsule_dimensions", redraws=True)
    x, _, controls = asked(trainer, request)
    classes, side = trainer.dataset.classes, x.shape[-1]
    with evaluating(trainer.model):
        v = network.capsules(x)  # 1 J D
        of = class_option(request, "of", v[0].norm(dim=1))
        many = v.shape[2]
        dimension = int_option(request, "dimension", 1, 1, many) - 1
        by = _by(request)
        grid = drawn(network, _turned(v, of), (of,) * (many * STEPS), side)
        changed = v.clone()
        changed[0, of, dimension] += by
        pair = drawn(network, torch.cat([v, changed]), (of, of), side)
    return sheet(
        Tiles("The picture", shown(trainer, x), side=112),
        Tiles(f"Redrawn from capsule {classes[of]}", pair[:1], side=112),
        Tiles(f"Number {dimension + 1} changed by {signed(by)}", pair[1:], side=112),
        Tiles(
            f"All {many} numbers, one row each", grid,
            note=f"from {signed(-REACH)} to {signed(REACH)} in {STEPS} steps; the middle is unchanged",
            side=36, columns=STEPS,
        ),
        Numbers(
            (
                (f"number {dimension + 1}", signed(float(v[0, of, dimension])), "in this picture's capsule"),
                ("length", f"{float(v[0, of].norm()):.2f}", f"after the change {float(changed[0, of].norm()):.2f}"),
            )
        ),
        caption=(
            "What does one number mean? Thickness, slant, a loop's size: some rows change something one can name, "
            "others several things at once. Nobody told the network which; other runs find other ones."
        ),
        controls=(
            Slider("dimension", "Number", dimension + 1, 1, many),
            Slider("by", "Changed by", by, -REACH, REACH, 2 * REACH / (STEPS - 1)),
            class_choice(request, "of", "Capsule", classes),
            *controls,
        ),
    )  # fmt: skip


def _by(request: LensRequest) -> float:
    value = request.options.get("by", REACH)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"by = {value} is not a number")
    return min(REACH, max(-REACH, float(value)))


def _turned(v: Tensor, of: int) -> Tensor:
    """Return copies of the capsules v (1, J, D) with each number of one capsule at each step, (D · STEPS, J, D)."""
    many = v.shape[2]
    steps = torch.linspace(-REACH, REACH, STEPS, device=v.device)
    copies = v.repeat(many * STEPS, 1, 1)
    rows = torch.arange(many * STEPS, device=v.device)
    copies[rows, of, rows // STEPS] += steps[rows % STEPS]
    return copies
