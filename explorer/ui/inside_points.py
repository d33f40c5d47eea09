"""One point of the plane, or one picture, taken apart neuron by neuron."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from explorer.engine.messages import Frame, Json, LensRequest, Snapshot
from explorer.spec import Card, SpecError, Task
from explorer.ui import inside_asked as asked
from explorer.ui import inside_frame
from explorer.ui.inside_answers import Answers
from explorer.ui.live import component
from explorer.ui.session import session
from explorer.ui.wire import pack


@dataclass
class PointsPanel:
    """What one visitor looks at in one task's network."""

    point: np.ndarray | None = None  # picked in the plane; None: the held-out input `index`
    index: int = 0
    refused: str = ""  # why what was asked last cannot be used
    handled: set[float] = field(default_factory=set)


def show(card: Card, task: Task, snapshot: Snapshot, answers: Answers) -> None:
    """Draw the panel, or its frame until the first look is there; raises EngineError or SpecError."""
    panel = session().panel(PointsPanel, f"{card.key}/{task.key}")
    about = None if panel.point is None else panel.point.tobytes()
    frame = answers.look(snapshot, LensRequest("point", {"index": panel.index}, panel.point), about)
    if frame is None:
        inside_frame.waiting(task, "Taking the network apart at one input.")
        return
    arrays: Json = {name: dict(pack(array)) for name, array in frame.arrays.items()}  # type: ignore[dict-item]
    result = component("probe")(
        key="probe", data={**inside_frame.titled(frame), "arrays": arrays}, on_ask_change=lambda: None
    )
    if result.ask and _answer(panel, frame, result.ask):
        st.rerun(scope="fragment")
    if panel.refused:
        st.warning(panel.refused)


def _answer(panel: PointsPanel, frame: Frame, question: Mapping[str, Json]) -> bool:
    """Take over what was asked; return whether it was new. What does not fit is said and changes nothing."""
    number = question.get("id")
    if not isinstance(number, (int, float)) or number in panel.handled:
        return False
    panel.handled.add(number)
    panel.refused = ""
    try:
        if question.get("kind") == "point":
            panel.point = asked.point(question, float(str(frame.facts.get("span", 1.0))))
        else:
            panel.point, panel.index = None, asked.whole(question, "index")
    except SpecError as error:
        panel.refused = str(error)
    return True
