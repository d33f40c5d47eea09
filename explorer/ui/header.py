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
    head(card.title, card.lead, f"copy-{card.key}", f"{card.paper.authors}, {card.paper.year}")
    with st.container(key="viewbar", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _switch(card, address)
        with st.container(width="content"):
            session().pill = st.empty()
    if address.run:
        _first_state(address.run)


def head(title: str, lead: str, key: str, cite: str = "") -> None:
    """Draw a page's title and lead, and the button that copies its link."""
    beside = f'<span class="ex-cite">{escape(cite)}</span>' if cite else ""
    with st.container(key="pagehead"):
        left, right = st.columns([5, 1], vertical_alignment="top")
    left.html(f'<h1 class="ex-title"><span>{escape(title)}</span>{beside}</h1><p class="ex-lead">{escape(lead)}</p>')
    with right:
        copy_link(key)


def show_state(snapshot: Snapshot) -> None:
    """Write the run's state into the pill; may be called again and again from a fragment."""
    show_words(snapshot.state, words(snapshot))


def show_words(state: RunState, said: str) -> None:
    """Write a state with other words into the pill; nothing if the page has none."""
    place = session().pill
    if place is not None:
        place.html(pill(state, said))


def show_nothing() -> None:
    """Leave the pill empty, and keep its place: where a fragment writes later, it has to write from the beginning."""
    place = session().pill
    if place is not None:
        place.empty()


def pill(state: RunState, said: str) -> str:
    """Return the pill as HTML: icon, word and one fact."""
    icon = f'<span class="ex-state {state.value}" aria-hidden="true"></span>'
    return f'<div class="ex-pillrow"><span class="ex-pill {state.value}">{icon}{escape(said)}</span></div>'


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
