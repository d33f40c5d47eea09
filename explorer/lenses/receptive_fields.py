"""What one cell of each convolution sees of the picture: the field of the cell in the middle, layer by layer.

The fields follow from the network's shape alone, whatever its weights, so they are found once for each run.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._chain import recording
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Bars, Box, Tiles, sheet
from explorer.lenses.inspect import fields_of
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

MOST_LAYERS = 24


@dataclass(frozen=True)
class Field:
    """The rows and columns of the picture that the middle cell of a convolution sees, first and last."""

    path: str
    kernel: tuple[int, int]
    cells: tuple[int, int]  # rows and columns of the layer's map
    rows: tuple[int, int]
    columns: tuple[int, int]

    @property
    def high(self) -> int:
        return self.rows[1] - self.rows[0] + 1

    @property
    def wide(self) -> int:
        return self.columns[1] - self.columns[0] + 1

    def box(self, tile: int, text: str = "", hand: bool = False) -> Box:
        """Return the field as a rectangle over a tile."""
        left, top = float(self.columns[0]), float(self.rows[0])
        return Box(tile, left, top, self.columns[1] + 1.0, self.rows[1] + 1.0, text, hand=hand)


_known: WeakKeyDictionary[Trainer, tuple[Field, ...]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Draw every convolution's field over an own picture or held-out one `index`; option `layer`: the one marked.

    Raises SpecError for data without pictures and networks without convolutions.
    """
    trainer = supervised(trainer, "receptive_fields")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(f"only pictures have places; this data has inputs of shape {trainer.dataset.input_shape}")
    x, _ = picture(request, trainer.test)
    if trainer not in _known:
        _known[trainer] = fields(trainer, x)
    found = _known[trainer]
    chosen = int_option(request, "layer", len(found) - 1, 0, len(found) - 1)
    drawn = pictures(x, *range_of(trainer.test[0]))
    names = [layer_name(each.path, 2) for each in found]
    nested = [each.box(0, hand=at == chosen) for at, each in enumerate(found)]
    return sheet(
        Tiles("All of them, one inside the other", drawn, side=232, boxes=nested),
        Tiles(
            "What the middle cell of each convolution sees", drawn.repeat(len(found), 0), names, "click one to mark it",
            side=124, pick="layer", chosen=chosen,
            boxes=[each.box(at, f"{each.high} × {each.wide}") for at, each in enumerate(found)],
        ),
        Bars(
            "Pixels along one side", names, [max(each.high, each.wide) for each in found],
            f"of {max(x.shape[2:])}", most=float(max(x.shape[2:])), hand=chosen,
        ),
        caption=_caption(found, chosen, (x.shape[2], x.shape[3])),
    )  # fmt: skip


def fields(trainer: SupervisedTrainer, x: Tensor) -> tuple[Field, ...]:
    """Return the field of every convolution in the order in which they run, at most the first 24."""
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(x)
    convolutions = [link for link in links if isinstance(link.module, nn.Conv2d)][:MOST_LAYERS]
    if not convolutions:
        raise SpecError("this network has no convolution: every unit sees the whole picture")
    found = []
    for link in convolutions:
        rows, columns = fields_of(trainer.model, link, x)
        row, column = rows[(len(rows) - 1) // 2], columns[(len(columns) - 1) // 2]
        assert isinstance(link.module, nn.Conv2d)
        high, wide = link.module.kernel_size[0], link.module.kernel_size[1]
        cells = (len(rows), len(columns))
        seen = (int(row[0]), int(row[1])), (int(column[0]), int(column[1]))
        found.append(Field(link.path, (high, wide), cells, *seen))
    return tuple(found)


def _caption(found: tuple[Field, ...], chosen: int, size: tuple[int, int]) -> str:
    here, before = found[chosen], found[chosen - 1] if chosen else None
    kernel, seen = f"{here.kernel[0]} × {here.kernel[1]}", f"{here.high} × {here.wide} of {size[0]} × {size[1]} pixels"
    text = f"{_capital(layer_name(here.path, 2))} looks through {kernel} and sees {seen}"
    if before is None:
        return f"{text}. Its own map has {here.cells[0]} × {here.cells[1]} cells."
    more = here.high - before.high
    return (
        f"{text}, {more} more than the convolution before it. A window reaches over cells of its own map, of which it "
        f"has {here.cells[0]} × {here.cells[1]}: the coarser the map, the more pixels each further window adds, until "
        "the border cuts it off."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
