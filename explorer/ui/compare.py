"""The Compare page: two to four networks beside each other, the chart of all, and their sizes to scale."""

from __future__ import annotations

from functools import cache

import streamlit as st

from explorer.ui import compare_chart, compare_scale, compare_sides, header
from explorer.ui.compare_address import PLACES, Address, Choice, View, everything, pairs, read
from explorer.ui.compare_link import go, lined_up
from explorer.ui.frame import boundary
from explorer.ui.glyphs import FRONTEND
from explorer.ui.session import params, restore, value_of
from explorer.ui.text import escape

TITLE = "Compare"
LEAD = "Put networks beside each other: their structure, what they cost against what they reach, and their true sizes."
LABELS = {View.SIDES: "Side by side", View.CHART: "Chart", View.SCALE: "To scale"}
VIEWS = {View.SIDES: compare_sides.show, View.CHART: compare_chart.show, View.SCALE: compare_scale.show}
ADD = {2: "Add a third", 3: "Add a fourth"}
PAIR = "compare-pair"
WIDE, NARROW = 236, 200  # pixels of a field


def show() -> None:
    """Draw the page; what the address asks for in vain is said above the view."""
    address, notes = read(params())
    st.html(f"<style>{_style()}</style>")
    header.head(TITLE, LEAD, "copy-compare")
    with st.container(key="viewbar", horizontal=True):
        _switch(address)
    _pickers(address)
    for note in notes:
        st.warning(note)
    _taken(address)
    with boundary():
        VIEWS[address.view](address)


@cache
def _style() -> str:
    return (FRONTEND / "compare.css").read_text("utf-8")


def _switch(address: Address) -> None:
    key = "view-compare"
    restore(key, address.view)
    st.segmented_control(
        "View", list(LABELS), key=key, format_func=LABELS.__getitem__, required=True, label_visibility="collapsed",
        on_change=lambda: go(view=value_of(key, View.SIDES)),
    )  # fmt: skip


def _pickers(address: Address) -> None:
    known, count = everything(), len(address.choices)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for place in range(min(count + 1, len(PLACES))):
            _picker(place, address, known)
        _pair_picker()


def _picker(place: int, address: Address, known: dict[str, Choice]) -> None:
    """Draw the field of one network; the third and fourth may be emptied again."""
    key, count = f"compare-{PLACES[place]}", len(address.choices)
    restore(key, address.choices[place].id if place < count else None)

    def change() -> None:
        chosen = value_of(key, None)
        kept = [choice for i, choice in enumerate(address.choices) if i != place]
        found = [*kept[:place], known[chosen], *kept[place:]] if chosen else kept
        go(choices=lined_up(found, address), place=0, node="")

    with st.container(width=WIDE if count < len(PLACES) - 1 else NARROW):
        st.selectbox(
            f"Network {PLACES[place].upper()}", list(known), index=None, key=key, on_change=change,
            format_func=lambda id: known[id].name, placeholder=ADD.get(place, "Choose a network"),
        )  # fmt: skip


def _pair_picker() -> None:
    """Draw the field that puts a network beside the one it took something from."""
    told = {f"{first.id} {later.id}": (first, later, idea) for first, later, idea in pairs()}
    restore(PAIR, None)

    def change() -> None:
        chosen = value_of(PAIR, None)
        if chosen:
            go(choices=told[chosen][:2], place=0, node="", other=1)

    def words(id: str) -> str:
        first, later, idea = told[id]
        return f"{first.card.title} → {later.card.title}: {idea}"

    with st.container(width=WIDE):
        st.selectbox(
            "Or an idea passed on", list(told), index=None, key=PAIR, format_func=words, on_change=change,
            placeholder="Who took what from whom",
        )  # fmt: skip


def _taken(address: Address) -> None:
    """Say what one of the networks took from another, where a card says it."""
    keys = {choice.card.key for choice in address.choices}
    told = [
        f"<b>{escape(later.card.title)} took from {escape(first.card.title)}:</b> {escape(idea)}."
        for first, later, idea in pairs()
        if {first.card.key, later.card.key} <= keys
    ]
    if told:
        st.html(f'<p class="ex-caption" style="margin:0">{"<br>".join(told)}</p>')
