"""The Look inside view: one input followed through a trained network, by the lenses that the task names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from explorer.engine.errors import EngineError, UnknownRun
from explorer.engine.messages import RunState, Snapshot
from explorer.spec import Card, SpecError, Task
from explorer.ui import header, inside_pictures, inside_points
from explorer.ui.address import Address, View
from explorer.ui.session import client, go, restore, session, value_of
from explorer.ui.text import figure

EMPTY = "Nothing trained yet, so there is nothing to look into. Train it; a few seconds are enough for a first look."
LIVE_EVERY = 1.0  # seconds between looks while the run trains

Panel = Callable[[Card, Task, Snapshot], None]
PANELS: Mapping[str, Panel] = {
    "inspect": inside_pictures.show,
    "point": inside_points.show,
    "line": inside_points.show,  # a neuron that draws a line is taken apart at a point as well
}


@dataclass
class SeenRuns:
    """Runs that have answered once: only these are looked at again by the clock; a slow first answer is waited for."""

    runs: set[str] = field(default_factory=set)


def show(card: Card, address: Address) -> None:
    """Draw the view for the run in the address, else the newest, else the recorded one, else a way to train one."""
    _choose_task(card, address)
    if not address.task:
        st.info("There is no small network to look into here yet.")
        return
    try:
        snapshot, trouble = _run(card, address)
    except EngineError as error:  # busy or being replaced: the run is still there
        st.warning(str(error))
        st.button("Look again", key="inside_again")
        return
    if trouble:
        st.warning(trouble)
    if snapshot is None:
        _empty(card, address)
        return
    header.show_state(snapshot)
    if snapshot.state is RunState.RECORDED:
        _recorded(card, address, snapshot)
    seen = session().panel(SeenRuns).runs
    live = snapshot.state is RunState.LIVE and snapshot.run in seen
    st.fragment(_panels, run_every=LIVE_EVERY if live else None)(card, address.task, snapshot.run)
    if snapshot.state is RunState.LIVE and not live:
        seen.add(snapshot.run)
        st.rerun()


def _panels(card: Card, task_key: str, run: str) -> None:
    """Draw the panels that the task's lenses ask for; refreshes itself while the run trains."""
    task = card.task(task_key)
    try:
        snapshot = client().snapshot(run)
        header.show_state(snapshot)
        for lens in task.inside:
            if lens in PANELS:
                PANELS[lens](card, task, snapshot)
    except (EngineError, SpecError) as error:
        st.warning(str(error))


def _run(card: Card, address: Address) -> tuple[Snapshot | None, str]:
    """Return the run to look into, and why the one asked for is not it; raises EngineError if it does not answer."""
    trouble = ""
    for run in (address.run, session().runs.get((card.key, address.task)), client().recorded(card.key, address.task)):
        if not run:
            continue
        try:
            snapshot = client().snapshot(run)
        except UnknownRun as error:
            trouble = trouble or str(error)
            continue
        if (snapshot.spec.architecture, snapshot.spec.task) == (card.key, address.task):
            return snapshot, trouble
        trouble = f"The run in the address belongs to {snapshot.spec.architecture}, {snapshot.spec.task}."
    return None, trouble


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


def _recorded(card: Card, address: Address, snapshot: Snapshot) -> None:
    """Say that this is not the learner's own run, what it reached, and offer to train one."""
    says, button = st.columns([4, 1], vertical_alignment="center")
    accuracy = snapshot.latest.get("test_accuracy")
    reached = f" It answers {figure(accuracy, True)} of the held-out examples rightly." if accuracy is not None else ""
    says.caption(f"This run came with Explorer.{reached} Your own will be shown here once you have trained one.")
    button.button("Train it yourself", key="inside_train", on_click=_train, args=(card,), width="stretch")


def _train(card: Card) -> None:
    go(card, view=View.TRAIN, run="")


def _empty(card: Card, address: Address) -> None:
    st.info(EMPTY)
    if st.button("Train", key="inside_start", type="primary"):
        try:
            run = _start(card, address)
        except (EngineError, SpecError) as error:
            st.warning(str(error))
            return
        go(card, run=run)
        st.rerun()


def _start(card: Card, address: Address) -> str:
    from explorer.ui import train  # the Train view is only needed for this press

    run = client().start(train.spec_of(card, address))
    session().runs[(card.key, address.task)] = run
    session().last_run = (card.key, address.task, run)
    return run
