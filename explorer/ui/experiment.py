"""One experiment: the claim, a prediction, the runs, what they measured and what that does not show."""

from __future__ import annotations

import streamlit as st
from streamlit.components.v2 import component

from explorer.engine.errors import EngineError, UnknownExperiment
from explorer.engine.messages import Progress
from explorer.plots import experiment as plots
from explorer.plots.theme import CONFIG
from explorer.spec import Card, Experiment
from explorer.ui.frame import boundary
from explorer.ui.session import client, session
from explorer.ui.text import escape
from explorer.ui.theme import is_dark

POLL_SECONDS = 0.5
MORE_SEEDS = 10


def show(card: Card, experiment: Experiment) -> None:
    """Draw the experiment; while its runs go on, the part below the claim is drawn again twice a second."""
    st.html(
        f'<h2 class="ex-claim">“{escape(experiment.claim)}”</h2><p class="ex-small" style="margin:0">{escape(experiment.source)}</p>'  # noqa: E501
    )
    running = _progress(card, experiment)
    every = POLL_SECONDS if running is not None and not _over(running) else None
    st.fragment(_panel, run_every=every)(card, experiment, every is not None)


def _panel(card: Card, experiment: Experiment, polling: bool) -> None:
    with boundary():
        progress = _progress(card, experiment)
        if polling and (progress is None or _over(progress)):
            st.rerun()
        left, right = st.columns([1.75, 1], gap="large")
        with left:
            _figures(experiment, progress)
        with right:
            _prediction(card, experiment, progress)
            _measured(card, experiment, progress)


def _progress(card: Card, experiment: Experiment) -> Progress | None:
    known = session().experiments
    id = known.get((card.key, experiment.key))
    if id is None:
        return None
    try:
        return client().experiment_progress(id)
    except UnknownExperiment:  # the server was started again
        del known[card.key, experiment.key]
        return None


def _over(progress: Progress) -> bool:
    return progress.verdict is not None or bool(progress.message)


def _figures(experiment: Experiment, progress: Progress | None) -> None:
    theme = "dark" if is_dark() else "light"
    if progress is None or not progress.measured:
        runs = experiment.seeds * len(experiment.arms)
        st.html(
            f'<p class="ex-figure">{escape(plots.names(experiment.curve).capitalize())}</p><p class="ex-body">Not measured yet. '  # noqa: E501
            f"{runs} runs: {escape(', '.join(arm.label for arm in experiment.arms))}, each with {experiment.seeds} seeds, "  # noqa: E501
            f"{experiment.steps:,} steps at most. Say what you expect, then run it.</p>"
        )
        return
    key = f"{experiment.key}-{theme}"
    reading = plots.reading(experiment, progress.measured)
    st.html(f'<p class="ex-figure">{escape(plots.names(experiment.curve).capitalize())}</p>')
    st.plotly_chart(
        plots.curves(experiment, progress.measured, theme), theme=None, config=CONFIG, key=f"curves-{key}",
        alt=f"{plots.names(experiment.curve).capitalize()} over steps. {reading}",
    )  # fmt: skip
    st.html(
        f'<p class="ex-caption"><b>Lines</b> are means over seeds, smoothed ({plots.SMOOTHING}); the <b>shading</b> runs from '  # noqa: E501
        "the lowest seed to the highest.</p>"
        f'<p class="ex-figure">{escape(plots.names(experiment.figure).capitalize())} at the end, seed by seed</p>'
    )
    figure = plots.seeds(experiment, progress.measured, theme)
    st.plotly_chart(figure, theme=None, config=CONFIG, key=f"seeds-{key}", alt=reading)


def _prediction(card: Card, experiment: Experiment, progress: Progress | None) -> None:
    place = (card.key, experiment.key)
    st.html(
        f'<p class="ex-figure"><span class="ex-number">1</span>{"You said, before it ran" if progress else "Before it runs"}</p>'  # noqa: E501
    )
    chosen = session().predictions.get(place)
    predict = component("explorer.predict", css="predict.css", js="predict.js")
    said = predict(
        key=f"predict-{card.key}-{experiment.key}", on_chosen_change=lambda: None,
        data={
            "question": experiment.question, "options": list(experiment.options), "chosen": -1 if chosen is None else chosen,  # noqa: E501
            "locked": progress is not None, "right": -1 if progress is None or progress.right is None else progress.right,  # noqa: E501
        },
    )  # fmt: skip
    if (
        progress is None
        and isinstance(said.chosen, int)
        and 0 <= said.chosen < len(experiment.options)
        and said.chosen != chosen
    ):
        session().predictions[place] = said.chosen
        st.rerun(scope="app")


def _measured(card: Card, experiment: Experiment, progress: Progress | None) -> None:
    st.html('<p class="ex-figure" style="margin-top:10px"><span class="ex-number">2</span>What was measured</p>')
    if progress is None:
        _start_button(card, experiment)
    elif progress.message:
        st.warning(progress.message)
        _again(card, experiment)
    elif progress.verdict is None:
        st.progress(progress.done / max(1, progress.total), f"{progress.done} of {progress.total} runs done")
        if st.button("Cancel", key="cancel-experiment"):
            _cancel(card, experiment)
    else:
        _verdict(card, experiment, progress)


def _start_button(card: Card, experiment: Experiment) -> None:
    chosen = session().predictions.get((card.key, experiment.key))
    if chosen is None:
        st.caption("Choose what you expect first; then it can run.")
    if st.button("Run it", type="primary", disabled=chosen is None, key=f"run-{experiment.key}"):
        start(card, experiment, 0)


def start(card: Card, experiment: Experiment, seeds: int) -> None:
    """Start the experiment's runs (seeds 0: as many as it asks for) and draw the page anew."""
    try:
        session().experiments[card.key, experiment.key] = client().experiment(card.key, experiment.key, seeds)
    except EngineError as error:
        st.warning(str(error))
        return
    st.rerun(scope="app")


def _cancel(card: Card, experiment: Experiment) -> None:
    client().cancel_experiment(session().experiments.pop((card.key, experiment.key)))
    st.rerun(scope="app")


def _again(card: Card, experiment: Experiment) -> None:
    with st.container(horizontal=True):
        if st.button(f"Run it again, {MORE_SEEDS} seeds", type="primary", key=f"again-{experiment.key}"):
            start(card, experiment, MORE_SEEDS)
        if st.button("Predict anew", key=f"anew-{experiment.key}"):
            session().experiments.pop((card.key, experiment.key), None)
            session().predictions.pop((card.key, experiment.key), None)
            st.rerun(scope="app")


def _verdict(card: Card, experiment: Experiment, progress: Progress) -> None:
    assert progress.verdict is not None
    seeds = len({each.seed for each in progress.measured})
    small = "".join(f"<li>{escape(line)}</li>" for line in experiment.small_print)
    st.html(
        f'<p class="ex-small">{seeds} seeds, {experiment.steps:,} steps</p>'
        f'<h3 class="ex-verdict">{escape(progress.verdict.outcome.value)}</h3>'
        f'<p class="ex-body">{escape(progress.verdict.text)} {_was_right(card, experiment, progress)}</p>'
        f'<p class="ex-figure">Small print</p><div class="ex-body"><ul>{small}</ul></div>'
    )
    _again(card, experiment)


def _was_right(card: Card, experiment: Experiment, progress: Progress) -> str:
    chosen = session().predictions.get((card.key, experiment.key))
    if chosen is None or progress.right is None:
        return ""
    if chosen == progress.right:
        return "You were right."
    return f"You expected otherwise; measured was: {escape(experiment.options[progress.right])}"
