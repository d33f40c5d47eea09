"""The Look inside view: one input followed through a trained network, by the lenses that the task names.

Nothing here waits for the engine for long: the frame stands at once, and what is asked arrives while the page looks on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from explorer.engine.client import Client
from explorer.engine.errors import EngineBusy, EngineError, UnknownRun
from explorer.engine.messages import Resume, RunState, Snapshot
from explorer.spec import Card, SpecError, Task
from explorer.ui import header, inside_frame, inside_pictures, inside_points, sheets
from explorer.ui.address import Address, View
from explorer.ui.inside_answers import FIRST, Answers
from explorer.ui.session import client, go, restore, session, value_of
from explorer.ui.text import figure

LIVE_EVERY = 1.0  # seconds between looks while the run trains
SOON = 0.4  # seconds between asking whether an answer has arrived
TRIES = 3  # how often a run that has to be opened may take too long

Panel = Callable[[Card, Task, Snapshot, Answers], None]
WITHIN = ("saliency",)  # drawn by another lens's panel
PANELS: Mapping[str, Panel] = {"inspect": inside_pictures.show, "point": inside_points.show}


@dataclass
class Pace:
    """How often the panels look again by themselves, in seconds; None: only when something is pressed."""

    seconds: float | None = None


def show(card: Card, address: Address) -> None:
    """Draw the view for the run in the address, else the newest, else the recorded one, else a way to train one."""
    _choose_task(card, address)
    if not address.task:
        st.html(inside_frame.sentence("There is no small network to look into here yet."))
        return
    pace = session().panel(Pace, f"{card.key}/{address.task}").seconds
    st.fragment(_panels, run_every=pace)(card, address, pace)


def _first_words(card: Card, address: Address, answers: Answers) -> None:
    """Put the state last known into the pill: where a fragment writes later, it has to write from the beginning."""
    found, place = answers.run.answer, session().pill
    if found and found[0]:
        header.show_state(found[0])
    elif _runs(card, address):
        header.show_words(RunState.WAITING, "opening the run")
    elif place is not None:
        place.empty()


def _answers(card: Card, address: Address) -> Answers:
    return session().panel(Answers, f"{card.key}/{address.task}/{address.run}")


def _runs(card: Card, address: Address) -> list[str]:
    """Return the runs that may be looked into, the one asked for first."""
    own = session().runs.get((card.key, address.task))
    return [run for run in (address.run, own, client().recorded(card.key, address.task)) if run]


def _panels(card: Card, address: Address, pace: float | None) -> None:
    """Draw what has arrived; the page is drawn once more when the pace has to change."""
    answers = _answers(card, address)
    answers.waiting = False
    _first_words(card, address, answers)
    try:
        wanted = _draw(card, address, answers)
    except (EngineError, SpecError) as error:  # after all patience: the run is still there
        st.warning(str(error))
        st.button("Look again", key="inside_again")
        return
    if wanted != pace:
        session().panel(Pace, f"{card.key}/{address.task}").seconds = wanted
        st.rerun()


def _draw(card: Card, address: Address, answers: Answers) -> float | None:
    """Draw the run's panels, the frame while there is no run yet, or the empty state; return the pace that fits."""
    task, engine, runs = card.task(address.task), client(), _runs(card, address)
    found = answers.run.renew(lambda: _find(engine, card, task, runs), FIRST) if runs else (None, "")
    if found is None:
        inside_frame.waiting(task, "Opening the run: its weights are being read.")
        return SOON
    snapshot, trouble = found
    if trouble:
        st.warning(trouble)
    if snapshot is None:
        _empty(card, address, task)
        return None
    header.show_state(snapshot)
    if snapshot.state is RunState.RECORDED:
        _recorded(card, snapshot)
    for lens in task.inside:
        if lens in PANELS:
            PANELS[lens](card, task, snapshot, answers)
        elif lens not in WITHIN:
            sheets.show(lens, card, task, snapshot, answers)
    if answers.waiting:
        return SOON
    return LIVE_EVERY if snapshot.state in (RunState.WAITING, RunState.LIVE) else None


def _find(engine: Client, card: Card, task: Task, runs: list[str]) -> tuple[Snapshot | None, str]:
    """Return the first of the runs that is there and trains this task's network, and why the one asked for is not."""
    trouble = ""
    for run in runs:
        try:
            snapshot = _opened(engine, run)
        except UnknownRun as error:
            trouble = trouble or str(error)
            continue
        if (snapshot.spec.architecture, snapshot.spec.task) == (card.key, task.key):
            return snapshot, trouble
        trouble = f"The run in the address belongs to {snapshot.spec.architecture}, {snapshot.spec.task}."
    return None, trouble


def _opened(engine: Client, run: str) -> Snapshot:
    """Return the run's snapshot; a cold engine may take several tries."""
    for _ in range(TRIES - 1):
        try:
            return engine.snapshot(run)
        except EngineBusy:
            continue
    return engine.snapshot(run)


def _choose_task(card: Card, address: Address) -> None:
    tasks = [task.key for task in card.tasks if task.inside]
    if len(tasks) < 2:
        return
    key = f"inside-task-{card.key}"
    if value_of(key, None) != address.task:
        restore(key, address.task)
    st.segmented_control(
        "Trained on", tasks, key=key, format_func=lambda each: card.task(each).title, required=True,
        on_change=_chosen_task, args=(card, key),
    )  # fmt: skip


def _chosen_task(card: Card, key: str) -> None:
    go(card, task=value_of(key, ""), run="")


def _recorded(card: Card, snapshot: Snapshot) -> None:
    """Say that this is not the learner's own run, what it reached, and offer to train one."""
    accuracy = snapshot.latest.get("test_accuracy")
    reached = f" It answers {figure(accuracy, True)} of the held-out examples rightly." if accuracy is not None else ""
    with st.container(horizontal=True, vertical_alignment="center", key="inside_recorded"):
        st.caption(
            f"This run came with Explorer.{reached} Your own will be shown here once you have trained one.",
            width=560,
        )
        st.space("stretch")
        if st.button("Train it yourself", key="inside_train"):
            go(card, view=View.TRAIN, run="")
            st.rerun()


def _empty(card: Card, address: Address, task: Task) -> None:
    """Show the frame of the figure, why it is empty, and one button that trains."""
    inside_frame.empty(card, address, task)
    if st.button("Train", key="inside_start", type="primary"):
        from explorer.ui import train  # the Train view is only needed for this press

        train.start(card, address, None, Resume())
        st.rerun()
