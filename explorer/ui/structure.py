"""The Structure view: a network at the scale of its paper, with its numbers, its layers and what the paper prints."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from explorer.blueprint import Blueprint
from explorer.engine.errors import EngineError
from explorer.plots.dot import dot, shape_text
from explorer.plots.treemap import summary
from explorer.spec import Card, Knob, Settings, SpecError, Value, Variant
from explorer.ui.address import Address
from explorer.ui.graph import graph
from explorer.ui.session import client, go, restore, session, value_of
from explorer.ui.structure_layers import details, layer_table
from explorer.ui.structure_map import parameter_map
from explorer.ui.text import escape, in_bytes, large


@dataclass
class Legal:
    """The last settings that could be built, to show while the ones chosen cannot."""

    variant: str = ""
    knobs: Settings | None = None


@dataclass
class Refused:
    """What was typed into a knob's field and could not be taken, and why; the field keeps it."""

    value: Value | None = None
    why: str = ""


ALERT = "border-left:3px solid var(--loss);padding-left:12px;margin:0;color:var(--loss)"


def show(card: Card, address: Address) -> None:
    """Draw the view that the address names."""
    _variants(card, address)
    variant = card.variant(address.variant)
    knobs = [knob for knob in card.knobs if not knob.variants or variant.id in knob.variants]
    _knobs(card, address, knobs)
    try:
        blueprint = _blueprint(card, address)
    except EngineError as error:
        st.error(str(error))
        return
    if blueprint is None:
        return
    _numbers(blueprint, variant, bool(address.knobs))
    clicked = graph(blueprint, f"graph-{card.key}", address.node, title=f"{card.title} {variant.title}").selected
    clicked = _below(card, address, blueprint) or clicked
    if clicked and clicked != address.node:
        go(card, node=clicked)
        st.rerun()


