"""Sheets: what most lenses show, put together of a few kinds of parts that one component draws.

A lens returns `sheet(part, part, …)`; controls on the sheet come back as options of the lens's next request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from explorer.engine.messages import Frame, Json
from explorer.spec import Settings

Arrays = dict[str, np.ndarray]
Facts = dict[str, Json]
NONE: Mapping[str, Json] = {}


class Colours(StrEnum):
    """How numbers become colours; zero is always the colour of the paper."""

    INK = "ink"  # 0 … 255 as grey, dark is much
    SIGNED = "signed"  # uint8 with zero at 128, as `signed_bytes` gives; or floats, amber below zero and blue above
    MAGNITUDE = "magnitude"
    ATTENTION = "attention"  # 0 … 1, fixed


class Part(Protocol):
    """Something that stands on a sheet."""

    def written(self, name: str, arrays: Arrays) -> Facts:
        """Return the part's facts, and put its arrays among `arrays` under names that begin with `name`."""
        ...


@dataclass(frozen=True)
class Box:
    """A rectangle drawn over a tile, in the tile's pixels."""

    tile: int
    left: float
    top: float
    right: float
    bottom: float
    text: str = ""
    dashed: bool = False  # a guess, where the plain ones are true
    hand: bool = False  # what the learner chose


@dataclass(frozen=True)
class Tiles:
    """Small pictures side by side: (N, H, W) or (N, H, W, 3) uint8; labels below, as many as pictures or none.

    `pick` names the option that a click on a tile sets to its number; `chosen` is the tile that is picked now.
    """

    title: str
    pictures: np.ndarray
    labels: Sequence[str] = ()
    note: str = ""
    colours: Colours = Colours.INK
    side: int = 56  # pixels on the page
    columns: int = 0  # 0: as many as fit
    pick: str = ""
    chosen: int = -1
    boxes: Sequence[Box] = ()

    def written(self, name: str, arrays: Arrays) -> Facts:
        arrays[name] = self.pictures
        boxes: list[Json] = [
            {
                "tile": each.tile, "box": [each.left, each.top, each.right, each.bottom],
                "text": each.text, "dashed": each.dashed, "hand": each.hand,
            }
            for each in self.boxes
        ]  # fmt: skip
        return {
            "kind": "tiles", "title": self.title, "note": self.note, "array": name, "colours": self.colours.value,
            "labels": list(self.labels), "side": self.side, "columns": self.columns, "pick": self.pick,
            "chosen": self.chosen, "boxes": boxes, "count": len(self.pictures),
        }  # fmt: skip


@dataclass(frozen=True)
class Heat:
    """A table of numbers as colours: (rows, columns) float; low … high is the scale, both 0: the values' own.

    `cell` pixels a side; names may be empty. Pointing at a cell tells its number.
    """

    title: str
    values: np.ndarray
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    note: str = ""
    colours: Colours = Colours.SIGNED
    low: float = 0.0
    high: float = 0.0
    cell: int = 14
    pick: str = ""  # option that a click on a row sets to its number
    chosen: int = -1  # row picked now

    def written(self, name: str, arrays: Arrays) -> Facts:
        arrays[name] = self.values.astype(np.float16)
        low, high = self.low, self.high
        if low == high:
            most = float(np.nanmax(np.abs(self.values))) if self.values.size else 1.0
            low, high = (-most, most) if self.colours is Colours.SIGNED else (0.0, most)
        return {
            "kind": "heat", "title": self.title, "note": self.note, "array": name, "colours": self.colours.value,
            "rows": list(self.rows), "columns": list(self.columns), "low": low, "high": high or 1.0,
            "cell": self.cell, "pick": self.pick, "chosen": self.chosen,
        }  # fmt: skip


@dataclass(frozen=True)
class Line:
    name: str
    values: np.ndarray  # (points,) float; NaN leaves a gap
    dashed: bool = False
    wide: bool = False  # broad and pale, so that lines upon it can be told from it


@dataclass(frozen=True)
class Lines:
    """Curves over one axis; names stand at their ends. `log` for a logarithmic axis upwards; `level`s are dotted."""

    title: str
    lines: Sequence[Line]
    x: np.ndarray | None = None  # (points,); None: 0, 1, 2 …
    x_title: str = ""
    note: str = ""
    log: bool = False
    low: float | None = None
    high: float | None = None
    levels: Sequence[tuple[str, float]] = ()
    width: int = 420
    height: int = 190

    def written(self, name: str, arrays: Arrays) -> Facts:
        points = max((len(line.values) for line in self.lines), default=0)
        arrays[f"{name}_x"] = np.arange(points, dtype=np.float32) if self.x is None else self.x.astype(np.float32)
        for number, line in enumerate(self.lines):
            arrays[f"{name}_{number}"] = line.values.astype(np.float32)
        return {
            "kind": "lines", "title": self.title, "note": self.note, "array": name, "x_title": self.x_title,
            "names": [line.name for line in self.lines], "dashed": [line.dashed for line in self.lines],
            "wide": [line.wide for line in self.lines],
            "log": self.log, "low": self.low, "high": self.high, "width": self.width, "height": self.height,
            "levels": [[text, value] for text, value in self.levels],
        }  # fmt: skip


