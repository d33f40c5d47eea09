"""The held-out pictures that excite one unit most, and the part of each that the unit's strongest cell sees."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._features import outputs_of
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._sheet import Box, Choice, Slider, Tiles, sheet
from explorer.lenses.inspect import cells_of, fields_of
from explorer.spec import SpecError, nearest
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SEARCHED = 1000  # held-out pictures
SHOWN = 12


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Search the held-out pictures for those that excite channel `channel` of `layer` most; raises SpecError."""
    trainer = supervised(trainer, "excites")
    inputs = trainer.test[0][:SEARCHED]
    if inputs.dim() != 4:
        raise SpecError(f"only pictures can be shown; this data has inputs of shape {trainer.dataset.input_shape}")
    links = _weighted(trainer, inputs[:1])
    path = str(request.options.get("layer", "")) or _last_convolution(links)
    if path not in links:
        raise SpecError(f"no layer with weights is called '{path}'; {nearest(path, links)}")
    found = outputs_of(trainer.network, path, inputs)
    cells = cells_of(found)  # N channels h w
    channel = int_option(request, "channel", 0, 0, cells.shape[1] - 1)
    strengths = cells[:, channel].flatten(1)  # N h·w
    best = strengths.amax(1).topk(min(SHOWN, len(strengths)))
    fields = fields_of(trainer.network, links[path], inputs[:1])
    boxes = [_seen(fields, cells[int(at), channel], place) for place, at in enumerate(best.indices)]
    labels = [f"{float(value):.2f}".replace("-", "−") for value in best.values]
    return sheet(
        Tiles(
            f"What excites channel {channel + 1} of {cells.shape[1]}",
            pictures(inputs[best.indices], *range_of(inputs)), labels,
            f"among {len(inputs):,} held-out pictures", side=84, boxes=boxes,
        ),
        caption=(
            "The square is what its strongest cell sees. The number is that cell's value, before the non-linearity."
        ),
        controls=(
            Choice("layer", "Layer", path, tuple((each, layer_name(each, 2)) for each in links)),
            Slider("channel", "Channel", channel, 0, cells.shape[1] - 1),
        ),
    )  # fmt: skip


def _weighted(trainer: SupervisedTrainer, one: Tensor) -> dict[str, Link]:
    with evaluating(trainer.network), recording(trainer.network) as links:
        trainer.network(one)
    return {link.path: link for link in links if isinstance(link.module, (nn.Conv2d, nn.Linear))}


def _last_convolution(links: dict[str, Link]) -> str:
    convolutions = [path for path, link in links.items() if isinstance(link.module, nn.Conv2d)]
    return (convolutions or list(links))[-1]


def _seen(fields: tuple[np.ndarray, np.ndarray], cells: Tensor, tile: int) -> Box:
    """Return the window of the picture that the strongest cell of a map (h, w) sees."""
    rows, columns = fields
    row, column = divmod(int(cells.flatten().argmax()), cells.shape[1])
    top, bottom = rows[min(row, len(rows) - 1)]
    left, right = columns[min(column, len(columns) - 1)]
    return Box(tile, float(left), float(top), float(right) + 1, float(bottom) + 1)
