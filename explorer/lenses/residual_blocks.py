"""How much each residual block changes what passes through, and one block's maps: what comes, is added, leaves."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._parts import Block, blocks, inputs_of
from explorer.lenses._sheet import Bars, Colours, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

PICTURES = 32  # held-out ones that the sizes are means over
MAPS = 8
CAPTION = (
    "A block adds its own part to what it gets. Each bar is the length of what is added against that of what it is "
    "added to, ‖F(x)‖ ÷ ‖x‖, the mean over {} held-out pictures. Choose a block to see its maps."
)
PLAIN = (
    "Nothing leads around these blocks. So each makes its output anew; the bars say how far it lies from what came in, "
    "‖y − x‖ ÷ ‖x‖, the mean over {} held-out pictures. Blocks that change the shape are left out."
)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at all residual blocks, and at the maps of `block` for one picture; raises SpecError where there is none."""
    trainer = supervised(trainer, "residual_blocks")
    found = blocks(trainer.model)
    if not found:
        raise SpecError(f"this network of {trainer.spec.architecture} has no residual blocks to look into")
    seen = inputs_of(trainer.model, found, trainer.test[0][:PICTURES])
    with evaluating(trainer.model):
        sizes = {path: _change(block, seen[path]) for path, block in found.items()}
    shown = {path: size for path, size in sizes.items() if size is not None}
    paths = list(found)
    chosen = paths[int_option(request, "block", 0, 0, len(paths) - 1)]
    x, _ = picture(request, trainer.test)
    plain = all(block.shortcut is None for block in found.values())
    return sheet(
        Bars(
            "How much each block changes", [layer_name(path, 2) for path in shown], list(shown.values()),
            digits=2, pick="block", hand=list(shown).index(chosen) if chosen in shown else -1,
        ),
        *_maps(trainer.model, chosen, found[chosen], x),
        caption=(PLAIN if plain else CAPTION).format(min(PICTURES, len(trainer.test[1]))),
    )  # fmt: skip


def _change(block: Block, x: Tensor) -> float | None:
    """Return ‖F(x)‖ ÷ ‖what it is added to‖; for a plain block ‖y − x‖ ÷ ‖x‖, or None where the shape changes."""
    added = block.branch(x)
    if block.shortcut is not None:
        around = block.shortcut(x)
    else:
        around, added = x, cast("nn.Module", block)(x)
        if added.shape != x.shape:
            return None
        added = added - x
    return float((added.flatten(1).norm(dim=1) / around.flatten(1).norm(dim=1).clamp_min(1e-12)).mean())


def _maps(model: nn.Module, path: str, block: Block, x: Tensor) -> list[Tiles]:
    """Return the maps of one block for one picture: what comes in, what its layers make of it, what leaves."""
    coming = inputs_of(model, {path: block}, x)[path]
    with evaluating(model):
        made, leaving = block.branch(coming), cast("nn.Module", block)(coming)
    strongest = leaving[0].flatten(1).norm(dim=1).topk(min(MAPS, leaving.shape[1])).indices.sort().values
    scale = float(torch.stack([each.abs().max() for each in (coming, made, leaving)]).max())
    title = "the block adds" if block.shortcut is not None else "its layers make, before the last ReLU"
    rows = ((f"{layer_name(path, 2)}: what comes in", coming), (f"what {title}", made), ("what leaves it", leaving))
    return [
        Tiles(
            name, signed_bytes(values[0][_within(strongest, values.shape[1])], scale),
            colours=Colours.SIGNED, side=48, columns=MAPS,
        )
        for name, values in rows
    ]  # fmt: skip


def _within(channels: Tensor, many: int) -> Tensor:
    """Return those of the channels that there are; what comes in may have fewer than what leaves."""
    return channels[channels < many]