@dataclass(frozen=True)
class Bars:
    """Named numbers as bars, with the numbers beside them. `shares` writes them as percentages of 1."""

    title: str
    names: Sequence[str]
    values: Sequence[float]
    note: str = ""
    shares: bool = False
    most: float = 0.0  # what fills the row; 0: the largest
    digits: int = 3
    hand: int = -1  # a bar that the learner chose
    pick: str = ""  # option that a click on a bar sets to its number

    def written(self, name: str, arrays: Arrays) -> Facts:
        return {
            "kind": "bars", "title": self.title, "note": self.note, "names": list(self.names),
            "values": [float(value) for value in self.values], "shares": self.shares, "most": self.most,
            "digits": self.digits, "hand": self.hand, "pick": self.pick,
        }  # fmt: skip


@dataclass(frozen=True)
class Points:
    """Places in the plane (N, 2) or in space (N, 3), each a picture, a class or a text; they glide from frame to frame.

    Classes are told by mark as well as by colour. With three coordinates the cloud can be turned. In the plane,
    `field` (H, W) lies under the points over the whole window, highest row first, in signed colours: bytes, 128 is zero
    and gets a line; `arrows` (N, 2) start at the points; `curves` (curves, points, 2) are drawn thinly.
    """

    title: str
    places: np.ndarray
    classes: np.ndarray | None = None  # (N,) int
    names: Sequence[str] = ()  # of the classes
    pictures: np.ndarray | None = None  # (N, h, w) or (N, h, w, 3) uint8
    colours: Colours = Colours.INK
    labels: Sequence[str] = ()  # of single points
    lines: bool = False  # join the points in their order
    marked: Sequence[int] = ()  # points that stand out
    note: str = ""
    span: float = 0.0  # half the side of the window; 0: what holds 98 % of the points
    side: int = 420
    pick: str = ""
    field: np.ndarray | None = None  # needs a span, so that the window is known
    arrows: np.ndarray | None = None
    curves: np.ndarray | None = None

    def written(self, name: str, arrays: Arrays) -> Facts:
        arrays[name] = self.places.astype(np.float32)
        if self.field is not None:
            arrays[f"{name}_field"] = self.field
        for what, values in (("arrows", self.arrows), ("curves", self.curves)):
            if values is not None:
                arrays[f"{name}_{what}"] = values.astype(np.float32)
        if self.classes is not None:
            arrays[f"{name}_classes"] = self.classes.astype(np.int32)
        if self.pictures is not None:
            arrays[f"{name}_pictures"] = self.pictures
        return {
            "kind": "points", "title": self.title, "note": self.note, "array": name, "names": list(self.names),
            "labels": list(self.labels), "lines": self.lines, "marked": list(self.marked), "span": self.span,
            "side": self.side, "pick": self.pick, "colours": self.colours.value,
        }  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Text in pieces, each tinted by a number 0 … 1 (or −1 … 1 for signed colours), with what pointing at it says."""

    title: str
    pieces: Sequence[str]
    values: Sequence[float] = ()
    tips: Sequence[str] = ()
    note: str = ""
    colours: Colours = Colours.ATTENTION
    pick: str = ""
    chosen: int = -1
    code: bool = False  # in the type of code, every space and line break kept

    def written(self, name: str, arrays: Arrays) -> Facts:
        return {
            "kind": "words", "title": self.title, "note": self.note, "pieces": list(self.pieces),
            "values": [float(value) for value in self.values], "tips": list(self.tips),
            "colours": self.colours.value, "pick": self.pick, "chosen": self.chosen, "code": self.code,
        }  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """A row of figures: (what, value as written, where it comes from)."""

    figures: Sequence[tuple[str, str, str]]
    title: str = ""

    def written(self, name: str, arrays: Arrays) -> Facts:
        return {"kind": "numbers", "title": self.title, "figures": [list(figure) for figure in self.figures]}


@dataclass(frozen=True)
class Slider:
    """A control: the option `name` between low and high."""

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float = 1.0
    words: Sequence[str] = ()  # what each step is called, instead of its number


@dataclass(frozen=True)
class Choice:
    """A control: the option `name` is one of the keys; each has a title."""

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Switch:
    name: str
    label: str
    value: bool


@dataclass(frozen=True)
class TextField:
    """A control: the option `name` is a text of the learner's own; whatever it holds is checked by the lens."""

    name: str
    label: str
    value: str
    most: int = 400  # characters
    rows: int = 2


Control = Slider | Choice | Switch | TextField


def sheet(*parts: Part, caption: str = "", controls: Sequence[Control] = (), facts: Mapping[str, Json] = NONE) -> Frame:
    """Return a frame that the component `sheet` draws; the caption's first sentence is set bold.

    More `facts` may ride along for tests and other readers.
    """
    arrays: Arrays = {}
    written: list[Json] = [part.written(f"part{number}", arrays) for number, part in enumerate(parts)]
    asked: list[Json] = [_control(control) for control in controls]
    return Frame(arrays, {"parts": written, "caption": caption, "controls": asked, **facts})


def _control(control: Control) -> Facts:
    base: Facts = {"name": control.name, "label": control.label, "value": control.value}
    match control:
        case Slider():
            return {
                **base, "kind": "slider", "low": control.low, "high": control.high, "step": control.step,
                "words": list(control.words),
            }  # fmt: skip
        case Choice():
            return {**base, "kind": "choice", "options": [list(option) for option in control.options]}
        case Switch():
            return {**base, "kind": "switch"}
        case TextField():
            return {**base, "kind": "text", "most": control.most, "rows": control.rows}


def text_option(options: Settings, name: str, default: str, most: int) -> str:
    """Read a text among a request's options: control characters become spaces, and it is cut at `most` characters."""
    text = str(options.get(name, default))[:most]
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
