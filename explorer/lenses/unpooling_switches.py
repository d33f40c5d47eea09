"""What max pooling forgets and switches remember: a map before pooling, after it, and unpooled in two ways."""

from __future__ import annotations

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice, Colours, Part, Slider, Tiles, Words, sheet
from explorer.spec import SpecError, nearest
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SIDE = 150
PATCH = 4  # cells of the map whose numbers are written out


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Follow channel `channel` of the map that max pooling `layer` reads, for a picture; raises SpecError."""
    trainer = supervised(trainer, "unpooling_switches")
    pools = {path: each for path, each in trainer.model.named_modules() if isinstance(each, nn.MaxPool2d)}
    if not pools:
        raise SpecError("switches belong to max pooling; this network has none")
    path = str(request.options.get("layer", "")) or next(iter(pools))
    if path not in pools:
        raise SpecError(f"no max pooling is called '{path}'; {nearest(path, pools)}")
    x, index = picture(request, trainer.test)
    maps = _read(trainer, pools[path], x)
    channel = int_option(request, "channel", _strongest(maps), 0, maps.shape[1] - 1)
    one = maps[:, channel : channel + 1]
    pooled, switches = _pooled(pools[path], one)
    back, rows = _unpooled(pooled, switches, one), F.interpolate(pooled, size=one.shape[2:], mode="nearest")
    scale = float(one.abs().max())
    marks = _unpooled(pooled.new_ones(pooled.shape), switches, one)
    lost = [float((each - one).square().mean()) for each in (back, rows)]
    return sheet(
        _tile("Before pooling", one, scale),
        _tile("Pooled", pooled, scale),
        _tile("Switches", marks, 1.0, "where each maximum stood"),
        _tile("Unpooled by its switches", back, scale, f"squared error {lost[0]:.3g}"),
        _tile("Rows and columns repeated", rows, scale, f"squared error {lost[1]:.3g}"),
        *_patch(one[0, 0], back[0, 0]),
        caption=(
            "Pooling keeps the largest of its window and forgets where it stood; the switch remembers. Unpooling puts "
            "the value back there and leaves zeros, which the next layer fills. Repeating rows knows no place."
        ),
        controls=(
            Choice("layer", "Pooling", path, tuple((each, each) for each in pools)),
            Slider("channel", "Channel", channel, 0, maps.shape[1] - 1),
        ),
        facts={"index": index, "lost": [*lost]},
    )  # fmt: skip


def _tile(title: str, values: Tensor, scale: float, note: str = "") -> Tiles:
    return Tiles(title, signed_bytes(values[0], scale), note=note, colours=Colours.SIGNED, side=SIDE)


def _read(trainer: SupervisedTrainer, pool: nn.MaxPool2d, x: Tensor) -> Tensor:
    """Return what the pooling reads for the picture, (1, C, H, W)."""
    seen: list[Tensor] = []

    def keep(module: nn.Module, read: tuple[Tensor, ...]) -> None:
        seen.append(read[0])

    handle = pool.register_forward_pre_hook(keep)
    try:
        with evaluating(trainer.model):
            trainer.model(x)
    finally:
        handle.remove()
    return seen[0]


def _strongest(maps: Tensor) -> int:
    return int(maps[0].flatten(1).amax(1).argmax())


def _pooled(pool: nn.MaxPool2d, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return the pooled maps, and where in the flat map each maximum stood."""
    same = nn.MaxPool2d(pool.kernel_size, pool.stride, pool.padding, pool.dilation, True, pool.ceil_mode)
    return same(maps)


def _unpooled(values: Tensor, switches: Tensor, like: Tensor) -> Tensor:
    empty = like.new_zeros(*like.shape[:2], like.shape[2] * like.shape[3])
    return empty.scatter(2, switches.flatten(2), values.flatten(2)).view_as(like)


def _patch(before: Tensor, back: Tensor) -> tuple[Part, ...]:
    """Return the numbers of a few cells around the strongest one, before pooling and after unpooling."""
    at = int(before.argmax())
    top, left = (
        max(0, min(place - place % 2, size - PATCH))
        for place, size in zip(divmod(at, before.shape[1]), before.shape, strict=True)
    )
    window = (slice(top, top + PATCH), slice(left, left + PATCH))
    largest = max(float(before[window].abs().max()), 1e-12)
    return tuple(
        _numbers(title, values[window].cpu().numpy(), largest)
        for title, values in ((f"Rows {top + 1}–{top + PATCH} before", before), ("… and unpooled", back))
    )


def _numbers(title: str, values: np.ndarray, largest: float) -> Words:
    pieces: list[str] = []
    shades: list[float] = []
    for row in values:
        pieces += [*(f"{value:7.2f} ".replace("-", "−") for value in row), "\n"]
        shades += [*(0.6 * max(0.0, float(value) / largest) for value in row), 0.0]
    return Words(title, pieces, shades, colours=Colours.ATTENTION, code=True)
