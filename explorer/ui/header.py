"""The head of an architecture's page: title, paper, lead, the four views, and the state of the run at hand."""

from __future__ import annotations

import streamlit as st

from explorer.engine.errors import EngineError
from explorer.engine.messages import RunState, Snapshot
from explorer.spec import Card
from explorer.ui.address import Address, View
from explorer.ui.glyphs import masked
from explorer.ui.link import copy_link
from explorer.ui.session import client, go, restore, session, value_of
from explorer.ui.text import escape, figure

LABELS = {View.STRUCTURE: "Structure", View.TRAIN: "Train", View.INSIDE: "Look inside", View.LEARN: "Learn"}
_STROKE = 'fill="none" stroke-width="1.6"'
ICONS = {
    RunState.LIVE: '<circle cx="7" cy="7" r="6" opacity=".25"/><circle cx="7" cy="7" r="3.4"/>',
    RunState.PAUSED: '<path d="M4.5 2.5v9M9.5 2.5v9" stroke-width="2.4"/>',
    RunState.ASLEEP: '<path d="M4.5 2.5v9M9.5 2.5v9" stroke-width="2.4"/>',
    RunState.RECORDED: f'<path d="M2 2.5h10v9H2zM4.5 2.5v9M9.5 2.5v9" {_STROKE}/>',
    RunState.FINISHED: f'<path d="M2 7.5L5.5 11L12 3" {_STROKE}/>',
    RunState.WAITING: f'<circle cx="7" cy="7" r="4.5" {_STROKE}/>',
    RunState.DIVERGED: f'<path d="M1 9l3 1l2-7l2 9l2-10l3 4" {_STROKE}/>',
    RunState.FAILED: f'<path d="M3 3l8 8M11 3l-8 8" {_STROKE}/>',
}


def draw(card: Card, address: Address) -> None:
    """Draw the head; the pill's place is remembered for `show_state`."""
    left, right = st.columns([5, 1], vertical_alignment="top")
    cite = f"{card.paper.authors}, {card.paper.year}"
    left.html(
        f'<h1 class="ex-title">{escape(card.title)}<span class="ex-cite">{escape(cite)}</span></h1>'
        f'<p class="ex-lead">{escape(card.lead)}</p>'
    )
    with right:
        copy_link(f"copy-{card.key}")
    with st.container(key="viewbar"):
        views, state = st.columns([3, 2], vertical_alignment="center")
        with views:
            _switch(card, address)
        session().pill = state.empty()
    if address.run:
        _first_state(address.run)


def show_state(snapshot: Snapshot) -> None:
    """Write the run's state into the pill; may be called again and again from a fragment."""
    place = session().pill
    if place is not None:
        place.html(pill(snapshot))


def pill(snapshot: Snapshot) -> str:
    """Return the pill as HTML: icon, word and one fact."""
    icon = f'<span class="ex-state {snapshot.state.value}" aria-hidden="true"></span>'
    return f'<div class="ex-pillrow"><span class="ex-pill {snapshot.state.value}">{icon}{escape(words(snapshot))}</span></div>'  # noqa: E501


def style() -> str:
    """Return the CSS of the pill's icons."""
    rules = (f".ex-state.{state.value} {{ {masked(drawing, 14)} }}" for state, drawing in ICONS.items())
    return (
        ".ex-state { display: inline-block; width: 14px; height: 14px; background: currentColor; flex: none; }\n"
        ".ex-state.live { background: var(--live); }\n" + "\n".join(rules)
    )


def words(snapshot: Snapshot) -> str:
    """Return the state in words with one fact, e.g. "live · step 1,840"."""
    step = f"{snapshot.step:,}"
    return {
        RunState.WAITING: _waiting(snapshot.waiting_before),
        RunState.LIVE: f"live · step {step}",
        RunState.PAUSED: f"paused at step {step}",
        RunState.FINISHED: f"finished · {step} steps in {snapshot.seconds:.0f} s",
        RunState.DIVERGED: f"diverged at step {snapshot.divergence.step if snapshot.divergence else snapshot.step:,}",
        RunState.FAILED: f"stopped at step {step}",
        RunState.ASLEEP: f"asleep at step {step}",
        RunState.RECORDED: f"recorded run · {_best(snapshot)}",
    }[snapshot.state]


def _waiting(before: int) -> str:
    return f"waiting: {before} run{'s' if before != 1 else ''} before yours" if before else "waiting for its first step"


def _best(snapshot: Snapshot) -> str:
    accuracy = snapshot.latest.get("test_accuracy")
    return f"{figure(accuracy, True)} on held-out data" if accuracy is not None else f"step {snapshot.step:,}"


def _first_state(run: str) -> None:
    try:
        show_state(client().snapshot(run))
    except EngineError as error:
        st.warning(str(error))


def _switch(card: Card, address: Address) -> None:
    key = f"view-{card.key}"
    if value_of(key, None) is not address.view:
        restore(key, address.view)
    st.segmented_control(
        "View", list(LABELS), key=key, format_func=LABELS.__getitem__, required=True, label_visibility="collapsed",
        on_change=_switched, args=(card, key),
    )  # fmt: skip


def _switched(card: Card, key: str) -> None:
    go(card, view=value_of(key, View.STRUCTURE))
