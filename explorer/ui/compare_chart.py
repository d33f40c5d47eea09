"""The chart: parameters, multiply-adds and published results of every network in the catalog."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import streamlit as st
from streamlit.components.v2 import component

from explorer.spec import Benchmark, Result
from explorer.ui.compare_address import Address, Choice, everything
from explorer.ui.compare_link import go
from explorer.ui.frame import open_page
from explorer.ui.glyphs import WORN, mark
from explorer.ui.session import restore, value_of
from explorer.ui.text import escape, large

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
NONE = "No benchmark: parameters against multiply–adds"
LEAST_RESULTS = 2


@dataclass(frozen=True)
class Point:
    """One network in the chart; with a benchmark only those that have a result in it."""

    choice: Choice
    macs: int
    result: Result | None = None
    others: tuple[Result, ...] = ()  # further results in the same benchmark, on other terms


def show(address: Address) -> None:
    """Draw the view."""
    choices = tuple(everything().values())
    offered = benchmarks(choices)
    asked = address.benchmark
    if asked and asked not in offered:
        st.warning(f"Fewer than {LEAST_RESULTS} networks here have a published result in: {asked.value}.")
    benchmark = asked if asked in offered else None
    _picker(offered, benchmark)
    found = points(choices, benchmark)
    opened = _component()(key="compare-chart", data=_data(found, benchmark, address), on_open_change=lambda: None).open
    st.html(f'<p class="ex-caption">{caption(benchmark)}</p>')
    left = [choice for choice in choices if choice.variant.macs is None]
    if left:
        st.html(f'<p class="ex-small">Not in the chart, having no multiply–adds on their card: {_names(left)}.</p>')
    with st.expander("The numbers as a table"):
        st.html(_table(found, benchmark))
    _tree()
    choice = everything().get(str(opened or ""))
    if choice:
        open_page(choice.card.key, {"variant": choice.variant.id})


def benchmarks(choices: tuple[Choice, ...]) -> tuple[Benchmark, ...]:
    """Return the benchmarks in which at least two networks of the chart have a published result."""
    counts = Counter(
        benchmark
        for choice in choices
        if choice.variant.macs is not None
        for benchmark in {result.benchmark for result in choice.variant.results}
    )
    return tuple(benchmark for benchmark in Benchmark if counts[benchmark] >= LEAST_RESULTS)


def points(choices: tuple[Choice, ...], benchmark: Benchmark | None) -> tuple[Point, ...]:
    """Return what stands in the chart; of several results in one benchmark the card's first."""
    found = []
    for choice in choices:
        results = tuple(each for each in choice.variant.results if each.benchmark is benchmark)
        if choice.variant.macs is not None and (benchmark is None or results):
            found.append(Point(choice, choice.variant.macs, results[0] if results else None, results[1:]))
    return tuple(found)


def caption(benchmark: Benchmark | None) -> str:
    if benchmark is None:
        return (
            "<b>What a network costs.</b> Every network of the catalog at the scale of its paper, one input each. Both "
            "axes are logarithmic. On a slanted line every weight is used equally often for one input: once in a dense "
            "layer, at every place of the picture in a convolution, for every token in a transformer."
        )
    return (
        f"<b>What it buys.</b> {escape(benchmark.value)}: as printed by the papers, each on its own terms (crops, "
        "scales, ensembles and training data differ: point at a network to read them). Up is better. "
        "The area of a disc is the number of parameters; multiply–adds are on a logarithmic axis."
    )


def _picker(offered: tuple[Benchmark, ...], benchmark: Benchmark | None) -> None:
    key, names = "compare-benchmark", ["", *(each.name.lower() for each in offered)]
    words = {each.name.lower(): each.value for each in offered} | {"": NONE}
    restore(key, benchmark.name.lower() if benchmark else "")

    def change() -> None:
        chosen = value_of(key, "")
        go(benchmark=Benchmark[chosen.upper()] if chosen else None)

    with st.container(width=440):
        st.selectbox("Against which published result", names, key=key, format_func=words.__getitem__, on_change=change)


def _data(found: tuple[Point, ...], benchmark: Benchmark | None, address: Address) -> dict[str, Plain]:
    chosen = [choice.id for choice in address.choices]
    shown: list[Plain] = [_point(point, chosen) for point in found]
    what = benchmark.value if benchmark else "parameters against multiply–adds"
    return {
        "points": shown,
        "benchmark": benchmark.value if benchmark else "",
        "less": benchmark is not None and benchmark.less_is_better,
        "label": f"Chart of {len(found)} networks: {what}. Arrow keys walk to the nearest network, "
        "Enter opens its page. The table below holds the numbers.",
    }


def _point(point: Point, chosen: list[str]) -> dict[str, Plain]:
    card, variant = point.choice.card, point.choice.variant
    others: list[Plain] = [f"{result.value:g} ({result.source})" for result in point.others]
    return {
        "id": point.choice.id, "href": f"./{card.key}?variant={variant.id}", "name": point.choice.name,
        "label": point.choice.label, "line": f"{card.key}/{variant.group}", "kind": WORN[card.family].value,
        "year": card.paper.year, "usual": variant.id == card.usual.id, "chosen": point.choice.id in chosen,
        "parameters": variant.parameters, "macs": point.macs, "written": large(point.macs),
        "value": point.result.value if point.result else None, "source": point.result.source if point.result else "",
        "others": others,
    }  # fmt: skip


@cache
def _component():  # type: ignore[no-untyped-def] - Streamlit's own mounting function
    return component("explorer.scatter", js="scatter.js", css="scatter.css")


def _names(choices: list[Choice]) -> str:
    return ", ".join(escape(choice.name) for choice in choices)


def _table(found: tuple[Point, ...], benchmark: Benchmark | None) -> str:
    last = (
        f'<th scope="col">{escape(benchmark.value)}</th><th scope="col" class="where">Where</th>' if benchmark else ""
    )
    rows = "".join(_line(point) for point in found)
    return (
        '<div class="ex-compare ex-scroll tall" tabindex="0" role="region" aria-label="The numbers of the chart">'
        '<table class="numbers"><thead><tr><th scope="col">Network</th><th scope="col">Year</th>'
        f'<th scope="col">Parameters</th><th scope="col">Multiply–adds</th>{last}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _line(point: Point) -> str:
    card, result = point.choice.card, point.result
    last = f'<td>{result.value:g}</td><td class="told">{escape(result.source)}</td>' if result else ""
    return (
        f'<tr><th scope="row">{mark(WORN[card.family])} {escape(point.choice.name)}</th><td>{card.paper.year}</td>'
        f"<td>{point.choice.variant.parameters:,}</td><td>{point.macs:,}</td>{last}</tr>"
    )


def _tree() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html('<span class="ex-small">Who learnt from whom, year by year, is drawn on Home.</span>')
        if st.button("Go to the family tree", type="tertiary"):
            open_page("")