def _variants(card: Card, address: Address) -> None:
    """Draw the picker, variants of one group together, and the downloads."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="stretch", key="variants"):
            for name, group in groupby(card.variants, key=lambda variant: variant.group):
                _group(card, address, name, tuple(group))
        with st.popover("Save as…"):
            _downloads(card, address)


def _group(card: Card, address: Address, name: str, variants: tuple[Variant, ...]) -> None:
    key = f"variant-{card.key}-{name}"
    titles = {variant.id: variant.short or variant.title for variant in variants}
    restore(key, address.variant if address.variant in titles else None)

    def change() -> None:
        chosen = value_of(key, None)
        if chosen:
            go(card, variant=chosen, knobs={}, node="")

    st.segmented_control(
        name or "Variant", list(titles), format_func=titles.__getitem__, key=key, on_change=change, width="content",
        label_visibility="visible" if name else "collapsed",
    )  # fmt: skip


def _knobs(card: Card, address: Address, knobs: list[Knob]) -> None:
    if not knobs:
        return
    usual = card.settings(card.variant(address.variant), {})
    row = st.container(horizontal=True)
    for knob in knobs:
        now = address.knobs.get(knob.name, usual[knob.name])
        with row.popover(f"{knob.label} **{_plain(now)}**"):
            _knob(card, address, knob, now)
    if address.knobs:
        row.button("Back to the variant's own", key=f"reset-{card.key}", on_click=lambda: go(card, knobs={}))


def _knob(card: Card, address: Address, knob: Knob, now: Value) -> None:
    key = f"knob-{card.key}-{address.variant}-{knob.name}"

    refused = session().panel(Refused, key)

    def change() -> None:
        value = value_of(key, now)
        try:
            go(card, knobs={**address.knobs, knob.name: knob.check(value)})
            refused.value, refused.why = None, ""
        except SpecError as error:
            refused.value, refused.why = value, str(error)

    help = knob.help or None
    shown = now if refused.value is None else refused.value
    restore(key, _plain(shown) if isinstance(shown, tuple) else shown)
    if isinstance(knob.default, bool):
        st.toggle(knob.label, key=key, on_change=change, help=help)
    elif knob.choices:
        st.selectbox(knob.label, knob.choices, key=key, on_change=change, help=help)
    elif isinstance(knob.default, (tuple, str)):
        st.text_input(knob.label, key=key, on_change=change, help=help)
    elif isinstance(knob.default, int):
        st.number_input(knob.label, step=int(knob.step or 1), key=key, on_change=change, help=help)
    else:
        st.number_input(knob.label, step=knob.step, key=key, on_change=change, help=help)
    if refused.why:
        st.html(f'<p role="alert" style="{ALERT}">{escape(refused.why)}. It stays at {escape(_plain(now))}.</p>')
    elif knob.minimum is not None and knob.maximum is not None and not knob.choices:
        st.caption(f"{knob.minimum:g} to {knob.maximum:g}")


def _plain(value: Value) -> str:
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _blueprint(card: Card, address: Address) -> Blueprint | None:
    """Return the blueprint asked for; the last legal one, below an explanation, where the settings cannot be built."""
    legal = session().panel(Legal, card.key)
    try:
        with st.spinner("Drawing the network. The first one waits for the engine to start."):
            found = client().blueprint(card.key, address.variant, address.knobs)
    except SpecError as error:
        st.html(f'<p role="alert" style="{ALERT}">{escape(str(error))} Below is the network before this change.</p>')
        before = legal.knobs if legal.variant == address.variant and legal.knobs is not None else {}
        return client().blueprint(card.key, address.variant, before)
    legal.variant, legal.knobs = address.variant, dict(address.knobs)
    return found


def _numbers(blueprint: Blueprint, variant: Variant, changed: bool) -> None:
    published = variant.published
    printed = f"printed: {published.text} ({published.source})" if published else "the paper prints none"
    shapes = f"{shape_text(blueprint.input_shape)} in, {shape_text(blueprint.output_shape)} out"
    kinds = f"{blueprint.fixed:,} more are fixed, not trained; " if blueprint.fixed else "all trainable; "
    why = f" {published.why}" if published and published.why else ""
    cells = [
        ("Parameters", f"{blueprint.trainable:,}", kinds + printed + ("." if why else "")),
        ("Multiply–adds, one input", large(blueprint.macs), shapes),
        ("Activation memory", in_bytes(blueprint.activation_bytes), "32-bit outputs of every operation, one input"),
    ]  # fmt: skip
    if blueprint.receptive_field:
        side = blueprint.input_shape[-1]
        word = "the whole image" if blueprint.receptive_field >= side else f"of {side} px"
        cells.append(("Sees, in the last map", f"{blueprint.receptive_field} px", word))
    inside = "".join(
        f'<div><div style="font-size:13.5px;color:var(--text2)">{escape(name)}</div>'
        f'<div style="font:600 25px/1.25 Source Serif,Georgia,serif;color:var(--text)">{escape(value)}</div>'
        f'<div class="ex-small">{escape(note)}</div></div>'
        for name, value, note in cells
    )
    st.html(
        '<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px 34px">'
        f"{inside}</div>"
    )
    if changed:
        st.html(
            '<p class="ex-caption">You changed the network: the printed figures belong to the variant as published.</p>'
        )
    elif why:
        st.html(f'<p class="ex-caption">{escape(why.strip())}</p>')
    for note in blueprint.notes:
        st.html(f'<p class="ex-caption">{escape(note)}</p>')


def _below(card: Card, address: Address, blueprint: Blueprint) -> str:
    """Draw map, table and details; return what was clicked in them."""
    st.html('<hr class="ex-line">')
    row = st.container(horizontal=True, gap="medium")  # on a narrow page the facts go below
    left, middle, right = row.container(width=260), row.container(width=460), row.container(width=310)
    with left:
        st.html('<p class="ex-figure">Where the parameters sit</p>')
        mapped = parameter_map(blueprint, f"map-{card.key}", address.node)
        st.html(f'<p class="ex-caption">Area is parameters. {escape(summary(blueprint))}</p>')
    with middle:
        st.html('<p class="ex-figure">Layers</p>')
        listed = layer_table(blueprint, f"layers-{card.key}", address.node)
    with right:
        details(blueprint, address.node)
    return listed or mapped


def _downloads(card: Card, address: Address) -> None:
    name = f"{card.key}-{address.variant}"

    def made() -> Blueprint:
        return client().blueprint(card.key, address.variant, address.knobs)

    st.download_button(
        "PyTorch, runnable", lambda: client().source(card.key, address.variant, address.knobs).encode(),
        f"{name}.py", "text/x-python", on_click="ignore",
    )  # fmt: skip
    st.download_button(
        "Layer table, CSV", lambda: table_csv(made()).encode(), f"{name}.csv", "text/csv", on_click="ignore"
    )
    st.download_button(
        "Graph, DOT", lambda: dot(made()).encode(), f"{name}.dot", "text/vnd.graphviz", on_click="ignore"
    )
    st.caption("SVG: the button at the graph saves it as you see it.")


def table_csv(blueprint: Blueprint) -> str:
    """Return the layer table with a header; shapes as 6x28x28."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("path", "type", "kind", "depth", "output", "parameters", "macs"))
    for row in blueprint.layers:
        shape = "x".join(map(str, row.out_shape))
        writer.writerow((row.path, row.type, row.kind.value, row.depth, shape, row.parameters, row.macs))
    return text.getvalue()
