"""Where the learner draws what a generator is to imitate: lines in the plane, points strewn along them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import streamlit as st

from explorer.data import Dataset
from explorer.data.own import heart, lines
from explorer.engine.messages import Json, Snapshot
from explorer.spec import Card, SpecError, Task
from explorer.ui import inside_asked, train_style
from explorer.ui.live import component
from explorer.ui.session import session

SPAN = 2.5  # half the side of the paper, in the plane's units
MOST_STROKES, MOST_CORNERS = 60, 4000
TAKES = "own.drawing"


@dataclass
class Drawing:
    """What one visitor has drawn for one task."""

    strokes: list[np.ndarray] = field(default_factory=lambda: [heart().astype(np.float32)])
    dataset: Dataset | None = None  # None: nothing of one's own is drawn yet
    refused: str = ""
    during: str = ""  # the run that was shown when it was drawn
    handled: set[float] = field(default_factory=set)


def takes_lines(task: Task) -> bool:
    """Whether the task learns from lines that the learner draws."""
    return task.dataset == TAKES


def drawing(card: Card, task: str) -> Dataset | None:
    """Return what the learner has drawn; None while there is nothing."""
    return _panel(card, task).dataset


def show(card: Card, task: Task, snapshot: Snapshot | None) -> None:
    """Draw the paper; a new drawing makes the page anew, and the run that goes on is left alone."""
    here = _panel(card, task.key)
    written: Json = [cast("Json", each.round(3).tolist()) for each in here.strokes]
    result = component("sketch")(
        key=f"sketch_{card.key}_{task.key}", data={"strokes": written, "span": SPAN}, on_drawn_change=lambda: None
    )
    run = snapshot.run if snapshot else ""
    if result.drawn and _take(here, result.drawn, run):
        st.rerun()
    if here.refused:
        st.error(here.refused)
    elif here.during and here.during == run:
        train_style.hand_note("Start again to train with what you drew.")


def _take(here: Drawing, asked: Mapping[str, Json], run: str) -> bool:
    """Take over a drawing, once; whatever cannot be learnt from is said and changes nothing."""
    number = asked.get("id")
    if not isinstance(number, (int, float)) or number in here.handled:
        return False
    here.handled.add(number)
    try:
        strokes = strokes_of(asked.get("strokes"))
        here.dataset, here.strokes, here.refused, here.during = lines(strokes), strokes, "", run
    except SpecError as error:
        here.refused = f"This cannot be learnt from: {error}."
    return True


def strokes_of(sent: Json) -> list[np.ndarray]:
    """Read strokes, lists of [x, y], from the visitor's browser; raises SpecError for anything else or too much."""
    if not isinstance(sent, list) or not all(isinstance(stroke, list) for stroke in sent):
        raise SpecError("a drawing is a list of strokes")
    strokes = cast("list[list[Json]]", sent)
    corners = sum(map(len, strokes))
    if len(strokes) > MOST_STROKES or corners > MOST_CORNERS:
        most = f"up to {MOST_CORNERS:,} in {MOST_STROKES} are read"
        raise SpecError(f"the drawing has {corners:,} corners in {len(strokes):,} strokes; {most}")
    return [np.stack([inside_asked.point({"point": corner}, SPAN) for corner in each]) for each in strokes if each]


def _panel(card: Card, task: str) -> Drawing:
    return session().panel(Drawing, f"{card.key}/{task}")
