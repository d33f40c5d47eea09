"""To scale: squares whose areas are the numbers of parameters, the chosen networks among known ones."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

import streamlit as st
from streamlit.components.v2 import component

from explorer.blueprint import Blueprint, Group, Node
from explorer.engine.errors import EngineError
from explorer.spec import Kind, SpecError
from explorer.ui.compare_address import Address, Choice, Ladder, Scale, everything, pairs
from explorer.ui.compare_chart import Plain
from explorer.ui.compare_link import go
from explorer.ui.frame import open_page
from explorer.ui.glyphs import WORN
from explorer.ui.session import client
from explorer.ui.text import short

RUNGS = 8  # known networks that the chosen ones stand among
SMALLEST_SHARE = 0.02  # of a square, for a band of its own


def show(address: Address) -> None:
    """Draw the view; what is switched in it goes into the address."""
    found = _component()(
        key="compare-scale", data=_data(address), on_open_change=lambda: None, on_scale_change=lambda: None,
        on_ladder_change=lambda: None,
    )  # fmt: skip
    if found.scale in list(Scale) and found.scale != address.scale:
        go(scale=Scale(found.scale))
        st.rerun()
    if found.ladder in list(Ladder) and found.ladder != address.ladder:
        go(ladder=Ladder(found.ladder))
        st.rerun()
    choice = everything().get(str(found.open or ""))
    if choice:
        open_page(choice.card.key, {"variant": choice.variant.id})


def ladder(chosen: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Return known networks from the smallest to the largest: at most RUNGS that stand for their architecture.

    The smallest and the largest are always among them. Of the others those go first that stand close to their
    neighbours and that few took something from.
    """
    taken = Counter(earlier.id for earlier, _, _ in pairs())
    ids = {choice.id for choice in chosen}
    usual = [choice for choice in everything().values() if choice.variant.id == choice.card.usual.id]
    rungs = sorted((each for each in usual if each.id not in ids), key=_size)
    while len(rungs) > RUNGS:
        worth = [
            math.log(_size(after) / _size(before)) * (1 + taken[rung.id])
            for before, rung, after in zip(rungs, rungs[1:], rungs[2:], strict=False)
        ]
        rungs.pop(1 + worth.index(min(worth)))
    return tuple(rungs)


def bands(blueprint: Blueprint) -> tuple[tuple[Kind, str, int], ...]:
    """Return (kind, name, parameters) of what a network is made of, the most first.

    The matrices of an attention block count as attention, looked-up tables as embeddings; what would be too thin to
    see is left to the remainder.
    """
    attention = {id for group in blueprint.groups if _is_attention(group, blueprint) for id in group.members}
    counts: Counter[tuple[Kind, str]] = Counter()
    for node in blueprint.nodes:
        counts[_band(node, node.id in attention)] += node.parameters
    least = max(1, SMALLEST_SHARE * blueprint.parameters)
    return tuple((kind, name, count) for (kind, name), count in counts.most_common() if count >= least)


def _is_attention(group: Group, blueprint: Blueprint) -> bool:
    """Whether it is an attention block itself and not one that holds others."""
    return group.kind is Kind.ATTENTION and not {each.path for each in blueprint.groups} & set(group.members)


def _band(node: Node, in_attention: bool) -> tuple[Kind, str]:
    if in_attention and node.kind is Kind.LINEAR:
        return Kind.ATTENTION, "attention"
    return (Kind.LINEAR, "embeddings") if node.op == "Embedding" else (node.kind, node.kind.value)


def _data(address: Address) -> dict[str, Plain]:
    chosen = {choice.id: choice for choice in address.choices}
    shown = [*chosen.values(), *ladder(address.choices)]
    largest = max(shown, key=_size)
    squares: list[Plain] = [_square(each, each.id in chosen, each.id in chosen or each is largest) for each in shown]
    return {"squares": squares, "scale": address.scale.value, "ladder": address.ladder.value}


def _size(choice: Choice) -> int:
    return choice.variant.parameters + choice.variant.fixed


def _square(choice: Choice, chosen: bool, divided: bool) -> dict[str, Plain]:
    shares: list[Plain] = [
        {"kind": kind.value, "name": name, "parameters": count, "written": short(count)}
        for kind, name, count in (_bands(choice) if divided else ())
    ]
    total = _size(choice)
    return {
        "id": choice.id, "href": f"./{choice.card.key}?variant={choice.variant.id}", "name": choice.name,
        "label": choice.name if chosen else choice.label or choice.card.title, "kind": WORN[choice.card.family].value,
        "parameters": total, "written": short(total), "chosen": chosen, "bands": shares, "year": choice.card.paper.year,
    }  # fmt: skip


def _bands(choice: Choice) -> tuple[tuple[Kind, str, int], ...]:
    try:
        return bands(client().blueprint(choice.card.key, choice.variant.id))
    except (EngineError, SpecError):
        return ()  # its area is right all the same; what it is made of is left out


@cache
def _component():  # type: ignore[no-untyped-def] - Streamlit's own mounting function
    return component("explorer.scale", js="scale.js", css="scale.css")
