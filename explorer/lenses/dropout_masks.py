"""Which units dropout switches off: the same picture several times, each time through another part of the network.

Only dropout behaves as in training meanwhile; the network's other layers stand as for an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import numbers
from explorer.lenses._sheet import Colours, Heat, Part, Slider, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.randomness import Preserved
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

PASSES = 8
LOUD = 0.9  # share of the answering units that are paler than the deepest blue
MOST_UNITS = 1024  # of one layer that are drawn
OFF = 40  # the byte of a unit that is off: far below 128, the byte of zero
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
Fallen = dict[str, tuple[Tensor, Tensor]]  # by layer: what it was given (N, …), and which of it stayed (N, …)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Send an own input or held-out one `index` through several draws of dropout; option `draw` throws the dice anew.

    Raises SpecError for a network without dropout.
    """
    trainer = supervised(trainer, "dropout_masks")
    layers = {path: each for path, each in trainer.model.named_modules() if isinstance(each, DROPOUTS)}
    if not layers:
        raise SpecError("this network has no dropout: no unit is ever switched off")
    x, _ = numbers(request, trainer.test)
    draw = int_option(request, "draw", 1, 1, 100)
    fallen: Fallen = {}
    with Preserved(trainer.device), evaluating(trainer.model):
        whole = trainer.kind.probabilities(trainer.model(x))  # 1 K
        torch.manual_seed(draw)
        with falling(layers, fallen):
            thinned = trainer.kind.probabilities(trainer.model(x.repeat(PASSES, *(1,) * (x.dim() - 1))))  # N K
    shown = pictures(x, *range_of(trainer.test[0])) if x.dim() == 4 else None
    parts: list[Part] = [] if shown is None else [Tiles("The picture", shown, side=92)]
    parts += [_tiles(path, layers[path], *fallen[path]) for path in fallen]
    parts.append(_answers(trainer, torch.cat([thinned, whole])))
    return sheet(
        *parts, caption=_caption(layers, fallen), controls=(Slider("draw", "Throw again", draw, 1, 100),)
    )  # fmt: skip


@contextmanager
def falling(layers: Mapping[str, nn.Module], fallen: Fallen) -> Iterator[None]:
    """Inside, these layers drop as in training, and what each was given and what stayed is put into `fallen`.

    Within `evaluating`, which puts their modes back.
    """
    handles = [layer.register_forward_hook(_hook(path, fallen)) for path, layer in layers.items()]
    try:
        for layer in layers.values():
            layer.train()
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hook(path: str, fallen: Fallen) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    def caught(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        # a unit that is silent anyway would not show: ones tell which have fallen
        factors = type(module).forward(module, torch.ones_like(inputs[0]))
        fallen[path] = (inputs[0].clone(), factors > 0)
        return inputs[0] * factors

    return caught


def _tiles(path: str, layer: nn.Module, given: Tensor, stayed: Tensor) -> Tiles:
    units, on = given.flatten(1)[:, :MOST_UNITS], stayed.flatten(1)[:, :MOST_UNITS]  # N units
    high, wide = grid(units.shape[1])
    loud = units[units > 0]  # one unit far louder than all others would leave them pale
    scale = float(loud.quantile(LOUD)) if len(loud) else 1.0
    values = torch.where(on, 128 + units / scale * 127, torch.full_like(units, OFF))
    cells = torch.full((len(units), high * wide), 128.0, device=units.device)
    cells[:, : units.shape[1]] = values
    drawn = cells.view(-1, high, wide).clamp(0, 255).to(torch.uint8).cpu().numpy()
    off = [f"{int((~row).sum()):,} of {len(row):,} off" for row in stayed.flatten(1)]
    note = f"{stayed[0].numel():,} units, each off with probability {_share(layer):g}"
    return Tiles(layer_name(path, 2), drawn, off, note, Colours.SIGNED, side=100, columns=8)


def grid(units: int) -> tuple[int, int]:
    """Return rows and columns of a block about twice as wide as high that holds so many units."""
    high = max(1, math.isqrt(units // 2))
    while units % high and high > 1 and units / high < 4 * high:
        high -= 1
    return high, -(-units // high)


def _answers(trainer: SupervisedTrainer, probabilities: Tensor) -> Heat:
    rows = [*(f"pass {number}" for number in range(1, PASSES + 1)), "no unit off"]
    values: np.ndarray = probabilities.detach().cpu().numpy()
    return Heat("What each of them answers", values, rows, trainer.dataset.classes, "probabilities",
                Colours.ATTENTION, 0.0, 1.0, cell=20)  # fmt: skip


def _share(layer: nn.Module) -> float:
    return float(layer.p) if isinstance(layer, DROPOUTS) else 0.0


def _caption(layers: Mapping[str, nn.Module], fallen: Fallen) -> str:
    if not any(_share(layer) for layer in layers.values()):
        return "Dropout is 0: no unit falls. Turn it up, and each pass goes through another part of the network."
    units = sum(stayed[0].numel() for _, stayed in fallen.values())
    return (
        f"Amber units are off in this pass, the bluer the louder. In training every picture meets a draw of its own, "
        f"one of 2{_raised(units)} thinner networks that share their weights; for an answer all units stay on."
    )


def _raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
