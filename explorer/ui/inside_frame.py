"""The Look inside view before there is anything to see: the figure's frame, why it is empty, and the data."""

from __future__ import annotations

from typing import cast

import numpy as np
import streamlit as st

from explorer import data
from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, Json
from explorer.runspec import clamped_spec
from explorer.spec import Card, Task
from explorer.ui.address import Address
from explorer.ui.text import escape

EMPTY = "Nothing trained yet, so there is nothing to look into. Press Train; the first look comes within seconds."
PICTURES = (("A picture", 152), ("Every map", 340), ("One channel", 260), ("One cell: patch × kernel", 260))
POINTS = (("An input", 340), ("Every neuron", 320), ("One neuron: input × weight", 320))
SHOWN = 200  # points of the data at most
STYLE = """<style>
.ex-frames { display: flex; flex-wrap: wrap; gap: 22px; margin: 2px 0 10px; }
.ex-frames figure { margin: 0; flex: 0 1 auto; max-width: 100%; }
.ex-frames figcaption { font: 600 14px "Source Sans", sans-serif; color: var(--text2); margin-bottom: 7px;
  display: flex; gap: 8px; align-items: center; }
.ex-frames figcaption span { border: 1.2px solid var(--control); border-radius: 50%; width: 20px; height: 20px;
  font: 600 12px/18px "Source Sans", sans-serif; text-align: center; flex: none; color: var(--text2); }
.ex-frames .frame { position: relative; overflow: hidden; box-sizing: border-box; border: 1px dashed var(--line2);
  background: var(--surface); height: 260px; max-width: 100%; }
.ex-frames .frame.plane { background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat,
  linear-gradient(var(--line), var(--line)) center / 1px 100% no-repeat, var(--surface); }
.ex-frames i { position: absolute; width: 6px; height: 6px; margin: -3px; background: var(--linear);
  border-radius: 50%; }
.ex-frames i.square { background: var(--convolution); border-radius: 0; }
.ex-frames + p, .ex-said { font: 400 16.5px/1.42 "Source Serif", Georgia, serif; color: var(--text2); margin: 0;
  max-width: 72ch; }
</style>"""


def waiting(task: Task, words: str) -> None:
    """Stand in for a figure that has not arrived: its frame at its size, and what is being done."""
    st.html(f'{STYLE}{_frames(task, "")}<p role="status">{escape(words)}</p>')


def empty(card: Card, address: Address, task: Task) -> None:
    """Show the frame of a figure for which nothing has been trained, with the data where they lie in a plane."""
    st.html(f"{STYLE}{_frames(task, _points(card, address, task))}<p>{escape(EMPTY)}</p>")


def sentence(words: str) -> str:
    """Return one sentence where no figure can be, as HTML."""
    return f'{STYLE}<p class="ex-said">{escape(words)}</p>'


def titled(frame: Frame) -> dict[str, Json]:
    """Return a look's facts with a title for people beside each layer's path."""
    layers = cast("list[dict[str, Json]]", frame.facts["layers"])
    named: list[Json] = [{**layer, "title": _title(str(layer["path"]))} for layer in layers]
    return {**frame.facts, "layers": named}


def _title(path: str) -> str:
    """Return "hidden layer 1" for hidden.0.linear: that it is a sum of weights is said by its glyph."""
    return layer_name(path).removesuffix(" · linear").removesuffix(" · sum")


def _frames(task: Task, first: str) -> str:
    parts = PICTURES if "inspect" in task.inside else POINTS if "point" in task.inside else ()
    drawn = (
        f"<figure><figcaption><span>{at}</span>{escape(name)}</figcaption>"
        f'<div class="frame{" plane" if first and at == 1 else ""}" style="width:{width}px">'
        f"{first if at == 1 else ''}</div></figure>"
        for at, (name, width) in enumerate(parts, 1)
    )
    return f'<div class="ex-frames" aria-hidden="true">{"".join(drawn)}</div>'


def _points(card: Card, address: Address, task: Task) -> str:
    """Return the training points as marks, discs and squares, where the inputs are points of a plane."""
    if "point" not in task.inside:
        return ""
    spec, _ = clamped_spec(card, task.key, address.small, address.hypers, address.data, address.seed, "cpu")
    found = data.load(task.dataset, {**spec.hypers, **spec.data}, spec.seed)
    if found.input_shape != (2,):
        return ""
    points = found.train_inputs[:SHOWN]
    scale = 120 / max(1e-6, float(np.abs(points).max()))  # pixels
    return "".join(map(_point, points[:, 0] * scale, points[:, 1] * scale, found.train_targets[:SHOWN]))


def _point(x: float, y: float, target: np.int64) -> str:
    kind = ' class="square"' if target else ""
    return f'<i{kind} style="left:calc(50% + {x:.1f}px);top:{130 - y:.1f}px"></i>'
