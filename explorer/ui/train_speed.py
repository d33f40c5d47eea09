"""How fast a run may go: as fast as it can, or slowly enough for eyes to follow."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.engine.errors import EngineError
from explorer.engine.messages import Pace, Snapshot
from explorer.spec import Card, SpecError, Task
from explorer.ui.session import client, session, value_of

SPEEDS = (5.0, 20.0, 100.0, 500.0)  # steps a second
HELP = "What it learns is the same at any speed. Small networks do thousands of steps a second: too fast to see."


@dataclass
class Speed:
    """The speed that was chosen for a task, in steps a second; None: the card's, 0: as fast as it goes."""

    chosen: float | None = None


def speed_of(card: Card, task: Task) -> float:
    """Return the speed at which the next run of this task starts."""
    chosen = session().panel(Speed, f"{card.key}/{task.key}").chosen
    return task.pace if chosen is None else chosen


def show(card: Card, task: Task, snapshot: Snapshot | None) -> None:
    """Draw the choice; it acts at once on the run that is shown."""
    speeds = [*sorted({*SPEEDS, *([task.pace] if task.pace else [])}), 0.0]
    key = f"speed_{card.key}_{task.key}"

    def changed() -> None:
        speed = float(str(value_of(key, task.pace)))
        session().panel(Speed, f"{card.key}/{task.key}").chosen = speed
        if snapshot is None or snapshot.state.over:
            return
        try:
            client().control(snapshot.run, Pace(speed))
        except (EngineError, SpecError) as error:
            session().notes.append(str(error))

    at = speeds.index(speed_of(card, task))
    st.selectbox("Speed", speeds, at, said, key=key, on_change=changed, help=HELP)


def said(speed: float) -> str:
    """Return a speed as a person says it."""
    return f"{speed:g} steps a second" if speed else "as fast as it goes"
