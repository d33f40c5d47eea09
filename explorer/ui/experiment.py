"""One experiment: the claim, a prediction, the runs, what they measured and what that does not show."""

from __future__ import annotations

import streamlit as st
from streamlit.components.v2 import component

from explorer.engine.errors import EngineError, UnknownExperiment
from explorer.engine.messages import Progress, RunState
from explorer.plots import experiment as plots
from explorer.plots.theme import CONFIG
from explorer.spec import Card, Experiment
from explorer.ui.frame import boundary
from explorer.ui.header import show_words
from explorer.ui.session import client, session
from explorer.ui.text import emphasised, escape
from explorer.ui.theme import is_dark

POLL_SECONDS = 0.5
MORE_SEEDS = 10


def show(card: Card, experiment: Experiment) -> None:
    """Draw the experiment; while its runs go on, the part below the claim is drawn again twice a second."""
    st.html(
        f'<h2 class="ex-claim">“{emphasised(experiment.claim)}”</h2>'
        f'<p class="ex-small" style="margin:0">{emphasised(experiment.source)}</p>'
    )
    running = _progress(card, experiment)
    every = POLL_SECONDS if running is not None and not _over(running) else None
    st.fragment(_panel, run_every=every)(card, experiment, every is not None)


def _panel(card: Card, experiment: Experiment, polling: bool) -> None:
    with boundary():
        progress = _progress(card, experiment)
        if polling and (progress is None or _over(progress)):
            st.rerun()
        _state(progress)
        left, right = st.columns([1.75, 1], gap="large")
        with left:
            _figures(card, experiment, progress)
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


def _state(progress: Progress | None) -> None:
    """Say in the page's pill how far the runs are."""
    if progress is None:
        return
    if progress.verdict is not None:
        show_words(RunState.FINISHED, f"finished · {progress.total} runs")
    elif progress.message:
        show_words(RunState.FAILED, f"stopped after {progress.done} of {progress.total} runs")
    else:
        show_words(RunState.LIVE, f"live · {progress.done} of {progress.total} runs done")


def _figures(card: Card, experiment: Experiment, progress: Progress | None) -> None:
    theme = "dark" if is_dark() else "light"
    found = progress.measured if progress else ()
    _heading(plots.names(experiment.curve).capitalize())
    key = f"{card.key}-{experiment.key}-{theme}"
    reading = plots.reading(experiment, found)
    lines = references(card, experiment)
    st.plotly_chart(
        plots.curves(experiment, found, theme, lines), theme=None, config=CONFIG, key=f"curves-{key}",
        alt=f"{plots.names(experiment.curve).capitalize()} over steps. {reading}",
    )  # fmt: skip
    if not found:
        st.html(f'<p class="ex-caption"><b>What will run:</b> {escape(to_run(experiment))}</p>')
        return
    st.html(
        f'<p class="ex-caption"><b>Lines</b> are means over seeds, smoothed ({plots.SMOOTHING}); '
        "the <b>shading</b> runs from the lowest seed to the highest.</p>"
    )
    _heading(f"{plots.names(experiment.figure).capitalize()} at the end, seed by seed")
    st.plotly_chart(
        plots.seeds(experiment, found, theme), theme=None, config=CONFIG, key=f"seeds-{key}", alt=reading
    )  # fmt: skip


def _heading(text: str, number: int = 0) -> None:
    before = f'<span class="ex-number">{number}</span>' if number else ""
    st.html(f'<p class="ex-figure">{before}{escape(text)}</p>')


def references(card: Card, experiment: Experiment) -> tuple[tuple[str, float], ...]:
    """Return the lines that all arms' tasks agree on for the curve drawn, e.g. ("guessing", 0.5)."""
    sets = [
        {(label, value) for metric, label, value in card.task(arm.task).references if metric == experiment.curve}
        for arm in experiment.arms
    ]
    return tuple(sorted(set.intersection(*sets)))


def to_run(experiment: Experiment) -> str:
    """Return in words what will be run."""
    arms = "; ".join(arm.label for arm in experiment.arms)
    runs = experiment.seeds * len(experiment.arms)
    return f"{arms}. Each with {experiment.seeds} seeds, {runs} runs of {experiment.steps:,} steps at most."


def _prediction(card: Card, experiment: Experiment, progress: Progress | None) -> None:
    place = (card.key, experiment.key)
    _heading("You said, before it ran" if progress else "Before it runs", 1)
    chosen = session().predictions.get(place)
    right = progress.right if progress else None
    data: dict[str, str | int | bool | list[str]] = {
        "question": experiment.question,
        "options": list(experiment.options),
        "chosen": -1 if chosen is None else chosen,
        "locked": progress is not None,
        "right": -1 if right is None else right,
    }
    predict = component("explorer.predict", css="predict.css", js="predict.js")
    said = predict(key=f"predict-{card.key}-{experiment.key}", on_chosen_change=lambda: None, data=data)
    if progress is None and predicted(experiment, said.chosen) and said.chosen != chosen:
        session().predictions[place] = said.chosen
        st.rerun(scope="app")


def predicted(experiment: Experiment, said: object) -> bool:
    """Return whether what the browser sent is the index of an option."""
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said < len(experiment.options)


def _measured(card: Card, experiment: Experiment, progress: Progress | None) -> None:
    _heading("What was measured" if progress else "What is measured", 2)
    if progress is None:
        _start_button(card, experiment)
    elif progress.message:
        st.warning(progress.message)
        _again(card, experiment)
    elif progress.verdict is None:
        st.progress(min(1.0, progress.share), so_far(progress))
        if st.button("Cancel", key=f"cancel-{experiment.key}"):
            _cancel(card, experiment)
    else:
        _verdict(card, experiment, progress)


def so_far(progress: Progress) -> str:
    """Return e.g. "3 of 10 runs done, 4 in training"."""
    training = f", {progress.running} in training" if progress.running else ""
    return f"{progress.done} of {progress.total} runs done{training}"


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
    small = "".join(f"<li>{emphasised(line)}</li>" for line in experiment.small_print)
    st.html(
        f'<p class="ex-small">{seeds} seeds, {experiment.steps:,} steps</p>'
        f'<h3 class="ex-verdict">{escape(progress.verdict.outcome.value)}</h3>'
        f'<p class="ex-body">{emphasised(progress.verdict.text)} {_was_right(card, experiment, progress)}</p>'
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
