"""One unit followed back down to the pixels, as Zeiler and Fergus did it, on the pictures that excite it most.

Going back through convolutions, normalisation and pooling is what a gradient does: filters transposed, values to where
the maximum stood. Only the ReLU differs, and it alone is changed here, so that any network of ReLUs can be followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._features import outputs_of
from explorer.lenses._looking import int_option, pictures, range_of, signed_bytes, supervised
from explorer.lenses._sheet import Box, Choice, Colours, Slider, Tiles, sheet
from explorer.lenses.inspect import fields_of
from explorer.spec import SpecError, nearest
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SEARCHED = 250  # held-out pictures
SHOWN = 9
RULES = {
    "deconvnet": "deconvnet: what comes back is rectified",
    "gradient": "gradient: through the units that were on",
    "guided": "guided: both",
}
ReluHook = Callable[[nn.Module, tuple[Tensor, ...], tuple[Tensor, ...]], tuple[Tensor, ...] | None]


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Follow channel `channel` of convolution `layer` back by `rule`; raises SpecError for what is not there."""
    trainer = supervised(trainer, "unit_to_pixels")
    rule = str(request.options.get("rule", "deconvnet"))
    if rule not in RULES:
        raise SpecError(f"no rule is called '{rule}'; {nearest(rule, RULES)}")
    inputs = trainer.test[0][:SEARCHED]
    links = _convolutions(trainer, inputs)
    path = str(request.options.get("layer", "")) or list(links)[min(1, len(links) - 1)]
    if path not in links:
        raise SpecError(f"no convolution is called '{path}'; {nearest(path, links)}")
    maps = outputs_of(trainer.model, path, inputs)  # N C h w
    channel = int_option(request, "channel", _liveliest(maps), 0, maps.shape[1] - 1)
    values, cells = maps[:, channel].flatten(1).max(1)
    best = values.topk(min(SHOWN, len(values))).indices
    back = _followed(trainer, path, inputs[best], channel, cells[best], rule)
    fields = fields_of(trainer.model, links[path], inputs[:1])
    boxes = [_box(fields, int(cells[at]), maps.shape[3], n) for n, at in enumerate(best)]
    scale = float(back.abs().max())
    return sheet(
        Tiles(
            f"What excites channel {channel + 1} of {maps.shape[1]}", pictures(inputs[best], *range_of(inputs)),
            note=f"the strongest of {len(inputs)} held-out pictures", side=92, columns=3, boxes=boxes,
        ),
        Tiles("What its cell sees", pictures(_cut(inputs[best], boxes), *range_of(inputs)), side=92, columns=3),
        Tiles(
            "Followed back to the pixels", signed_bytes(_cut(back, boxes).mean(1), scale),
            note="from that one cell alone", colours=Colours.SIGNED, side=92, columns=3,
        ),
        caption=(
            "What is left is what moved the unit, on that picture. Blue pixels raised it, amber ones lowered it. The "
            "three rules differ in nothing but what a ReLU lets through on the way back."
        ),
        controls=(
            Choice("layer", "Layer", path, tuple((each, layer_name(each, 2)) for each in links)),
            Slider("channel", "Channel", channel, 0, maps.shape[1] - 1),
            Choice("rule", "Way back", rule, tuple(RULES.items())),
        ),
    )  # fmt: skip


def _convolutions(trainer: SupervisedTrainer, inputs: Tensor) -> dict[str, Link]:
    if inputs.dim() != 4:
        raise SpecError(f"only pictures can be followed; this data has inputs of shape {trainer.dataset.input_shape}")
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(inputs[:1])
    found = {link.path: link for link in links if isinstance(link.module, nn.Conv2d)}
    if not found:
        raise SpecError("this network has no convolution whose units could be followed back")
    if not any(isinstance(each, nn.ReLU) for each in trainer.model.modules()):
        raise SpecError("the way back is defined for ReLU; this network has none as a layer of its own")
    return found


def _liveliest(maps: Tensor) -> int:
    """Return the channel whose strongest cells stand out most from the rest of its map."""
    flat = maps.flatten(2)
    return int(((flat.amax(2).mean(0) - flat.mean((0, 2))) / flat.std((0, 2)).clamp_min(1e-6)).argmax())


def _followed(trainer: SupervisedTrainer, path: str, x: Tensor, channel: int, cells: Tensor, rule: str) -> Tensor:
    """Return what reaches the pixels (N, C, H, W) of one cell in each picture, all other units set to zero."""
    kept: list[Tensor] = []

    def keep(module: nn.Module, read: tuple[Tensor, ...], output: Tensor) -> None:
        kept.append(output)

    handle = trainer.model.get_submodule(path).register_forward_hook(keep)
    x = x.detach().clone().requires_grad_(True)
    try:
        with evaluating(trainer.model), _rectifying(trainer.model, rule), torch.enable_grad():
            trainer.model(x)
            chosen = kept[0][:, channel].flatten(1).gather(1, cells[:, None])  # N 1
            (back,) = torch.autograd.grad(chosen, x, chosen.detach())
    finally:
        handle.remove()
    return back


@contextmanager
def _rectifying(model: nn.Module, rule: str) -> Iterator[None]:
    """Inside, every ReLU lets back what the rule says; hooks are gone at the end."""
    relus = [each for each in model.modules() if isinstance(each, nn.ReLU)] if rule != "gradient" else []
    handles = [each.register_full_backward_hook(_rule(rule)) for each in relus]  # type: ignore[arg-type]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _rule(rule: str) -> ReluHook:
    def back(module: nn.Module, left: tuple[Tensor, ...], arrived: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return ((arrived if rule == "deconvnet" else left)[0].clamp_min(0),)

    return back


def _cut(pictures: Tensor, boxes: list[Box]) -> Tensor:
    """Return the box's part of each picture (N, C, H, W), all of one size: that of the largest, moved inwards."""
    height, width = pictures.shape[2:]
    tall = int(max(box.bottom - box.top for box in boxes))
    wide = int(max(box.right - box.left for box in boxes))
    corners = [(min(int(box.top), height - tall), min(int(box.left), width - wide)) for box in boxes]
    parts = [each[:, y : y + tall, x : x + wide] for each, (y, x) in zip(pictures, corners, strict=True)]
    return torch.stack(parts)


def _box(fields: tuple[np.ndarray, np.ndarray], cell: int, columns: int, tile: int) -> Box:
    """Return the part of the picture that a cell of the map sees."""
    row, column = divmod(cell, columns)
    (top, bottom), (left, right) = fields[0][row], fields[1][column]
    return Box(tile, float(left), float(top), float(right) + 1, float(bottom) + 1)
