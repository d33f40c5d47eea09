"""Home: the gallery of all networks, and who learnt from whom."""

from __future__ import annotations

import os
from typing import TypeAlias

import streamlit as st
from streamlit.components.v2 import component

from explorer import catalog
from explorer.engine.errors import EngineError
from explorer.engine.messages import DeviceInfo
from explorer.spec import Card
from explorer.ui import glyphs
from explorer.ui.frame import boundary, open_page
from explorer.ui.miniatures import miniatures
from explorer.ui.session import client, params, session
from explorer.ui.text import escape, in_words, short, spelled

ORDERS = ("family", "year", "size")
POLL_SECONDS = 0.5
Plain: TypeAlias = "str | int | float | list[Plain] | dict[str, Plain]"


def show() -> None:
    """Draw the page."""
    cards = catalog.cards()
    st.html(
        f'<h1 class="ex-title">{escape(title(cards))}</h1>'
        '<p class="ex-lead">Each is drawn from the layers of its paper. Open one, press Train, and watch the inside of '
        "that very network while you turn its knobs.</p>"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start with the neuron", type="primary"):
            open_page("neuron")
        _continue()
        asked = not miniatures().said
        st.fragment(_machine, run_every=POLL_SECONDS if asked else None)(asked)
    missing = not miniatures().done
    st.fragment(_gallery, run_every=POLL_SECONDS if missing else None)(missing)


def title(cards: tuple[Card, ...]) -> str:
    """Return the page's title; both numbers are counts over the catalog."""
    sizes = [variant.parameters for card in cards for variant in card.variants]
    noun = "network" if len(cards) == 1 else "networks"
    return f"{in_words(len(cards))} {noun}, from {spelled(min(sizes))} parameters to {spelled(max(sizes))}"


def _machine(polling: bool) -> None:
    found = miniatures()
    if polling and found.said:
        st.rerun()  # ends the polling
    st.html(f'<span class="ex-small" role="status">{escape(machine(found.devices, found.said))}</span>')


def machine(found: tuple[DeviceInfo, ...], said: bool) -> str:
    """Return what runs train on here, in one line; `said` is whether the workers have answered."""
    if found:
        return f"On this machine: {devices_line(found)} · works without internet"
    return "The workers did not start; the server's log says why." if said else "The workers are starting …"


def devices_line(found: tuple[DeviceInfo, ...]) -> str:
    """Return e.g. "2 CPU cores, no GPU"."""
    cores = os.cpu_count() or 1
    others = [device.name for device in found if device.kind != "cpu"]
    return f"{cores} CPU core{'s' if cores > 1 else ''}, {', '.join(others) if others else 'no GPU'}"


def _continue() -> None:
    last = session().last_run
    if last is None:
        return
    architecture, task, run = last
    try:
        step = client().snapshot(run).step
    except EngineError:
        session().last_run = None  # it was deleted
        return
    name = f"Continue: {catalog.get(architecture).title}, step {step:,}"
    if st.button(name, key="continue"):  # the name changes with the step, the button must not
        first = catalog.get(architecture).tasks[0].key
        open_page(architecture, {"view": "train", "run": run} | ({} if task == first else {"task": task}))


def _gallery(polling: bool) -> None:
    with boundary():
        if polling and miniatures().done:
            st.rerun()  # ends the polling
        gallery = component("explorer.gallery", css="gallery.css", js="gallery.js")
        order = params().get("order", "family")
        if order not in ORDERS:
            st.warning(f"The gallery has no order '{escape(order)}'; it can be by {', '.join(ORDERS)}.")
            order = "family"
        cards = catalog.cards()
        data: dict[str, Plain] = {"order": order, "cards": [facts(card) for card in cards]}
        chosen = gallery(key="gallery", data=data, on_open_change=lambda: None, on_order_change=lambda: None)
        if chosen.order in ORDERS and chosen.order != order:
            st.query_params["order"] = chosen.order
        if any(chosen.open == card.key for card in cards):
            open_page(str(chosen.open))


def facts(card: Card) -> dict[str, Plain]:
    """Return what the gallery draws of a card."""
    ancestors: list[Plain] = [{"key": each.key, "idea": each.idea} for each in card.ancestors]
    bars: list[Plain] = [
        {"kind": bar.kind.value, "height": bar.height, "width": bar.width, "units": bar.units}
        for bar in miniatures().get(card.key)
    ]
    first = card.usual
    return {
        "key": card.key, "title": card.title, "family": card.family.value, "kind": glyphs.WORN[card.family].value,
        "year": card.year, "authors": card.paper.authors, "parameters": first.parameters,
        "size": short(first.parameters), "lead": card.lead, "bars": bars, "ancestors": ancestors,
    }  # fmt: skip
