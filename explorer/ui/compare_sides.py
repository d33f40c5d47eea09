"""Networks side by side: their graphs with the selection in step, their numbers, and where two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer.blueprint import Blueprint, full_name
from explorer.engine.errors import EngineError
from explorer.spec import SpecError
from explorer.ui.compare_address import PLACES, Address, Arrangement, Choice
from explorer.ui.compare_difference import difference
from explorer.ui.compare_link import go
from explorer.ui.compare_match import counterpart
from explorer.ui.compare_numbers import rows, table
from explorer.ui.compare_words import listed, said
from explorer.ui.frame import open_page
from explorer.ui.glyphs import WORN, mark
from explorer.ui.graph import graph
from explorer.ui.session import client, restore, value_of
from explorer.ui.text import escape

HEIGHTS = {Arrangement.ROWS: 400, Arrangement.COLUMNS: 620}
ABREAST = 2  # columns; a graph's own buttons need some 400 pixels
LABELS = {Arrangement.ROWS: "One above the other", Arrangement.COLUMNS: "In columns"}


@dataclass(frozen=True)
class Side:
    """One network on the page; without a blueprint `why` says why there is none."""

    place: int
    choice: Choice
    blueprint: Blueprint | None
    why: str = ""


def show(address: Address) -> None:
    """Draw the view."""
    with st.spinner("Drawing the networks. The first ones wait for the engine to start."):
        sides = [_side(place, choice) for place, choice in enumerate(address.choices)]
    _arrangement(address)
    clicked = _graphs(address, sides)
    _what_was_clicked(address)
    drawn = [(side, side.blueprint) for side in sides if side.blueprint]
    if drawn:
        st.html('<h2 class="ex-section">Their numbers</h2>')
        names = [side.choice.name for side, _ in drawn]
        st.html(table(names, rows([blueprint for _, blueprint in drawn])))
    if sides[0].blueprint and len(drawn) > 1:
        _difference(address, [(side, blueprint) for side, blueprint in drawn])
    if clicked:
        place, node = clicked
        go(place=place, node=node)
        st.rerun()


def _side(place: int, choice: Choice) -> Side:
    try:
        return Side(place, choice, client().blueprint(choice.card.key, choice.variant.id))
    except (EngineError, SpecError) as error:
        return Side(place, choice, None, str(error))


def _arrangement(address: Address) -> None:
    key = "compare-arrangement"
    restore(key, address.arrangement)
    st.segmented_control(
        "Arrangement", list(Arrangement), key=key, format_func=LABELS.__getitem__, required=True,
        label_visibility="collapsed", on_change=lambda: go(arrangement=value_of(key, Arrangement.ROWS)),
    )  # fmt: skip


def _graphs(address: Address, sides: Sequence[Side]) -> tuple[int, str] | None:
    """Draw the graphs; return the network and the layer that was clicked, if one was."""
    if address.arrangement is Arrangement.COLUMNS:
        places = [column for _ in sides[::ABREAST] for column in st.columns(ABREAST, gap="medium")]
    else:
        places = [st.container() for _ in sides]
    source = next((side.blueprint for side in sides if side.place == address.place), None)
    clicked = None
    for side, place in zip(sides, places, strict=False):  # of three the last stands alone in its row
        with place:
            node = _one(address, side, source)
        clicked = (side.place, node) if node else clicked
    return clicked


def _one(address: Address, side: Side, source: Blueprint | None) -> str:
    """Draw one network with its part of the selection; return what was clicked in it."""
    _heading(side)
    if side.blueprint is None:
        st.warning(side.why)
        return ""
    selected, words = _selection(address, side.place, side.blueprint, source)
    key = f"compare-graph-{PLACES[side.place]}-{side.choice.id}-{address.arrangement.value}"
    height = HEIGHTS[address.arrangement]
    clicked = graph(side.blueprint, key, selected, height=height, title=side.choice.name).selected
    if words:
        st.html(f'<p class="ex-caption ex-counterpart">{words}</p>')
    return clicked if clicked != selected or side.place != address.place else ""


def _heading(side: Side) -> None:
    card, choice = side.choice.card, side.choice
    letter = f'<span class="ex-number" aria-hidden="true">{PLACES[side.place].upper()}</span>'
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(
            f'<h2 class="ex-section" style="margin:0">{letter}{mark(WORN[card.family])} {escape(choice.name)} '
            f'<span class="ex-cite">{escape(card.paper.authors)}, {card.paper.year}</span></h2>'
        )
        if st.button("Open", key=f"compare-open-{PLACES[side.place]}", type="tertiary", help=f"Open {choice.name}"):
            open_page(card.key, {"variant": choice.variant.id})


def _selection(address: Address, place: int, blueprint: Blueprint, source: Blueprint | None) -> tuple[str, str]:
    """Return what is selected in a network, and the sentence that says by which rule."""
    if not address.node or source is None:
        return "", ""
    if place == address.place:
        if not _holds(source, address.node):
            return "", f"There is no layer called {escape(address.node)} here."
        return address.node, f"<b>{escape(full_name(source, address.node))}</b> is what you chose."
    found = counterpart(source, address.node, blueprint)
    if not found.id:
        return "", f"<b>No counterpart here:</b> {escape(found.rule)}."
    return found.id, f"<b>{escape(full_name(blueprint, found.id))}</b> is its counterpart: {escape(found.rule)}."


def _holds(blueprint: Blueprint, id: str) -> bool:
    return id in {node.id for node in blueprint.nodes} | {group.path for group in blueprint.groups if group.path}


def _what_was_clicked(address: Address) -> None:
    if not address.node:
        st.html(
            '<p class="ex-caption">Click a layer in one network: its counterpart in the others is marked too, '
            "and it is said by which rule.</p>"
        )


def _difference(address: Address, drawn: Sequence[tuple[Side, Blueprint]]) -> None:
    """Tell the first network and another one apart, part by part."""
    first, blueprint = drawn[0]
    others = [(side, found) for side, found in drawn[1:]]
    other, against = next((each for each in others if each[0].place == address.other), others[0])
    names = first.choice.name, other.choice.name
    st.html('<h2 class="ex-section">Where they differ</h2>')
    if len(others) > 1:
        _other(first, [side for side, _ in others], other)
    found = difference(blueprint, against)
    st.html(f'<p class="ex-body" style="margin:0 0 6px">{said(found, names, blueprint, against)}</p>')
    if not found.alike:
        st.html(listed(found, names))


def _other(first: Side, others: Sequence[Side], now: Side) -> None:
    key, names = "compare-other", {side.place: f"{first.choice.name} and {side.choice.name}" for side in others}
    restore(key, now.place)
    st.segmented_control(
        "Which two", list(names), key=key, format_func=names.__getitem__, required=True, label_visibility="collapsed",
        on_change=lambda: go(other=value_of(key, 1)),
    )  # fmt: skip
