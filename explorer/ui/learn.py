"""Learn: the idea in steps tied to the picture, the equations, what tutorials get wrong, and the experiments."""

from __future__ import annotations

import streamlit as st

from explorer import catalog
from explorer.blueprint import Blueprint
from explorer.spec import Card, Lesson, LessonStep, Reference
from explorer.ui import experiment as experiments
from explorer.ui.address import Address
from explorer.ui.graph import Overlay, Reading, graph
from explorer.ui.session import client, go, restore, value_of
from explorer.ui.text import emphasised, escape

IDEA = ""
PICTURE = 360  # pixels at most


def show(card: Card, address: Address) -> None:
    """Draw the lesson, or the experiment that the address names."""
    _sections(card, address)
    if address.experiment == IDEA:
        _idea(card, address)
    else:
        experiments.show(card, card.experiment(address.experiment))


def _sections(card: Card, address: Address) -> None:
    key = f"section-{card.key}"
    if value_of(key, None) != address.experiment:
        restore(key, address.experiment)
    titles = {IDEA: "The idea"} | {each.key: f"Experiment: {each.title}" for each in card.experiments}
    st.segmented_control(
        "Part of the lesson", list(titles), key=key, format_func=titles.__getitem__, required=True,
        label_visibility="collapsed", on_change=lambda: go(card, experiment=value_of(key, IDEA)),
    )  # fmt: skip


def _idea(card: Card, address: Address) -> None:
    lesson = card.lesson
    if lesson.steps:
        _steps(card, lesson, address)
    _equations(lesson)
    _corrections(lesson)
    _before_and_after(card)
    _reading((card.paper, *lesson.reading))


def _steps(card: Card, lesson: Lesson, address: Address) -> None:
    """Draw the picture over the full width, below it the steps beside the words of the one that is open."""
    index = min(max(address.step, 0), len(lesson.steps) - 1)
    _picture(card, lesson.steps[index])
    titles, words = st.columns([1, 2.2], gap="large")
    with titles, st.container(key="lesson-steps"):
        for number, each in enumerate(lesson.steps):
            _step_title(card, number, each, number == index)
    with words:
        _step(card, lesson, index)


def _step_title(card: Card, number: int, step: LessonStep, here: bool) -> None:
    name = f"{number + 1}. {step.title}"
    if here:
        st.html(f'<p class="ex-here" aria-current="step">{escape(name)}</p>')
    elif st.button(name, key=f"step-{card.key}-{number}", type="tertiary"):
        _turn(card, number)


def _step(card: Card, lesson: Lesson, index: int) -> None:
    step = lesson.steps[index]
    number = f'<span class="ex-number">{index + 1}</span>'
    st.html(f'<h2 class="ex-section" style="margin:0">{number}{escape(step.title)}</h2>')
    with st.container(key="lesson-words"):
        st.markdown(step.text)
    if index + 1 < len(lesson.steps) and st.button("Next", key=f"next-{card.key}", type="primary"):
        _turn(card, index + 1)


def _turn(card: Card, number: int) -> None:
    go(card, step=number)
    st.rerun()


def _picture(card: Card, step: LessonStep) -> None:
    """Draw the variant's graph with the step's layers marked."""
    variant = card.variant(step.variant) if step.variant else card.usual
    blueprint = client().blueprint(card.key, variant.id)
    marks = Overlay("this step", {path: Reading(0.35, "here") for path in step.layers}) if step.layers else None
    first = place(blueprint, step.layers[0]) if step.layers else ""
    graph(blueprint, f"lesson-{card.key}", selected=first, overlay=marks, height=PICTURE)
    marked = ", ".join(step.layers) or "the whole network"
    st.html(f'<p class="ex-caption"><b>Marked:</b> {escape(marked)} of {escape(variant.title)}.</p>')


def place(blueprint: Blueprint, path: str) -> str:
    """Return what the graph selects for a module path: its block, or its operation; empty if it has neither."""
    if any(group.path == path for group in blueprint.groups):
        return path
    inside = (node.id for node in blueprint.nodes if node.path == path or node.path.startswith(f"{path}."))
    return next(inside, "")


def _equations(lesson: Lesson) -> None:
    if not lesson.equations:
        return
    st.html('<h2 class="ex-section">In symbols</h2>')
    with st.container(key="equations"):  # a grid of two columns, see page.css
        for latex, words in lesson.equations:
            st.latex(latex, width="content")
            st.markdown(words)


def _corrections(lesson: Lesson) -> None:
    if not lesson.corrections:
        return
    rows = "".join(
        f'<div class="ex-myth"><div>{emphasised(each.myth)}</div><div>{emphasised(each.truth)}</div>'
        f'<div class="ex-small">{emphasised(each.source)}</div></div>'
        for each in lesson.corrections
    )
    head = '<div class="ex-myth ex-figure"><div>What tutorials say</div><div>What the paper says</div></div>'
    st.html(f'<h2 class="ex-section">Often told otherwise</h2>{head}{rows}')


def _before_and_after(card: Card) -> None:
    others = catalog.cards()
    titles = {other.key: other.title for other in others}
    came = [f"from {titles[each.key]}: {each.idea}" for each in card.ancestors if each.key in titles]
    heirs = [(other.title, each) for other in others for each in other.ancestors]
    went = [f"to {title}: {each.idea}" for title, each in heirs if each.key == card.key]
    if came or went:
        rows = "".join(f"<li>{emphasised(line)}</li>" for line in (*came, *went))
        st.html(f'<h2 class="ex-section">Before and after</h2><div class="ex-body"><ul>{rows}</ul></div>')


def _reading(references: tuple[Reference, ...]) -> None:
    rows = "".join(f"<li>{_reference(each)}</li>" for each in references)
    st.html(f'<h2 class="ex-section">To read</h2><div class="ex-body"><ul>{rows}</ul></div>')


def _reference(reference: Reference) -> str:
    rest = ", ".join(part for part in (reference.venue, str(reference.year), reference.link) if part)
    return f"{escape(reference.authors)}: <i>{escape(reference.title)}</i>. {escape(rest)}"
