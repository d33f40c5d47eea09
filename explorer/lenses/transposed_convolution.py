"""A transposed convolution by hand: each cell of the input puts its own copy of the kernel into the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Choice, Colours, Numbers, Slider, Words, sheet
from explorer.spec import SpecError, nearest
from explorer.training.trainer import Trainer

INPUT = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]])
CELLS = tuple(f"row {row}, column {column}" for row in (1, 2, 3) for column in (1, 2, 3))
KERNELS = {"counting": "1, 2, 3 …", "ones": "all ones", "learnt": "learnt by this network"}


@dataclass(frozen=True)
class Geometry:
    kernel: int
    stride: int
    padding: int
    extra: int  # rows and columns added behind: output_padding

    @property
    def side(self) -> int:
        """Side of the output: (i − 1) s − 2p + k + extra."""
        return (len(INPUT) - 1) * self.stride - 2 * self.padding + self.kernel + self.extra

    @property
    def canvas(self) -> int:
        """Side of what all copies of the kernel cover, before the padding is cut off."""
        return (len(INPUT) - 1) * self.stride + self.kernel + self.extra

    def kept(self, values: np.ndarray) -> np.ndarray:
        return values[self.padding : self.padding + self.side, self.padding : self.padding + self.side]


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Show every step for options `kernel`, `stride`, `padding`, `extra`, `cell` and `numbers`; raises SpecError."""
    geometry = _geometry(request)
    numbers = str(request.options.get("numbers", "counting"))
    kernel = _kernel(trainer, numbers, geometry.kernel)
    row, column = divmod(cell := int_option(request, "cell", 5, 0, INPUT.size - 1), len(INPUT))
    chosen = np.zeros(INPUT.shape)
    chosen[row, column] = 1
    share = _placed(geometry, kernel, row, column)
    whole = sum(_placed(geometry, kernel, i, j) for i in range(len(INPUT)) for j in range(len(INPUT)))
    reach = _reach(geometry)
    here = _placed(geometry, np.ones_like(kernel), row, column, 1.0)
    counts = geometry.kept(reach)
    return sheet(
        _table("Input", INPUT, chosen, "3 × 3"),
        _table("Kernel", kernel, np.zeros_like(kernel), f"{geometry.kernel} × {geometry.kernel}"),
        _table(
            f"{_number(INPUT[row, column])} × kernel, placed", share, here,
            f"{geometry.stride} cells on for each cell of the input" if geometry.stride > 1 else "one cell on for each",
            cut=geometry.padding,
        ),
        _table("All nine added: the output", geometry.kept(np.asarray(whole)), geometry.kept(here),
               f"{geometry.side} × {geometry.side}"),
        _table("How many copies reach each cell", counts, counts / max(1, reach.max()),
               "uneven: a checkerboard in waiting" if _uneven(geometry) else "even inside"),
        Numbers((("(i − 1) · s − 2p + k + extra", _sum(geometry), "side of the output"),)),
        caption=(
            "Every cell puts a copy of the kernel, times its own value, into the output; copies add up where they lie "
            "on top of each other. Padding cuts rows off, where a convolution's padding puts rows on. Cells that are "
            "cut off are dots."
        ),
        controls=(
            Slider("cell", "Cell of the input", cell, 0, INPUT.size - 1, words=CELLS),
            Slider("kernel", "Kernel", geometry.kernel, 1, 5), Slider("stride", "Stride", geometry.stride, 1, 3),
            Slider("padding", "Padding", geometry.padding, 0, 2), Slider("extra", "Extra behind", geometry.extra, 0, 2),
            Choice("numbers", "Kernel's numbers", numbers, tuple(KERNELS.items())),
        ),
        facts={"side": geometry.side},
    )  # fmt: skip


def _geometry(request: LensRequest) -> Geometry:
    stride = int_option(request, "stride", 2, 1, 3)
    extra = min(int_option(request, "extra", 0, 0, 2), stride - 1)
    found = Geometry(int_option(request, "kernel", 3, 1, 5), stride, int_option(request, "padding", 0, 0, 2), extra)
    if found.side < 1:
        raise SpecError(f"nothing is left: {_sum(found)}. Take less padding or a larger kernel.")
    return found


def _sum(geometry: Geometry) -> str:
    g = geometry
    return f"{len(INPUT) - 1} · {g.stride} − 2 · {g.padding} + {g.kernel} + {g.extra} = {g.side}".replace("= -", "= −")


def _kernel(trainer: Trainer, numbers: str, side: int) -> np.ndarray:
    """Return the kernel (side, side); a learnt one is cut or filled with zeros to that side."""
    if numbers == "counting":
        return np.arange(1.0, side * side + 1).reshape(side, side)
    if numbers == "ones":
        return np.ones((side, side))
    if numbers != "learnt":
        raise SpecError(f"no kernel is called '{numbers}'; {nearest(numbers, KERNELS)}")
    layer = next((each for each in trainer.model.modules() if isinstance(each, nn.ConvTranspose2d)), None)
    if layer is None:
        raise SpecError("this network has no transposed convolution to take a kernel from")
    learnt = layer.weight.detach()[0, 0].float().cpu().numpy()[:side, :side]
    return np.pad(learnt, [(0, side - len(learnt)), (0, side - learnt.shape[1])])


def _placed(geometry: Geometry, kernel: np.ndarray, row: int, column: int, value: float | None = None) -> np.ndarray:
    """Return the canvas with one cell's copy of the kernel in its place, and zeros elsewhere."""
    canvas = np.zeros((geometry.canvas, geometry.canvas))
    top, left = row * geometry.stride, column * geometry.stride
    canvas[top : top + len(kernel), left : left + len(kernel)] = kernel * (
        INPUT[row, column] if value is None else value
    )
    return canvas


def _reach(geometry: Geometry) -> np.ndarray:
    ones = np.ones((geometry.kernel, geometry.kernel))
    cells = [_placed(geometry, ones, i, j, 1.0) for i in range(len(INPUT)) for j in range(len(INPUT))]
    return np.asarray(sum(cells))


def _uneven(geometry: Geometry) -> bool:
    """Whether cells in the middle are reached by differently many copies: the kernel is no multiple of the stride."""
    return geometry.kernel % geometry.stride != 0


def _table(title: str, values: np.ndarray, tints: np.ndarray, note: str = "", cut: int = 0) -> Words:
    """Return numbers as lines of text of equal width, tinted; the outer `cut` rows and columns are dots."""
    outside = np.ones(values.shape, bool)
    outside[cut : len(values) - cut, cut : values.shape[1] - cut] = False
    texts = [
        ["·" if gone else _number(value) for value, gone in zip(*row, strict=True)]
        for row in zip(values, outside, strict=True)
    ]
    width = max(len(text) for row in texts for text in row) + 1
    pieces: list[str] = []
    shades: list[float] = []
    for row, tint in zip(texts, tints, strict=True):
        pieces += [*(text.rjust(width) + " " for text in row), "\n"]
        shades += [*(0.45 * float(each) for each in tint), 0.0]
    return Words(title, pieces, shades, _tips(texts), note, Colours.ATTENTION, code=True)


def _tips(texts: Sequence[Sequence[str]]) -> list[str]:
    return [
        tip
        for i, row in enumerate(texts, 1)
        for tip in (*(f"row {i}, column {j}: {text}" for j, text in enumerate(row, 1)), "")
    ]


def _number(value: float) -> str:
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
    return text.replace("-", "−")
